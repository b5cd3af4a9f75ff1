"""CloudFormation types that moto lacks and the deployment uses, one row each."""

from collections.abc import Mapping
from dataclasses import replace

from tests.support.aws.moto_cloudformation import arguments as to
from tests.support.aws.moto_cloudformation.resource import Kind, ToArguments, as_they_are

OF_API = {"ApiId": "ApiId"}
OF_CLOUDFRONT = {"Id": "Id", "IfMatch": "ETag"}
OF_ID = {"Id": "Id"}
DISTRIBUTION = {"Id": "Id", "DomainName": "DomainName"}


def _api(name: str, noun: str, keys: Mapping[str, str], *attributes: str) -> Kind:
    return Kind(
        type=f"AWS::ApiGatewayV2::{name}",
        service="apigatewayv2",
        create=f"create_{noun}",
        update=f"update_{noun}",
        delete=f"delete_{noun}",
        keys=keys,
        attributes={each: each for each in attributes},
    )


def _cloudfront(
    name: str, noun: str, attributes: Mapping[str, str] = OF_ID, arguments: ToArguments = as_they_are
) -> Kind:
    return Kind(
        type=f"AWS::CloudFront::{name}",
        service="cloudfront",
        create=f"create_{noun}",
        update=f"update_{noun}",
        delete=f"delete_{noun}",
        keys=OF_CLOUDFRONT,
        attributes=attributes,
        arguments=arguments,
    )


KINDS = (
    _api("Api", "api", OF_API, "ApiId", "ApiEndpoint"),
    _api("Integration", "integration", OF_API | {"IntegrationId": "IntegrationId"}),
    _api("Route", "route", OF_API | {"RouteId": "RouteId"}),
    # moto cannot change a stage, so it is replaced.
    replace(_api("Stage", "stage", OF_API | {"StageName": "StageName"}), update=""),
    _cloudfront("Distribution", "distribution", DISTRIBUTION, to.distribution),
    _cloudfront("CachePolicy", "cache_policy"),
    _cloudfront("OriginRequestPolicy", "origin_request_policy"),
    _cloudfront("ResponseHeadersPolicy", "response_headers_policy"),
    _cloudfront("OriginAccessControl", "origin_access_control"),
    Kind(
        type="AWS::CloudFront::Function",
        service="cloudfront",
        create="create_function",
        delete="delete_function",
        keys={"Name": "Name", "IfMatch": "ETag"},
        name="Name",
        attributes={"FunctionARN": "FunctionARN"},
        arguments=to.function,
    ),
    Kind(
        type="AWS::CloudWatch::Alarm",
        service="cloudwatch",
        create="put_metric_alarm",
        update="put_metric_alarm",
        delete="delete_alarms",
        keys={"AlarmNames": "AlarmName"},
        name="AlarmName",
        attributes={"Arn": "AlarmArn"},
    ),
    Kind(
        type="AWS::Lambda::Alias",
        service="lambda",
        create="create_alias",
        update="update_alias",
        delete="delete_alias",
        keys={"FunctionName": "FunctionName", "Name": "Name"},
        ref="AliasArn",
    ),
    Kind(
        type="AWS::Lambda::EventInvokeConfig",
        service="lambda",
        create="put_function_event_invoke_config",
        update="put_function_event_invoke_config",
        delete="delete_function_event_invoke_config",
        keys={"FunctionName": "FunctionName", "Qualifier": "Qualifier"},
    ),
    Kind(
        type="AWS::Scheduler::Schedule",
        service="scheduler",
        create="create_schedule",
        update="update_schedule",
        delete="delete_schedule",
        keys={"Name": "Name"},
        name="Name",
        attributes={"Arn": "ScheduleArn"},
    ),
    Kind(
        type="AWS::Logs::MetricFilter",
        service="logs",
        create="put_metric_filter",
        update="put_metric_filter",
        delete="delete_metric_filter",
        keys={"logGroupName": "LogGroupName", "filterName": "FilterName"},
        arguments=to.metric_filter,
    ),
    Kind(
        type="AWS::S3::BucketPolicy",
        service="s3",
        create="put_bucket_policy",
        update="put_bucket_policy",
        delete="delete_bucket_policy",
        keys={"Bucket": "Bucket"},
        arguments=to.bucket_policy,
    ),
    Kind(
        type="AWS::SNS::Subscription",
        service="sns",
        create="subscribe",
        delete="unsubscribe",
        keys={"SubscriptionArn": "SubscriptionArn"},
    ),
    Kind(
        type="AWS::SNS::TopicPolicy",
        service="sns",
        create="set_topic_attributes",
        update="set_topic_attributes",
        keys={"TopicArn": "TopicArn"},
        arguments=to.topic_policy,
    ),
    Kind(
        type="AWS::SQS::QueuePolicy",
        service="sqs",
        create="set_queue_attributes",
        update="set_queue_attributes",
        keys={"QueueUrl": "QueueUrl"},
        arguments=to.queue_policy,
    ),
)
