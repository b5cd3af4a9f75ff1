"""The roles' permissions, action by action and resource by resource."""

from typing import Any

import pytest

from tests.infra.policies import every, grants, statements, text
from tests.infra.stages import OPTIONS, STAGES, template
from tests.support.aws.templates import package

pytestmark = pytest.mark.node

FUNCTIONS = ("simple", "files", "simpleOpen", "filesOpen", "sync")


def role(function: str) -> str:
    return f"{function[0].upper()}{function[1:]}Role"


def own(stage: str, function: str) -> set[tuple[str, str]]:
    """Return what every function may: write to its log, read the secret, and use the secret's key if there is one."""
    group = f"arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/dipmp-{stage}-{function}:*"
    secret = f"arn:aws:ssm:REGION:ACCOUNT:parameter/dipmp/{stage}/eth-gateway"
    return {
        ("logs:CreateLogStream", group),
        ("logs:PutLogEvents", group),
        ("ssm:GetParameter", secret),
        ("kms:Decrypt", "SecretsKeyArn"),
    }


SERVES = {("dynamodb:GetItem", "Table.Arn"), ("dynamodb:Query", "Table.Arn"), ("s3:ListBucket", "Bucket.Arn")}
PAGES = {("s3:GetObject", "${Bucket.Arn}/pages/*")}
METADATA = {("s3:GetObject", "${Bucket.Arn}/metadata/*")}
KEEPS = {
    ("dynamodb:PutItem", "Table.Arn"),
    ("dynamodb:UpdateItem", "Table.Arn"),
    ("s3:PutObject", "${Bucket.Arn}/pages/*"),
    ("s3:PutObject", "${Bucket.Arn}/metadata/*"),
    ("sqs:SendMessage", "DeadLetters.Arn"),
}
ALLOWED = {
    "simple": SERVES | PAGES,
    "simpleOpen": SERVES | PAGES,
    "files": SERVES | METADATA,
    "filesOpen": SERVES | METADATA,
    "sync": SERVES | PAGES | METADATA | KEEPS,
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_a_function_may_do_what_it_does_and_nothing_else(stage: str, function: str) -> None:
    assert grants(template(stage), role(function)) == ALLOWED[function] | own(stage, function)


@pytest.mark.parametrize("stage", STAGES)
def test_every_function_has_its_role_and_there_is_no_other(stage: str) -> None:
    resources = template(stage)["Resources"]
    roles = {name for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}
    assert roles == {role(function) for function in FUNCTIONS}
    for function in FUNCTIONS:
        logical = f"{function[0].upper()}{function[1:]}LambdaFunction"
        assert resources[logical]["Properties"]["Role"] == {"Fn::GetAtt": [role(function), "Arn"]}
    assert not {each["Type"] for each in resources.values()} & {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}


@pytest.mark.parametrize("stage", STAGES)
def test_roles_are_taken_by_lambda_alone(stage: str) -> None:
    for function in FUNCTIONS:
        document = template(stage)["Resources"][role(function)]["Properties"]["AssumeRolePolicyDocument"]
        principal = {"Service": "lambda.amazonaws.com"}
        assert document["Statement"] == [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]


@pytest.mark.parametrize("stage", STAGES)
def test_no_action_and_no_resource_is_a_wildcard(stage: str) -> None:
    for function in FUNCTIONS:
        for action, resource in grants(template(stage), role(function)):
            assert "*" not in action
            assert resource != "*"
            assert "*" not in resource.removesuffix(":*").removesuffix("/*")


def test_the_secrets_key_is_used_for_parameters_only() -> None:
    for function in FUNCTIONS:
        [key] = [each for each in statements(template("everything"), role(function)) if each["Action"] == "kms:Decrypt"]
        assert key["Condition"] == {
            "StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.${AWS::URLSuffix}"}}
        }
    parameter = template("everything")["Parameters"]["SecretsKeyArn"]
    assert parameter["Default"] == OPTIONS["secretsKey"]


def test_secrets_are_what_the_stage_names() -> None:
    listed = package("dev", "ethGateway=https://rpc.example,ssm:/mine/rpc,ssm:/mine/rpc")
    read = {resource for action, resource in grants(listed, "SimpleRole") if action == "ssm:GetParameter"}
    assert read == {"arn:aws:ssm:REGION:ACCOUNT:parameter/mine/rpc"}
    plain = package("dev", "ethGateway=https://rpc.example")
    assert "ssm:GetParameter" not in {action for action, _ in grants(plain, "SimpleRole")}
    assert plain["Resources"]["SimpleLambdaFunction"]["Properties"].get("Layers", []) == []


@pytest.mark.parametrize("wrong", ["ssm:rpc", "ssm:/*", "ssm:/a b", "ssm:"])
def test_what_is_no_parameter_is_refused(wrong: str) -> None:
    with pytest.raises(RuntimeError, match="is not ssm:/ and a parameter's name"):
        package("dev", f"ethGateway={wrong}")


def policy(resource: str) -> dict[str, dict[str, Any]]:
    found = template("prod")["Resources"][resource]["Properties"]["PolicyDocument"]["Statement"]
    return {each["Sid"]: each for each in found}


@pytest.mark.parametrize(
    ("resource", "action", "covers"),
    [
        ("BucketPolicy", "s3:*", ["Bucket.Arn", "${Bucket.Arn}/*"]),
        ("AlarmTopicPolicy", "sns:Publish", ["AlarmTopic"]),
        ("DeadLettersPolicy", "sqs:*", ["DeadLetters.Arn"]),
    ],
)
def test_nothing_goes_without_tls(resource: str, action: str, covers: list[str]) -> None:
    found = policy(resource)["OnlyOverTls"]
    assert (found["Effect"], found["Principal"], found["Action"]) == ("Deny", "*", action)
    assert [text(each) for each in every(found["Resource"])] == covers
    assert found["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("resource", "sid", "service", "action", "covers", "operator", "key", "source"),
    [
        (
            "BucketPolicy",
            "PagesThroughCloudFront",
            "cloudfront.amazonaws.com",
            "s3:GetObject",
            "${Bucket.Arn}/pages/*",
            "StringEquals",
            "AWS:SourceArn",
            "arn:aws:cloudfront::ACCOUNT:distribution/${Distribution}",
        ),
        (
            "AlarmTopicPolicy",
            "AlarmsOfThisAccount",
            "cloudwatch.amazonaws.com",
            "sns:Publish",
            "AlarmTopic",
            "StringEquals",
            "aws:SourceAccount",
            "AWS::AccountId",
        ),
        (
            "DeadLettersPolicy",
            "EventsThatReachNobody",
            "events.amazonaws.com",
            "sqs:SendMessage",
            "DeadLetters.Arn",
            "ArnEquals",
            "aws:SourceArn",
            "arn:aws:events:REGION:ACCOUNT:rule/dipmp-prod-sync",
        ),
    ],
)
def test_services_reach_what_they_need_and_only_ours_do(
    resource: str, sid: str, service: str, action: str, covers: str, operator: str, key: str, source: str
) -> None:
    statements_ = policy(resource)
    assert set(statements_) == {sid, "OnlyOverTls"}
    found = statements_[sid]
    assert (found["Effect"], found["Principal"], found["Action"]) == ("Allow", {"Service": service}, action)
    assert text(found["Resource"]) == covers
    assert {name: {key: text(value) for key, value in each.items()} for name, each in found["Condition"].items()} == {
        operator: {key: source}
    }


@pytest.mark.parametrize("stage", STAGES)
def test_functions_are_invoked_by_the_api_and_the_schedule_alone(stage: str) -> None:
    for name, each in template(stage)["Resources"].items():
        if each["Type"] == "AWS::Lambda::Permission":
            properties = each["Properties"]
            assert properties["Action"] == "lambda:InvokeFunction", name
            assert properties["Principal"] in ("apigateway.amazonaws.com", "events.amazonaws.com"), name
            assert "SourceArn" in properties, name
