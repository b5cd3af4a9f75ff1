"""Alarms watch metrics that the deployed functions write, and notify the topic."""

import json
from pathlib import Path
from typing import Any

import pytest

from dipmp_lib.server import metrics as emf
from dipmp_lib.server import request_log
from dipmp_lib.server.sync import compose
from dipmp_lib.telemetry import Event
from tests.infra.stages import STAGES, template

pytestmark = pytest.mark.node

ALARMS = {
    "RpcDisagreement",
    "StaleServed",
    "Http5xx",
    "LambdaErrors",
    "Throttles",
    "LatencyP99",
    "SyncMissing",
    "SyncLag",
    "MissingFiles",
    "DeadLetters",
}
Metric = tuple[str, str, str]


def alarms(stage: str) -> dict[str, dict[str, Any]]:
    resources = template(stage)["Resources"]
    found = {name: each for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(found) == {f"{name}Alarm" for name in ALARMS}
    return {name.removesuffix("Alarm"): each for name, each in found.items()}


def metrics(properties: dict[str, Any]) -> set[Metric]:
    """Return (namespace, metric, of what) of everything that an alarm looks at."""
    parts = [each["MetricStat"]["Metric"] for each in properties.get("Metrics", []) if "MetricStat" in each]
    found = set()
    for metric in parts or [properties]:
        [dimension] = metric["Dimensions"]
        value = dimension["Value"]
        of = value.get("Ref") or value["Fn::GetAtt"][0]
        assert dimension["Name"] == {"dipmp": emf.DIMENSION, "AWS/Lambda": "FunctionName"}.get(
            metric["Namespace"], dimension["Name"]
        )
        found.add((metric["Namespace"], metric["MetricName"], of.removesuffix("LambdaFunction")))
    return found


FRONT = ("Simple", "Files", "SimpleOpen", "FilesOpen")
WATCHED: dict[str, set[Metric]] = {
    "RpcDisagreement": {("dipmp", "RpcDisagreement", name) for name in (*FRONT, "Sync")},
    "StaleServed": {("dipmp", metric, name) for metric in ("StaleServed", "Requests") for name in FRONT[::2]},
    "Http5xx": {("AWS/ApiGateway", "5xx", "HttpApi")},
    "LambdaErrors": {("AWS/Lambda", "Errors", name) for name in (*FRONT, "Sync")},
    "Throttles": {("AWS/Lambda", "Throttles", name) for name in FRONT},
    "LatencyP99": {("AWS/ApiGateway", "Latency", "HttpApi")},
    "SyncMissing": {("dipmp", "SyncCompleted", "Sync")},
    "SyncLag": {("dipmp", "SyncLag", "Sync")},
    "MissingFiles": {("dipmp", "MissingFiles", "Sync")},
    "DeadLetters": {("AWS/SQS", "ApproximateNumberOfMessagesVisible", "DeadLetters")},
}


@pytest.mark.parametrize("stage", STAGES)
def test_alarms_watch_what_they_are_named_for(stage: str) -> None:
    assert {name: metrics(each["Properties"]) for name, each in alarms(stage).items()} == WATCHED


def test_what_is_watched_is_written() -> None:
    """An alarm on a metric that no code writes would be silent for ever."""
    sources = [Path(str(module.__file__)).read_text() for module in (compose, request_log)]
    written = {event.value for event in Event}
    for namespace, metric, _ in set().union(*WATCHED.values()):
        if namespace == emf.NAMESPACE:
            assert metric in written or any(f'"{metric}"' in source for source in sources), metric


@pytest.mark.parametrize("stage", STAGES)
def test_every_alarm_tells_the_topic_and_says_what_is_wrong(stage: str) -> None:
    for name, alarm in alarms(stage).items():
        properties = alarm["Properties"]
        assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmTopic"}]
        assert properties["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert 20 < len(properties["AlarmDescription"]) < 200
        missing = "breaching" if name == "SyncMissing" else "notBreaching"
        assert properties["TreatMissingData"] == missing
        synced = name in ("SyncMissing", "SyncLag", "MissingFiles")
        assert alarm.get("Condition") == ("HasPinned" if synced else None)


def test_one_expression_of_each_sum_is_what_is_compared() -> None:
    for name, alarm in alarms("prod").items():
        parts = alarm["Properties"].get("Metrics", [])
        returned = [part for part in parts if part.get("ReturnData", True)]
        assert len(returned) == (1 if parts else 0), name
        ids = [part["Id"] for part in parts]
        assert len(ids) == len(set(ids))
        assert all(each[0].islower() for each in ids)


def test_thresholds() -> None:
    found = {name: each["Properties"] for name, each in alarms("prod").items()}
    compared = {name: (each["ComparisonOperator"], each["Threshold"]) for name, each in found.items()}
    least, above = "GreaterThanOrEqualToThreshold", "GreaterThanThreshold"
    assert compared == {
        "RpcDisagreement": (least, 1),
        "StaleServed": (above, 1),
        "Http5xx": (least, 5),
        "LambdaErrors": (least, 1),
        "Throttles": (least, 1),
        "LatencyP99": (above, 5000),
        "SyncMissing": ("LessThanThreshold", 1),
        "SyncLag": (above, 3600),
        "MissingFiles": (least, 1),
        "DeadLetters": (least, 1),
    }
    assert found["LatencyP99"]["ExtendedStatistic"] == "p99"
    assert found["SyncMissing"]["Period"] > 2 * 300


def test_the_dashboard_is_json_and_shows_what_there_is() -> None:
    body = template("prod")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    assert len(widgets) >= 8
    spots = {(widget["x"], widget["y"]) for widget in widgets}
    assert len(spots) == len(widgets)
    for widget in widgets:
        assert widget["properties"]["title"]
        for namespace, metric, dimension, value, options in widget["properties"]["metrics"]:
            assert namespace in ("dipmp", "AWS/Lambda", "AWS/ApiGateway")
            assert dimension in (emf.DIMENSION, "FunctionName", "ApiId")
            assert value[2:-1] in template("prod")["Resources"]
            assert metric
            assert options["stat"] in ("Sum", "Maximum", "p50", "p99")
