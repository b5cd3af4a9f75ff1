"""Every type that moto_cloudformation adds to moto: made, seen through its own service's API, changed and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from tests.support.aws.loopback import Aws, running_aws
from tests.support.aws.moto_cloudformation.kinds import KINDS

TEMPLATE = Path(__file__).with_name("every_kind.yml")
STACK = "every-kind"
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


def _ids(aws: Aws) -> dict[str, str]:
    resources = aws.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def test_a_stack_of_every_kind_is_made_changed_and_deleted(aws: Aws) -> None:
    template = yaml.safe_load(TEMPLATE.read_text())
    assert {kind.type for kind in KINDS} <= {each["Type"] for each in template["Resources"].values()}
    stacks = aws.client("cloudformation")
    stacks.validate_template(TemplateBody=TEMPLATE.read_text())
    stacks.create_stack(StackName=STACK, TemplateBody=TEMPLATE.read_text())
    made = _ids(aws)
    assert made.keys() == template["Resources"].keys()
    _is_seen(aws, made, seconds=30)

    changed = [{"ParameterKey": "Seconds", "ParameterValue": "20"}]
    stacks.update_stack(StackName=STACK, TemplateBody=TEMPLATE.read_text(), Parameters=changed)
    assert _ids(aws) == made, "resources that the API can change are not replaced"
    _is_seen(aws, made, seconds=20)

    stacks.delete_stack(StackName=STACK)
    _is_gone(aws, made)


def _is_seen(aws: Aws, ids: dict[str, str], *, seconds: int) -> None:
    api = aws.client("apigatewayv2")
    (integration,) = api.get_integrations(ApiId=ids["Api"])["Items"]
    assert integration["TimeoutInMillis"] == seconds * 1000
    (route,) = api.get_routes(ApiId=ids["Api"])["Items"]
    assert route["Target"] == f"integrations/{ids['Integration']}"
    (alarm,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"]
    assert (alarm["Period"], alarm["AlarmActions"]) == (seconds, [ids["Topic"]])
    _distribution_is_whole(aws, ids, seconds)
    policy = aws.client("sqs").get_queue_attributes(QueueUrl=ids["Queue"], AttributeNames=["Policy"])["Attributes"]
    assert "sqs:SendMessage" in policy["Policy"]
    alias = aws.client("lambda").get_alias(FunctionName=ids["Function"], Name="snapstart")
    assert (alias["FunctionVersion"], alias["AliasArn"]) == ("1", ids["Alias"])


def _distribution_is_whole(aws: Aws, ids: dict[str, str], seconds: int) -> None:
    cloudfront = aws.client("cloudfront")
    config: dict[str, Any] = cloudfront.get_distribution(Id=ids["Distribution"])["Distribution"]["DistributionConfig"]
    origin, bucket = config["Origins"]["Items"]
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == seconds
    assert bucket["OriginAccessControlId"] == ids["AccessControl"]
    behavior = config["DefaultCacheBehavior"]
    assert behavior["AllowedMethods"]["CachedMethods"]["Items"] == ["GET", "HEAD"]
    assert behavior["FunctionAssociations"]["Items"][0]["FunctionARN"].endswith(f":function/{ids['EdgeFunction']}")
    cache = cloudfront.get_cache_policy(Id=behavior["CachePolicyId"])["CachePolicy"]["CachePolicyConfig"]
    headers = cache["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]
    assert headers == {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 1, "Items": ["Accept"]}}


def _is_gone(aws: Aws, ids: dict[str, str]) -> None:
    assert aws.client("apigatewayv2").get_apis()["Items"] == []
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    cloudfront = aws.client("cloudfront")
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0
    with pytest.raises(ClientError, match="NoSuchCachePolicy"):
        cloudfront.get_cache_policy(Id=ids["Cache"])
    buckets = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert buckets == [ids["Bucket"]], "what is retained stays"


def test_a_property_that_the_service_does_not_know_fails_the_stack(aws: Aws) -> None:
    template = yaml.safe_load(TEMPLATE.read_text())
    wrong = {"Type": "AWS::CloudWatch::Alarm", "Properties": template["Resources"]["Alarm"]["Properties"]}
    wrong["Properties"] |= {"AlarmActions": [], "Period": 60, "Treshold": 1}
    with pytest.raises(ClientError, match="Treshold"):
        aws.client("cloudformation").create_stack(
            StackName="wrong", TemplateBody=yaml.safe_dump({"Resources": {"Alarm": wrong}})
        )


def test_only_errors_of_a_template_are_refused(aws: Aws) -> None:
    stacks = aws.client("cloudformation")
    warned = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Parameters": {"Unused": {"Type": "String"}}}
    stacks.validate_template(TemplateBody=yaml.safe_dump(warned))
    wrong = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Name": "x"}}}}
    with pytest.raises(ClientError, match="Name"):
        stacks.validate_template(TemplateBody=yaml.safe_dump(wrong))
