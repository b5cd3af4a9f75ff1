"""Properties of the compiled templates, above all those that an emulator of AWS ignores."""

from typing import Any

import pytest

from infra import bundle
from tests.infra.stages import OPTIONS, PIN, STAGES, template
from tests.support.aws.templates import package

pytestmark = pytest.mark.node

FUNCTIONS = ("Simple", "Files", "SimpleOpen", "FilesOpen", "Sync")
Properties = dict[str, Any]


def properties(stage: str, logical: str) -> Properties:
    found: Properties = template(stage)["Resources"][logical]["Properties"]
    return found


def of_type(stage: str, kind: str) -> dict[str, Any]:
    return {name: each for name, each in template(stage)["Resources"].items() if each["Type"] == kind}


def function(stage: str, name: str) -> Properties:
    return properties(stage, f"{name}LambdaFunction")


@pytest.mark.parametrize("stage", STAGES)
def test_functions_run_on_arm_with_the_runtime_of_the_bundle(stage: str) -> None:
    assert set(of_type(stage, "AWS::Lambda::Function")) == {f"{name}LambdaFunction" for name in FUNCTIONS}
    for name in FUNCTIONS:
        found = function(stage, name)
        assert found["Architectures"] == ["arm64"]
        assert found["Runtime"] == f"python{bundle.PYTHON}"
        assert found["MemorySize"] == 1024
        assert found["LoggingConfig"]["LogFormat"] == "JSON"
        assert found["FunctionName"] == f"dipmp-{stage}-{name[0].lower()}{name[1:]}"


@pytest.mark.parametrize("stage", STAGES)
def test_timeouts_fit_into_each_other(stage: str) -> None:
    distribution = properties(stage, "Distribution")["DistributionConfig"]
    patience = distribution["Origins"][0]["CustomOriginConfig"]["OriginReadTimeout"]
    for name in FUNCTIONS[:4]:
        assert 10 < function(stage, name)["Timeout"] < patience <= 15  # the application, the function, CloudFront, pip
    assert function(stage, "Sync")["Timeout"] < 300


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_functions_code_differs_by_handler(stage: str) -> None:
    handlers = {name: function(stage, name)["Handler"] for name in FUNCTIONS}
    assert handlers["Simple"] == handlers["SimpleOpen"] == "functions/simple.handler"
    assert handlers["Files"] == handlers["FilesOpen"] == "functions/files.handler"
    assert handlers["Sync"] == "functions/sync.handler"


def reserved(stage: str) -> list[int | None]:
    return [function(stage, name).get("ReservedConcurrentExecutions") for name in FUNCTIONS]


def test_the_two_pools_are_reserved_where_the_stage_says_so() -> None:
    assert reserved("dev") == [None] * 5
    assert reserved("prod") == [40, 40, 10, 10, 1]
    assert reserved("everything") == [20, 20, 5, 5, 1]


def test_snapstart_is_for_pinned_registries_of_a_stage_that_wants_it() -> None:
    for stage in ("dev", "prod"):
        assert not [name for name in FUNCTIONS if "SnapStart" in function(stage, name)]
        assert of_type(stage, "AWS::Lambda::Version") == of_type(stage, "AWS::Lambda::Alias") == {}
    chosen = [name for name in FUNCTIONS if "SnapStart" in function("everything", name)]
    assert chosen == ["Simple", "Files"]
    assert function("everything", "Simple")["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert len(of_type("everything", "AWS::Lambda::Version")) == len(of_type("everything", "AWS::Lambda::Alias")) == 2


@pytest.mark.parametrize("stage", STAGES)
def test_no_value_of_the_environment_is_a_secret(stage: str) -> None:
    for name in FUNCTIONS:
        variables = function(stage, name)["Environment"]["Variables"]
        assert variables["ETH_GATEWAY"] == f"ssm:/dipmp/{stage}/eth-gateway"
        layers = function(stage, name)["Layers"]
        assert layers == [
            "arn:aws:lambda:eu-central-1:187925254637:layer:AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:11"
        ]


def test_the_layer_follows_region_architecture_and_the_stage() -> None:
    def layers(*params: str) -> list[str]:
        found: list[str] = package("dev", *params)["Resources"]["SimpleLambdaFunction"]["Properties"]["Layers"]
        return found

    name = "layer:AWS-Parameters-and-Secrets-Lambda-Extension:11"
    assert layers("region=us-east-1", "architecture=x86_64") == [f"arn:aws:lambda:us-east-1:177933569100:{name}"]
    own = "arn:aws:lambda:eu-central-1:123456789012:layer:mine:3"
    assert layers(f"secretsLayer={own}") == [own]
    with pytest.raises(RuntimeError, match="no layer for mx-central-1: set secretsLayer"):
        package("dev", "region=mx-central-1")


@pytest.mark.parametrize("stage", STAGES)
def test_the_table_is_kept_and_recoverable(stage: str) -> None:
    table = template(stage)["Resources"]["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    found = table["Properties"]
    assert found["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert found["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert found["SSESpecification"] == {"SSEEnabled": True}
    assert found["DeletionProtectionEnabled"] is True
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    keys = {key["KeyType"]: key["AttributeName"] for key in found["KeySchema"]}
    assert keys == {"HASH": "pk", "RANGE": "sk"}


@pytest.mark.parametrize("stage", STAGES)
def test_the_bucket_is_private_and_kept(stage: str) -> None:
    bucket = template(stage)["Resources"]["Bucket"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    found = bucket["Properties"]
    block = found["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert found["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in found["LifecycleConfiguration"]["Rules"]}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    assert rules["replaced-pages"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert rules["unfinished-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert not [rule for rule in rules.values() if "ExpirationInDays" in rule], "nothing that is current is deleted"


@pytest.mark.parametrize("stage", STAGES)
def test_the_deployment_bucket_is_private(stage: str) -> None:
    found = properties(stage, "ServerlessDeploymentBucket")
    assert all(found["PublicAccessBlockConfiguration"].values())
    assert len(found["PublicAccessBlockConfiguration"]) == 4
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    [rule] = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize(("stage", "rate", "burst", "days"), [("dev", 50, 100, 7), ("prod", 500, 1000, 30)])
def test_the_api_is_throttled_and_logged(stage: str, rate: int, burst: int, days: int) -> None:
    found = properties(stage, "HttpApiStage")
    assert found["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": rate,
        "ThrottlingBurstLimit": burst,
    }
    line = found["AccessLogSettings"]["Format"]
    assert '"request_id":"$context.requestId"' in line
    assert "querystring" not in line.lower()
    groups = of_type(stage, "AWS::Logs::LogGroup")
    assert len(groups) == 6
    assert {group["Properties"]["RetentionInDays"] for group in groups.values()} == {days}


@pytest.mark.parametrize(("stage", "state"), [("dev", "DISABLED"), ("prod", "DISABLED"), ("everything", "ENABLED")])
def test_sync_runs_where_something_is_pinned(stage: str, state: str) -> None:
    [rule] = of_type(stage, "AWS::Events::Rule").values()
    found = rule["Properties"]
    assert (found["State"], found["ScheduleExpression"]) == (state, "rate(5 minutes)")
    [target] = found["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["SyncLambdaFunction", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 1}
    assert found["Name"] == f"dipmp-{stage}-sync"


@pytest.mark.parametrize("stage", STAGES)
def test_a_failed_run_is_not_repeated_but_kept(stage: str) -> None:
    [invocation] = of_type(stage, "AWS::Lambda::EventInvokeConfig").values()
    assert invocation["Properties"]["MaximumRetryAttempts"] == 0
    assert function(stage, "Sync")["DeadLetterConfig"] == {"TargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    queue = properties(stage, "DeadLetters")
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("stage", STAGES)
def test_what_can_have_tags_has_them(stage: str) -> None:
    tagged = ("AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic")
    wanted = {"service": "dipmp", "stage": stage}
    for kind in (*tagged, "AWS::IAM::Role", "AWS::CloudFront::Distribution"):
        for name, each in of_type(stage, kind).items():
            tags = {tag["Key"]: tag["Value"] for tag in each["Properties"]["Tags"]}
            assert wanted.items() <= tags.items(), name
    for kind in ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"):
        for each in of_type(stage, kind).values():
            assert wanted.items() <= each["Properties"]["Tags"].items()


def test_options_are_the_stages_and_off_by_default() -> None:
    chosen = {
        "Pinned": "pinned",
        "DomainName": "domain",
        "CertificateArn": "certificate",
        "HostedZone": "hostedZone",
        "SecretsKeyArn": "secretsKey",
        "WebAclArn": "webAcl",
        "AlarmAddress": "alarmEmail",
        "DashboardWanted": "dashboard",
    }
    for stage in STAGES:
        parameters = template(stage)["Parameters"]
        assert set(parameters) - {"ServerlessDeploymentBucketName"} == set(chosen)
        for parameter, option in chosen.items():
            dashboard = "false" if stage == "dev" else "true"
            off = dashboard if option == "dashboard" else ""
            assert parameters[parameter]["Default"] == (OPTIONS[option] if stage == "everything" else off)


def test_a_chosen_value_reaches_the_functions() -> None:
    variables = function("everything", "Simple")["Environment"]["Variables"]
    assert variables["DIPMP_PINNED"] == PIN
    assert variables["DIPMP_DENYLIST"] == "denylists/example.deny"
    assert variables["HOST_URL"] == variables["DIPMP_PAGES_URL"] == "https://pkg.example.org"
    assert function("prod", "Simple")["Environment"]["Variables"]["DIPMP_CHAIN_ID"] == "8453"


def test_a_domain_needs_its_certificate() -> None:
    with pytest.raises(RuntimeError, match="needs the ARN of its certificate"):
        package("dev", "domain=pkg.example.org")
