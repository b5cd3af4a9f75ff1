"""Costs of deployments: the arithmetic, the facts of a template, and no stage above its ceiling."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.billing.bill import idle, requests
from infra.billing.conditions import made
from infra.billing.facts import Facts, read_facts
from infra.billing.prices import TABLE, parse_prices, read_prices
from infra.billing.report import Stage, page
from infra.billing.usage import VOLUMES, Assumptions, Volume
from infra.billing.worst import worst_day
from infra.costs import main, objections, open_stage, read_ceiling
from tests.support.aws.templates import package
from tests.support.repository import ROOT

PRICES = read_prices()
USD = PRICES.usd
ASSUMED = Assumptions()
PIN = "0x000000000000000000000000000000000000dEaD"
CEILED = sorted(
    path.stem for path in (ROOT / "infra" / "stages").glob("*.yml") if read_ceiling(path.stem, path.parent) is not None
)


def function(**more: object) -> dict[str, Any]:
    properties = {"MemorySize": 1024, "Timeout": 14, "Architectures": ["arm64"], **more}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def template(**more: dict[str, Any]) -> dict[str, Any]:
    """A stage of one serving function with 10 environments, and a job that runs every five minutes."""
    arn = {"Fn::GetAtt": ["SyncLambdaFunction", "Arn"]}
    schedule = {"ScheduleExpression": "rate(5 minutes)", "State": "ENABLED", "Targets": [{"Arn": arn, "Id": "1"}]}
    resources = {
        "SimpleLambdaFunction": function(ReservedConcurrentExecutions=10),
        "SyncLambdaFunction": function(ReservedConcurrentExecutions=1, MemorySize=512),
        "Rule": {"Type": "AWS::Events::Rule", "Properties": schedule},
        "HttpApiStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"DefaultRouteSettings": {"ThrottlingRateLimit": 100}},
        },
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
    }
    return {"Resources": {**resources, **more}}


def facts(**more: dict[str, Any]) -> Facts:
    return read_facts(template(**more))


def test_the_worst_day_is_the_price_of_every_environment_and_the_throttle() -> None:
    worst = worst_day(facts(), USD, ASSUMED)
    assert worst.bounded["Simple: 10 environments"] == pytest.approx(10 * 86_400 * 0.0000133334)
    assert worst.bounded["Sync: 1 environments"] == pytest.approx(0.5 * 86_400 * 0.0000133334)
    assert worst.bounded["HTTP API: 100 requests a second"] == pytest.approx(8.64 * USD.http_api_million_requests)
    assert worst.compute_bounded
    assert worst.total == pytest.approx(sum(worst.bounded.values()))


def test_x86_costs_more_than_arm() -> None:
    x86 = facts(SimpleLambdaFunction=function(ReservedConcurrentExecutions=10, Architectures=["x86_64"]))
    assert worst_day(x86, USD, ASSUMED).total > worst_day(facts(), USD, ASSUMED).total


def test_a_function_without_reserved_concurrency_has_no_bound_and_is_said_to_have_none() -> None:
    worst = worst_day(facts(SimpleLambdaFunction=function()), USD, ASSUMED)
    assert not worst.compute_bounded
    assert [text for text in worst.unbounded if text.startswith("Simple: no reserved concurrency")]


def test_an_api_without_throttle_has_no_bound() -> None:
    unlimited = facts(HttpApiStage={"Type": "AWS::ApiGatewayV2::Stage", "Properties": {}})
    worst = worst_day(unlimited, USD, ASSUMED)
    assert not worst.compute_bounded
    assert not [name for name in worst.bounded if name.startswith("HTTP API")]


def test_a_table_with_a_limit_of_reads_is_bounded() -> None:
    table: dict[str, Any] = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
    assert [text for text in worst_day(facts(Table=table), USD, ASSUMED).unbounded if "reads of the table" in text]
    table["Properties"]["OnDemandThroughput"] = {"MaxReadRequestUnits": 100}
    worst = worst_day(facts(Table=table), USD, ASSUMED)
    assert worst.bounded["table: reads at its limit"] == pytest.approx(8.64 * USD.dynamodb_million_reads)
    assert not [text for text in worst.unbounded if "reads of the table" in text]


def test_the_schedule_is_what_runs_when_nobody_asks() -> None:
    lines = idle(facts(), USD, ASSUMED)
    assert facts().functions[1].runs_per_day == 288
    compute = 8640 * (5 * 0.5 * USD.lambda_arm64_gb_second) + 0.00864 * USD.lambda_million_requests
    assert lines["sync: compute"] == pytest.approx(compute)
    stopped = copy.deepcopy(template())
    stopped["Resources"]["Rule"]["Properties"]["State"] = "DISABLED"
    assert idle(read_facts(stopped), USD, ASSUMED) == {}


def test_a_schedule_that_is_no_rate_is_not_guessed() -> None:
    other = copy.deepcopy(template())
    other["Resources"]["Rule"]["Properties"]["ScheduleExpression"] = "cron(0 12 * * ? *)"
    with pytest.raises(ValueError, match="cron"):
        read_facts(other)


def test_an_alarm_is_billed_for_each_metric_that_it_reads() -> None:
    one = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}}
    math = {"Metrics": [{"Expression": "a+b"}, {"MetricStat": {}}, {"MetricStat": {}}]}
    several = {"Type": "AWS::CloudWatch::Alarm", "Properties": math}
    assert facts(One=one, Several=several).alarm_metrics == 3


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"Fn::Equals": [{"Ref": "Given"}, "yes"]}, True),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "Given"}, "yes"]}]}, False),
        ({"Fn::And": [{"Condition": "True"}, {"Fn::Equals": ["a", "b"]}]}, False),
        ({"Fn::Or": [{"Condition": "True"}, {"Fn::Equals": ["a", "b"]}]}, True),
    ],
)
def test_only_what_a_deployment_makes_is_counted(condition: dict[str, Any], *, wanted: bool) -> None:
    with_condition: dict[str, Any] = template(
        Board={"Type": "AWS::CloudWatch::Dashboard", "Condition": "Wanted", "Properties": {}}
    )
    with_condition["Parameters"] = {"Given": {"Type": "String", "Default": "yes"}}
    with_condition["Conditions"] = {"Wanted": condition, "True": {"Fn::Equals": ["1", "1"]}}
    assert ("Board" in made(with_condition)) is wanted
    assert read_facts(with_condition).dashboards == wanted


def test_a_condition_that_is_not_known_is_not_guessed() -> None:
    unknown: dict[str, Any] = template(Board={"Type": "AWS::CloudWatch::Dashboard", "Condition": "Wanted"})
    unknown["Conditions"] = {"Wanted": {"Fn::Contains": [["a"], "a"]}}
    with pytest.raises(KeyError, match="Contains"):
        read_facts(unknown)


@given(st.integers(0, 10**9), st.floats(0, 1), st.floats(0, 1))
def test_more_requests_cost_more_and_more_hits_less(number: int, hits: float, more_hits: float) -> None:
    known = replace(facts(), distribution=True)
    low, high = sorted((hits, more_hits))

    def total(requested: int, ratio: float) -> float:
        return sum(requests(known, USD, ASSUMED, Volume(requested, ratio)).values())

    assert total(number, high) <= total(number, low) + 1e-9
    assert total(number, low) <= total(number + 1000, low)


def test_without_cloudfront_its_cache_saves_nothing() -> None:
    alone = requests(facts(), USD, ASSUMED, Volume(1_000_000, 0.9))
    assert alone["HTTP API"] == pytest.approx(USD.http_api_million_requests)
    assert not [name for name in alone if name.startswith("CloudFront")]


def test_prices_are_dated_and_say_that_nobody_verified_them() -> None:
    assert not PRICES.verified
    assert "**not verified**" in page((Stage("x", facts(), None),), PRICES, ASSUMED)
    text = TABLE.read_text()
    with pytest.raises(ValueError, match="alarm_metric_month"):
        parse_prices(re.sub(r"(?m)^alarm_metric_month.*\n", "", text))
    with pytest.raises(ValueError, match="kms_key_month"):
        parse_prices(text.replace("kms_key_month = 1.00", "kms_key_month = -1.00"))


def test_a_stage_above_its_ceiling_is_refused() -> None:
    total = worst_day(facts(), USD, ASSUMED).total
    assert objections(Stage("x", facts(), total + 0.01), PRICES, ASSUMED) == []
    assert objections(Stage("x", facts(), None), PRICES, ASSUMED) == []
    (sentence,) = objections(Stage("x", facts(), total - 0.01), PRICES, ASSUMED)
    assert "above" in sentence
    (sentence,) = objections(Stage("x", facts(SimpleLambdaFunction=function()), 1e6), PRICES, ASSUMED)
    assert "have no bound" in sentence


def test_the_program_fails_above_the_ceiling(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled = tmp_path / "template.json"
    compiled.write_text(json.dumps(template()))
    assert main([f"prod={compiled}", "--check"]) == 0
    huge = template(SimpleLambdaFunction=function(ReservedConcurrentExecutions=5000))
    compiled.write_text(json.dumps(huge))
    assert main([f"prod={compiled}", "--check", "--write", str(tmp_path / "costs.md")]) == 1
    assert "prod" in capsys.readouterr().err
    assert main([f"prod={compiled}", "--write", str(tmp_path / "costs.md")]) == 0
    assert "5000 environments" in (tmp_path / "costs.md").read_text()


@pytest.mark.node
@pytest.mark.parametrize("stage", CEILED)
def test_no_stage_can_cost_more_in_a_day_than_it_says(stage: str) -> None:
    assert objections(open_stage(stage, package(stage, f"pinned={PIN}")), PRICES, ASSUMED) == []


def test_the_productive_stage_says_what_it_may_cost() -> None:
    assert "prod" in CEILED


@pytest.mark.node
def test_the_page_about_costs_is_the_one_that_the_script_writes() -> None:
    stages = tuple(open_stage(name, package(name, f"pinned={PIN}")) for name in ("dev", "prod"))
    assert (ROOT / "docs" / "costs.md").read_text() == page(stages, PRICES, ASSUMED), "run: make costs"
    assert [volume.requests for volume in VOLUMES] == [1_000, 1_000_000, 100_000_000]
