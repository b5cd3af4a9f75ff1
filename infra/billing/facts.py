"""What of a compiled template has a price. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.billing.conditions import Json, choose, made

_MINUTES = {"minute": 1, "hour": 60, "day": 1440}
_ROUTE_METRICS = 6
"""Count, 4xx, 5xx, Latency, IntegrationLatency and DataProcessed."""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function: GB of memory, seconds, environments that it may have at once (None for no limit)."""

    name: str
    gb: float
    timeout: int
    reserved: int | None
    architecture: str
    snapstart: bool
    runs_per_day: int
    scheduled: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """A stage. `throttle` is the API's requests a second, None for no limit of its own; the rest are numbers."""

    functions: tuple[Function, ...]
    throttle: float | None
    alarm_metrics: int
    dashboards: int
    route_metrics: int
    tables: int
    table_reads_per_second: float | None
    backups: bool
    buckets: int
    keys: int
    web_acl: bool
    distribution: bool
    log_days: int

    @property
    def serving(self) -> tuple[Function, ...]:
        """The functions behind the API."""
        return tuple(function for function in self.functions if not function.scheduled)


def read_facts(template: Json) -> Facts:
    """Read a compiled template, as deployed with the defaults of its parameters."""
    resources = made(template)
    stage = next(_of(resources, "ApiGatewayV2::Stage"))
    settings = stage.get("DefaultRouteSettings", {})
    detailed = settings.get("DetailedMetricsEnabled", False)
    tables = list(_of(resources, "DynamoDB::Table"))
    distributions = list(_of(resources, "CloudFront::Distribution"))
    acls = [choose(each["DistributionConfig"].get("WebACLId", ""), template) for each in distributions]
    return Facts(
        functions=tuple(_functions(resources)),
        throttle=settings.get("ThrottlingRateLimit"),
        alarm_metrics=sum(_metrics(alarm) for alarm in _of(resources, "CloudWatch::Alarm")),
        dashboards=len(list(_of(resources, "CloudWatch::Dashboard"))),
        route_metrics=_ROUTE_METRICS * len(list(_of(resources, "ApiGatewayV2::Route"))) if detailed else 0,
        tables=len(tables),
        table_reads_per_second=_reads(tables),
        backups=any(each.get("PointInTimeRecoverySpecification") for each in tables),
        buckets=len(list(_of(resources, "S3::Bucket"))),
        keys=len(list(_of(resources, "KMS::Key"))),
        web_acl=any(acl not in ("", {"Ref": "AWS::NoValue"}) for acl in acls),
        distribution=bool(distributions),
        log_days=max((each.get("RetentionInDays", 0) for each in _of(resources, "Logs::LogGroup")), default=0),
    )


def _of(resources: Mapping[str, Json], kind: str) -> Iterator[Json]:
    return (each.get("Properties", {}) for each in resources.values() if each["Type"] == f"AWS::{kind}")


def _functions(resources: Mapping[str, Json]) -> Iterator[Function]:
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            has = resource["Properties"]
            yield Function(
                name=name.removesuffix("LambdaFunction"),
                gb=has["MemorySize"] / 1024,
                timeout=has["Timeout"],
                reserved=has.get("ReservedConcurrentExecutions"),
                architecture=has.get("Architectures", ["x86_64"])[0],
                snapstart=has.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
                runs_per_day=sum(_runs(rule) for rule in _rules(resources, name)),
                scheduled=any(_rules(resources, name)),
            )


def _rules(resources: Mapping[str, Json], function: str) -> Iterator[Json]:
    """Yield the schedules that start a function."""
    arn = {"Fn::GetAtt": [function, "Arn"]}
    for rule in _of(resources, "Events::Rule"):
        if arn in [target["Arn"] for target in rule.get("Targets", [])]:
            yield rule


def _runs(rule: Json) -> int:
    """Return how often a day a schedule runs, 0 if it is switched off. Raises ValueError for one that is no rate."""
    expression = str(rule.get("ScheduleExpression", ""))
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if rule.get("State") == "DISABLED":
        return 0
    if not match:
        raise ValueError(f"{expression!r} is a schedule whose runs are not known")
    return 1440 // (int(match[1]) * _MINUTES[match[2]])


def _metrics(alarm: Json) -> int:
    """Return how many metrics an alarm is billed for: those that its expression reads."""
    return sum("MetricStat" in each for each in alarm["Metrics"]) if "Metrics" in alarm else 1


def _reads(tables: list[Json]) -> float | None:
    limits: list[Any] = [each.get("OnDemandThroughput", {}).get("MaxReadRequestUnits") for each in tables]
    return None if None in limits else float(sum(limits))
