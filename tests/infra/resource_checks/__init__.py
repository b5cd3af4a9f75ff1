"""A check for each type of deployed resource, through the API of its own service."""

from collections.abc import Callable, Mapping

from tests.infra.resource_checks import alarms, functions, http, storage
from tests.support.aws.deployment import DeployedResource, Deployment

Check = Callable[[Deployment, DeployedResource], None]

CHECKS: Mapping[str, Check] = {
    "AWS::ApiGatewayV2::Api": http.api,
    "AWS::ApiGatewayV2::Integration": http.integration,
    "AWS::ApiGatewayV2::Route": http.route,
    "AWS::ApiGatewayV2::Stage": http.stage,
    "AWS::CloudFront::CachePolicy": http.cache_policy,
    "AWS::CloudFront::Distribution": http.distribution,
    "AWS::CloudFront::Function": http.edge_function,
    "AWS::CloudFront::OriginAccessControl": http.access_control,
    "AWS::CloudFront::ResponseHeadersPolicy": http.headers_policy,
    "AWS::CloudWatch::Alarm": alarms.alarm,
    "AWS::CloudWatch::Dashboard": alarms.dashboard,
    "AWS::DynamoDB::Table": storage.table,
    "AWS::Events::Rule": functions.rule,
    "AWS::IAM::Role": storage.role,
    "AWS::Lambda::Alias": functions.alias,
    "AWS::Lambda::EventInvokeConfig": functions.invoke_config,
    "AWS::Lambda::Function": functions.function,
    "AWS::Lambda::Permission": functions.permission,
    "AWS::Lambda::Version": functions.version,
    "AWS::Logs::LogGroup": storage.log_group,
    "AWS::Route53::RecordSet": http.record_set,
    "AWS::S3::Bucket": storage.bucket,
    "AWS::S3::BucketPolicy": storage.bucket_policy,
    "AWS::SNS::Subscription": alarms.subscription,
    "AWS::SNS::Topic": alarms.topic,
    "AWS::SNS::TopicPolicy": alarms.topic_policy,
    "AWS::SQS::Queue": alarms.queue,
    "AWS::SQS::QueuePolicy": alarms.queue_policy,
}
