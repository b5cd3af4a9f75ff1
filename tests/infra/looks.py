"""How each type of resource is seen through the API of its own service: one look per type, asserting what matters."""

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.deployment import Deployment, Seen, function_of
from tests.support.fakeaws import REGION

Look = Callable[[Deployment, Seen], None]
ACCOUNT = "123456789012"
HTTPS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}


def bucket(on: Deployment, seen: Seen) -> None:
    s3 = on.aws.client("s3")
    block = s3.get_public_access_block(Bucket=seen.physical)["PublicAccessBlockConfiguration"]
    assert all(block[name] for name in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls"))
    assert block["RestrictPublicBuckets"]
    assert s3.get_bucket_versioning(Bucket=seen.physical)["Status"] == "Enabled"


def bucket_policy(on: Deployment, seen: Seen) -> None:
    policy = json.loads(on.aws.client("s3").get_bucket_policy(Bucket=seen.physical)["Policy"])
    _refuses_without_tls(policy)


def _refuses_without_tls(policy: Mapping[str, Any]) -> None:
    conditions = [each.get("Condition") for each in policy["Statement"] if each["Effect"] == "Deny"]
    assert json.loads(json.dumps(conditions).replace(": false", ': "false"')) == [HTTPS_ONLY]


def log_group(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("logs").describe_log_groups(logGroupNamePrefix=seen.physical)["logGroups"]
    (group,) = [each for each in found if each["logGroupName"] == seen.physical]
    assert group["retentionInDays"] == seen.properties["RetentionInDays"]


def function(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("lambda")
    found = client.get_function_configuration(FunctionName=seen.physical)
    assert (found["Runtime"], found["Architectures"]) == ("python3.13", ["arm64"])
    assert found["Handler"] in ("functions/simple.handler", "functions/files.handler", "functions/sync.handler")
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert found["Layers"][0]["Arn"].split(":layer:")[1].startswith("AWS-Parameters-and-Secrets-Lambda-Extension-Arm64")
    outputs, told = on.outputs(), found["Environment"]["Variables"]
    assert (told["DIPMP_TABLE"], told["DIPMP_BUCKET"]) == (outputs["TableName"], outputs["BucketName"])
    assert found["CodeSize"] > 100_000, "there is an artifact"
    reserved = client.get_function_concurrency(FunctionName=seen.physical).get("ReservedConcurrentExecutions")
    assert reserved == seen.properties.get("ReservedConcurrentExecutions")


def permission(on: Deployment, seen: Seen) -> None:
    allowed = {each["Principal"]["Service"] for each in _permissions(on)}
    assert seen.properties["Principal"] in allowed


def _permissions(on: Deployment) -> Iterator[Mapping[str, Any]]:
    client = on.aws.client("lambda")
    for name, resource in on.resources().items():
        if resource.type == "AWS::Lambda::Function":
            assert name.endswith("LambdaFunction")
            yield from json.loads(client.get_policy(FunctionName=resource.physical)["Policy"])["Statement"]


def version(on: Deployment, seen: Seen) -> None:
    name, number = seen.physical.split(":")[-2:]
    versions = on.aws.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    assert number in {each["Version"] for each in versions}


def alias(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("lambda").get_alias(FunctionName=function_of(seen.physical), Name="snapstart")
    assert found["FunctionVersion"] == "1"


def invoke_config(on: Deployment, seen: Seen) -> None:
    assert seen.logical.startswith("Sync")
    found = on.aws.client("lambda").get_function_event_invoke_config(FunctionName=f"{on.stack}-sync")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (0, 300)


def rule(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("events")
    found = client.describe_rule(Name=seen.physical)
    assert (found["ScheduleExpression"], found["State"]) == ("rate(5 minutes)", "ENABLED")
    (target,) = client.list_targets_by_rule(Rule=seen.physical)["Targets"]
    assert function_of(target["Arn"]) == f"{on.stack}-sync"
    assert target["DeadLetterConfig"]["Arn"].startswith(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{on.stack}-DeadLetters")


def api(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("apigatewayv2").get_api(ApiId=seen.physical)
    assert (found["Name"], found["ProtocolType"]) == (f"{on.stage}-dipmp", "HTTP")


def stage(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("apigatewayv2").get_stage(ApiId=on.outputs()["HttpApiId"], StageName=seen.physical)
    assert found["DefaultRouteSettings"]["ThrottlingRateLimit"] == 50
    assert found["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 100
    assert f":log-group:/aws/http-api/{on.stack}" in found["AccessLogSettings"]["DestinationArn"]


def integration(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("apigatewayv2")
    found = client.get_integration(ApiId=on.outputs()["HttpApiId"], IntegrationId=seen.physical)
    assert (found["IntegrationType"], found["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert function_of(found["IntegrationUri"]).startswith(on.stack)
    assert found["IntegrationUri"].endswith(":snapstart") == (
        seen.logical in ("HttpApiIntegrationSimple", "HttpApiIntegrationFiles")
    )


def route(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("apigatewayv2").get_route(ApiId=on.outputs()["HttpApiId"], RouteId=seen.physical)
    assert found["RouteKey"] == seen.properties["RouteKey"]


def table(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("dynamodb")
    found = client.describe_table(TableName=seen.physical)["Table"]
    assert [key["AttributeName"] for key in found["KeySchema"]] == ["pk", "sk"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"]
    ttl = client.describe_time_to_live(TableName=seen.physical)["TimeToLiveDescription"]
    assert ttl == {"AttributeName": "expires", "TimeToLiveStatus": "ENABLED"}
    backups = client.describe_continuous_backups(TableName=seen.physical)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def role(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("iam")
    trust = client.get_role(RoleName=seen.physical)["Role"]["AssumeRolePolicyDocument"]
    assert "lambda.amazonaws.com" in str(trust)
    (name,) = client.list_role_policies(RoleName=seen.physical)["PolicyNames"]
    document = client.get_role_policy(RoleName=seen.physical, PolicyName=name)["PolicyDocument"]
    # moto answers with a dict's repr.
    policy = ast.literal_eval(document) if isinstance(document, str) else document
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        assert statement["Resource"] != "*"


def edge_function(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("cloudfront")
    found = client.describe_function(Name=seen.physical)["FunctionSummary"]
    assert found["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert b"function handler" in client.get_function(Name=seen.physical)["FunctionCode"].read()


def cache_policy(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("cloudfront").get_cache_policy(Id=seen.physical)["CachePolicy"]["CachePolicyConfig"]
    key = found["ParametersInCacheKeyAndForwardedToOrigin"]
    headers = key["HeadersConfig"].get("Headers", {}).get("Items", [])
    expected = (["Accept"], True) if seen.logical == "AppCachePolicy" else ([], False)
    assert (headers, key["EnableAcceptEncodingGzip"]) == expected


def headers_policy(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("cloudfront").get_response_headers_policy(Id=seen.physical)["ResponseHeadersPolicy"]
    security = found["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000


def access_control(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("cloudfront").get_origin_access_control(Id=seen.physical)["OriginAccessControl"]
    config = found["OriginAccessControlConfig"]
    assert (config["SigningBehavior"], config["OriginAccessControlOriginType"]) == ("always", "s3")


def distribution(on: Deployment, seen: Seen) -> None:
    client, resources = on.aws.client("cloudfront"), on.resources()
    config = client.get_distribution(Id=seen.physical)["Distribution"]["DistributionConfig"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["Aliases"]["Items"] == ["pkg.example.org"]
    behavior = config["DefaultCacheBehavior"]
    assert behavior["CachePolicyId"] == resources["AppCachePolicy"].physical
    (association,) = behavior["FunctionAssociations"]["Items"]
    assert association["FunctionARN"].endswith(f":function/{resources['AcceptFunction'].physical}")
    (pages,) = config["CacheBehaviors"]["Items"]
    assert pages["PathPattern"] in ("pages/*", "/pages/*")
    origins = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
    assert origins[pages["TargetOriginId"]]["OriginAccessControlId"] == resources["PagesAccess"].physical
    app = origins[behavior["TargetOriginId"]]
    assert app["DomainName"] == f"{on.outputs()['HttpApiId']}.execute-api.{REGION}.amazonaws.com"
    assert app["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def record_set(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("route53")
    (zone,) = client.list_hosted_zones()["HostedZones"]
    records = client.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    (record,) = [each for each in records if each["Type"] == seen.properties["Type"]]
    name = on.aws.client("cloudfront").get_distribution(Id=on.outputs()["DistributionId"])["Distribution"]["DomainName"]
    assert record["AliasTarget"]["DNSName"].rstrip(".") == name


def topic(on: Deployment, seen: Seen) -> None:
    attributes = on.aws.client("sns").get_topic_attributes(TopicArn=seen.physical)["Attributes"]
    assert attributes["DisplayName"] == f"dipmp {on.stage}"


def topic_policy(on: Deployment, seen: Seen) -> None:
    attributes = on.aws.client("sns").get_topic_attributes(TopicArn=seen.physical)["Attributes"]
    policy = json.loads(attributes["Policy"])
    _refuses_without_tls(policy)
    assert {"Service": "cloudwatch.amazonaws.com"} in [each["Principal"] for each in policy["Statement"]]


def subscription(on: Deployment, seen: Seen) -> None:
    found = on.aws.client("sns").get_subscription_attributes(SubscriptionArn=seen.physical)["Attributes"]
    assert (found["Protocol"], found["Endpoint"]) == ("email", "operator@example.org")


def queue(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("sqs")
    found = client.get_queue_attributes(QueueUrl=seen.physical, AttributeNames=["All"])["Attributes"]
    assert found["MessageRetentionPeriod"] == "1209600"


def queue_policy(on: Deployment, seen: Seen) -> None:
    client = on.aws.client("sqs")
    found = client.get_queue_attributes(QueueUrl=seen.physical, AttributeNames=["Policy"])["Attributes"]
    policy = json.loads(found["Policy"])
    _refuses_without_tls(policy)
    assert {"Service": "events.amazonaws.com"} in [each["Principal"] for each in policy["Statement"]]


def alarm(on: Deployment, seen: Seen) -> None:
    (found,) = on.aws.client("cloudwatch").describe_alarms(AlarmNames=[seen.physical])["MetricAlarms"]
    assert found["AlarmActions"] == [on.outputs()["AlarmTopicArn"]]
    assert found["TreatMissingData"] == ("breaching" if "SyncMissing" in seen.logical else "notBreaching")


def dashboard(on: Deployment, seen: Seen) -> None:
    body = json.loads(on.aws.client("cloudwatch").get_dashboard(DashboardName=seen.physical)["DashboardBody"])
    assert len(body["widgets"]) >= 2


LOOKS: Mapping[str, Look] = {
    "AWS::ApiGatewayV2::Api": api,
    "AWS::ApiGatewayV2::Integration": integration,
    "AWS::ApiGatewayV2::Route": route,
    "AWS::ApiGatewayV2::Stage": stage,
    "AWS::CloudFront::CachePolicy": cache_policy,
    "AWS::CloudFront::Distribution": distribution,
    "AWS::CloudFront::Function": edge_function,
    "AWS::CloudFront::OriginAccessControl": access_control,
    "AWS::CloudFront::ResponseHeadersPolicy": headers_policy,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::Events::Rule": rule,
    "AWS::IAM::Role": role,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::EventInvokeConfig": invoke_config,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::Version": version,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Route53::RecordSet": record_set,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
}
