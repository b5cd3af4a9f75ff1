"""Checks of bucket, table, log groups and roles."""

import ast
import json

from tests.infra.resource_checks.policies import refuses_without_tls
from tests.support.aws.deployment import DeployedResource, Deployment


def bucket(on: Deployment, seen: DeployedResource) -> None:
    s3 = on.aws.client("s3")
    block = s3.get_public_access_block(Bucket=seen.physical)["PublicAccessBlockConfiguration"]
    assert all(block[name] for name in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls"))
    assert block["RestrictPublicBuckets"]
    assert s3.get_bucket_versioning(Bucket=seen.physical)["Status"] == "Enabled"


def bucket_policy(on: Deployment, seen: DeployedResource) -> None:
    policy = json.loads(on.aws.client("s3").get_bucket_policy(Bucket=seen.physical)["Policy"])
    refuses_without_tls(policy)


def table(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("dynamodb")
    found = client.describe_table(TableName=seen.physical)["Table"]
    assert [key["AttributeName"] for key in found["KeySchema"]] == ["pk", "sk"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"]
    ttl = client.describe_time_to_live(TableName=seen.physical)["TimeToLiveDescription"]
    assert ttl == {"AttributeName": "expires", "TimeToLiveStatus": "ENABLED"}
    backups = client.describe_continuous_backups(TableName=seen.physical)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def log_group(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("logs").describe_log_groups(logGroupNamePrefix=seen.physical)["logGroups"]
    (group,) = [each for each in found if each["logGroupName"] == seen.physical]
    assert group["retentionInDays"] == seen.properties["RetentionInDays"]


def role(on: Deployment, seen: DeployedResource) -> None:
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
