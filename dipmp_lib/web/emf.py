"""Records in CloudWatch's Embedded Metric Format: a line of JSON that is log and metrics at once. Pure.

Written here rather than with Powertools, whose import costs a cold start more than the whole index does. Source: the
CloudWatch Embedded Metric Format specification, version 0.
"""

from collections.abc import Mapping
from functools import lru_cache

NAMESPACE = "dipmp"
DIMENSION = "Function"
_UNITS = {"Latency": "Milliseconds", "Bytes": "Bytes", "SyncLag": "Seconds"}


def record(
    metrics: Mapping[str, float], facts: Mapping[str, object], *, function: str, seconds: float
) -> dict[str, object]:
    """Return the record of `metrics` at a unix time, with facts beside them.

    Metrics are counts, but for Latency (ms), SyncLag (s) and Bytes.
    `function` is the metrics' only dimension; facts are searchable and cost no metric.
    """
    aws = {"Timestamp": int(seconds * 1000), "CloudWatchMetrics": _directives(tuple(metrics))}
    return {**facts, DIMENSION: function, **metrics, "_aws": aws}


@lru_cache(64)
def _directives(names: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """Return what says which members of a record are metrics; nobody changes it."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in names]
    return ({"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics},)
