"""The dated table of prices beside this folder."""

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

TABLE = Path(__file__).parents[1] / "prices.toml"


@dataclass(frozen=True, slots=True)
class Usd:
    """US dollars for one unit each; `million` is of requests, a month is one of use in full."""

    lambda_arm64_gb_second: float
    lambda_x86_64_gb_second: float
    lambda_million_requests: float
    snapstart_cache_gb_second: float
    snapstart_restore_gb: float
    http_api_million_requests: float
    cloudfront_million_https_requests: float
    cloudfront_million_function_runs: float
    cloudfront_gb: float
    internet_gb: float
    logs_ingested_gb: float
    logs_stored_gb_month: float
    metric_month: float
    alarm_metric_month: float
    dashboard_month: float
    dynamodb_million_reads: float
    dynamodb_million_writes: float
    dynamodb_gb_month: float
    dynamodb_backup_gb_month: float
    s3_gb_month: float
    s3_million_reads: float
    s3_million_writes: float
    kms_key_month: float
    web_acl_month: float
    web_acl_million_requests: float


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table: of which region and day, whether somebody compared it with AWS's pages, and the prices."""

    region: str
    dated: date
    verified: bool
    usd: Usd


def parse_prices(text: str) -> Prices:
    """Parse a price table (TOML). Raises ValueError for a price that is missing, unknown or negative."""
    table = tomllib.loads(text)
    given, known = table["usd"], {field.name for field in fields(Usd)}
    if given.keys() != known:
        raise ValueError(f"prices missing or unknown: {', '.join(sorted(given.keys() ^ known))}")
    if bad := sorted(name for name, price in given.items() if not 0 <= float(price) < 100):
        raise ValueError(f"not prices in dollars: {', '.join(bad)}")
    return Prices(table["region"], table["dated"], table["verified"], Usd(**given))


def read_prices(path: Path = TABLE) -> Prices:
    """Read a price table."""
    return parse_prices(path.read_text())
