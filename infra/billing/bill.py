"""What a month costs: what is there whether anybody asks or not, and what requests add. Pure."""

from infra.billing.facts import Facts, Function
from infra.billing.prices import Usd
from infra.billing.usage import DAYS, GB, MILLION, Assumptions, Volume

Lines = dict[str, float]
"""Dollars by what they are for."""


def gb_second(function: Function, usd: Usd) -> float:
    """Return the price of a second of one GB of the function."""
    return usd.lambda_arm64_gb_second if function.architecture == "arm64" else usd.lambda_x86_64_gb_second


def idle(facts: Facts, usd: Usd, assumed: Assumptions) -> Lines:
    """Return a month's bill without a single request; `sync` runs."""
    runs = {function: function.runs_per_day * DAYS for function in facts.functions}
    total = sum(runs.values())
    logs = total * assumed.sync_log_bytes / GB
    snapshots = sum(function.gb for function in facts.functions if function.snapstart)
    lines = {
        "sync: compute": sum(
            number * (assumed.sync_seconds * function.gb * gb_second(function, usd))
            for function, number in runs.items()
        )
        + total / MILLION * usd.lambda_million_requests,
        "sync: table": total / MILLION * assumed.sync_reads * usd.dynamodb_million_reads
        + total / MILLION * assumed.sync_writes * usd.dynamodb_million_writes,
        "sync: log": logs * _log_gb(facts, usd),
        "sync: metrics": (assumed.sync_metrics if total else 0) * usd.metric_month,
        "alarms": facts.alarm_metrics * usd.alarm_metric_month,
        "dashboard": facts.dashboards * usd.dashboard_month,
        "table: storage and backup": bool(facts.tables)
        * assumed.table_gb
        * (usd.dynamodb_gb_month + facts.backups * usd.dynamodb_backup_gb_month),
        "buckets: storage": bool(facts.buckets) * assumed.bucket_gb * usd.s3_gb_month,
        "keys": facts.keys * usd.kms_key_month,
        "web ACL": facts.web_acl * usd.web_acl_month,
        "snapshots": snapshots * DAYS * 86_400 * usd.snapstart_cache_gb_second,
    }
    return {name: dollars for name, dollars in lines.items() if dollars}


def requests(facts: Facts, usd: Usd, assumed: Assumptions, volume: Volume) -> Lines:
    """Return what a month's requests add, all of them through CloudFront where the stage has it."""
    asked = volume.requests / MILLION
    origin = asked * (1 - volume.hit_ratio) if facts.distribution else asked
    price = max((function.gb * gb_second(function, usd) for function in facts.serving), default=0.0)
    seconds = assumed.request_seconds + assumed.cold_share * assumed.cold_seconds
    restored = max((function.gb for function in facts.serving if function.snapstart), default=0.0)
    sent = asked * MILLION * assumed.answer_bytes / GB
    metrics = assumed.request_metrics * len(facts.serving) + facts.route_metrics
    lines = {
        "CloudFront: requests": facts.distribution * asked * usd.cloudfront_million_https_requests,
        "CloudFront: function": facts.distribution * asked * usd.cloudfront_million_function_runs,
        "traffic out": sent * (usd.cloudfront_gb if facts.distribution else usd.internet_gb),
        "web ACL": facts.web_acl * asked * usd.web_acl_million_requests,
        "HTTP API": origin * usd.http_api_million_requests,
        "functions: requests": origin * usd.lambda_million_requests,
        "functions: compute": origin * MILLION * seconds * price,
        "functions: snapshots": origin * MILLION * assumed.cold_share * restored * usd.snapstart_restore_gb,
        "logs": origin * MILLION * assumed.log_bytes / GB * _log_gb(facts, usd),
        "metrics": metrics * usd.metric_month if volume.requests else 0.0,
    }
    return {name: dollars for name, dollars in lines.items() if dollars}


def _log_gb(facts: Facts, usd: Usd) -> float:
    """Return the price of taking in a GB of log and keeping it for as long as the stage says."""
    return usd.logs_ingested_gb + usd.logs_stored_gb_month * facts.log_days / DAYS
