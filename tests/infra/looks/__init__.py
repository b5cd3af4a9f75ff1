"""How each type of resource is seen through the API of its own service: one look per type, asserting what matters."""

from collections.abc import Callable, Mapping

from tests.infra.looks import keeping, running, serving, telling
from tests.support.aws.deployment import Deployment, Seen

Look = Callable[[Deployment, Seen], None]

LOOKS: Mapping[str, Look] = {
    "AWS::ApiGatewayV2::Api": serving.api,
    "AWS::ApiGatewayV2::Integration": serving.integration,
    "AWS::ApiGatewayV2::Route": serving.route,
    "AWS::ApiGatewayV2::Stage": serving.stage,
    "AWS::CloudFront::CachePolicy": serving.cache_policy,
    "AWS::CloudFront::Distribution": serving.distribution,
    "AWS::CloudFront::Function": serving.edge_function,
    "AWS::CloudFront::OriginAccessControl": serving.access_control,
    "AWS::CloudFront::ResponseHeadersPolicy": serving.headers_policy,
    "AWS::CloudWatch::Alarm": telling.alarm,
    "AWS::CloudWatch::Dashboard": telling.dashboard,
    "AWS::DynamoDB::Table": keeping.table,
    "AWS::Events::Rule": running.rule,
    "AWS::IAM::Role": keeping.role,
    "AWS::Lambda::Alias": running.alias,
    "AWS::Lambda::EventInvokeConfig": running.invoke_config,
    "AWS::Lambda::Function": running.function,
    "AWS::Lambda::Permission": running.permission,
    "AWS::Lambda::Version": running.version,
    "AWS::Logs::LogGroup": keeping.log_group,
    "AWS::Route53::RecordSet": serving.record_set,
    "AWS::S3::Bucket": keeping.bucket,
    "AWS::S3::BucketPolicy": keeping.bucket_policy,
    "AWS::SNS::Subscription": telling.subscription,
    "AWS::SNS::Topic": telling.topic,
    "AWS::SNS::TopicPolicy": telling.topic_policy,
    "AWS::SQS::Queue": telling.queue,
    "AWS::SQS::QueuePolicy": telling.queue_policy,
}
