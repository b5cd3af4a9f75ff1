"""What one day can cost at most, as far as the template bounds it; and what it does not bound. Pure."""

from dataclasses import dataclass

from infra.billing.bill import Lines, gb_second, idle
from infra.billing.facts import Facts
from infra.billing.prices import Usd
from infra.billing.usage import DAYS, GB, MILLION, Assumptions

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Worst:
    """Dollars a day by what they are for, and sentences about what has no bound. `compute_bounded` says whether every
    function has reserved concurrency, and the API a throttle."""

    bounded: Lines
    unbounded: tuple[str, ...]
    compute_bounded: bool

    @property
    def total(self) -> float:
        """The sum of what is bounded."""
        return sum(self.bounded.values())


def worst_day(facts: Facts, usd: Usd, assumed: Assumptions) -> Worst:
    """Return the worst day: every reserved environment busy all day, and the API at its throttle all day."""
    bounded = {"a day of what is there anyway": sum(idle(facts, usd, assumed).values()) / DAYS}
    unbounded: list[str] = []
    for function in facts.functions:
        second = function.gb * gb_second(function, usd)
        if function.reserved is None:
            each = f"${second * DAY:,.2f} for each environment that is busy all day, up to the account's quota"
            unbounded.append(f"{function.name}: no reserved concurrency; {each}")
        else:
            bounded[f"{function.name}: {function.reserved} environments"] = function.reserved * second * DAY
    if facts.throttle is None:
        unbounded.append("HTTP API: no throttle of its own, only the account's quota")
    else:
        bounded |= _at_the_throttle(facts.throttle, facts, usd, assumed)
    unbounded += _what_nothing_bounds(facts, usd)
    if facts.table_reads_per_second is not None:
        reads = facts.table_reads_per_second * DAY / MILLION
        bounded["table: reads at its limit"] = reads * usd.dynamodb_million_reads
    compute = facts.throttle is not None and all(function.reserved is not None for function in facts.functions)
    return Worst(bounded, tuple(unbounded), compute)


def _at_the_throttle(rate: float, facts: Facts, usd: Usd, assumed: Assumptions) -> Lines:
    millions = rate * DAY / MILLION
    logs = millions * MILLION * assumed.worst_log_bytes / GB
    return {
        f"HTTP API: {rate:,.0f} requests a second": millions * usd.http_api_million_requests,
        "functions: requests": millions * usd.lambda_million_requests,
        "logs": logs * (usd.logs_ingested_gb + usd.logs_stored_gb_month * facts.log_days / DAYS),
    }


def _what_nothing_bounds(facts: Facts, usd: Usd) -> list[str]:
    each = usd.cloudfront_million_https_requests + usd.cloudfront_million_function_runs
    found = []
    if facts.distribution:
        found.append(
            f"CloudFront: ${each:,.2f} for a million requests, ${usd.cloudfront_gb * 1000:,.0f} for a terabyte"
        )
        if not facts.web_acl:
            found[-1] += "; a web ACL with a rate rule (`webAcl`) bounds it for each address"
    found.append(f"traffic from the API past CloudFront: ${usd.internet_gb * 1000:,.0f} for a terabyte")
    if facts.tables and facts.table_reads_per_second is None:
        found.append(f"reads of the table in an outage: ${usd.dynamodb_million_reads:,.2f} for a million")
    if facts.buckets:
        found.append(f"reads of the buckets: ${usd.s3_million_reads:,.2f} for a million")
    return found
