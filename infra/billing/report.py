"""The bill as a page of Markdown. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from infra.billing.bill import Lines, idle, requests
from infra.billing.facts import Facts
from infra.billing.prices import Prices
from infra.billing.usage import VOLUMES, Assumptions, Volume
from infra.billing.worst import worst_day

_UNITS = {"seconds": "s", "bytes": "bytes", "gb": "GB"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: what its template says, and the dollars a day that it may cost at most, None where it does not say."""

    name: str
    facts: Facts
    ceiling: float | None


def page(stages: tuple[Stage, ...], prices: Prices, assumed: Assumptions) -> str:
    """Return docs/costs.md."""
    return "\n".join(
        [*_head(prices), *_months(stages, prices, assumed), *_worst(stages, prices, assumed), *_tail(assumed)]
    )


def _head(prices: Prices) -> Iterator[str]:
    checked = "compared with AWS's pages" if prices.verified else "**not verified** against AWS's pages"
    yield from (
        "<!-- Written by `make costs`; do not edit. -->",
        "# What a deployment costs",
        "",
        "Worked out by `infra/costs.py` from the compiled templates of the stages, with one pinned registry, and the",
        f"list prices of {prices.region} in `infra/prices.toml`, put down on {prices.dated}, {checked},",
        "before tax, free tiers and discounts. RPC endpoints, pinning and gateways are paid elsewhere.",
        "",
    )


def _months(stages: tuple[Stage, ...], prices: Prices, assumed: Assumptions) -> Iterator[str]:
    yield from ("## A month", "", "Dollars. The first column is paid although nobody asks; the others contain it.", "")
    yield _row("", "idle", *(f"{_short(each.requests)} requests" for each in VOLUMES))
    yield _row("---", "---:", *("---:" for _ in VOLUMES))
    for stage in stages:
        still = sum(idle(stage.facts, prices.usd, assumed).values())
        asked = (sum(requests(stage.facts, prices.usd, assumed, volume).values()) for volume in VOLUMES)
        yield _row(f"**{stage.name}**", *(_usd(total) for total in (still, *(still + each for each in asked))))
    yield ""
    for stage in stages:
        yield from (f"### {stage.name}", "")
        yield from _details(stage, prices, assumed)


def _details(stage: Stage, prices: Prices, assumed: Assumptions) -> Iterator[str]:
    columns = [idle(stage.facts, prices.usd, assumed)]
    columns += [requests(stage.facts, prices.usd, assumed, volume) for volume in VOLUMES]
    yield _row("", "idle", *(f"+ {_short(volume.requests)}" for volume in VOLUMES))
    yield _row("---", *("---:" for _ in columns))
    for name in dict.fromkeys(name for column in columns for name in column):
        yield _row(name, *(_usd(column[name]) if name in column else "" for column in columns))
    yield ""


def _worst(stages: tuple[Stage, ...], prices: Prices, assumed: Assumptions) -> Iterator[str]:
    yield from (
        "## The worst day",
        "",
        "Every reserved environment busy for 24 hours, and the API at its throttle all day, logging long lines.",
        "`make costs` fails, and so do the tests, where that is above the stage's `dailyCeilingUsd` (`infra/stages`),",
        "or where a stage with a ceiling leaves its functions or its API without a bound.",
        "",
    )
    for stage in stages:
        worst = worst_day(stage.facts, prices.usd, assumed)
        ceiling = "no ceiling is stated" if stage.ceiling is None else f"the ceiling is ${stage.ceiling:,.0f}"
        yield from (f"### {stage.name}: ${worst.total:,.2f}; {ceiling}", "")
        yield from _table(worst.bounded)
        yield from ("", "Not in it, as the template does not bound it:", "")
        yield from (f"- {text}" for text in worst.unbounded)
        yield ""


def _table(lines: Lines) -> Iterator[str]:
    yield from (_row("", "dollars a day"), _row("---", "---:"))
    yield from (_row(name, _usd(dollars)) for name, dollars in lines.items())


def _tail(assumed: Assumptions) -> Iterator[str]:
    yield from ("## What is assumed", "", "Averages; `infra/billing/usage.py` holds them.", "")
    yield from (_row("", "value"), _row("---", "---:"))
    yield from (_row(name, value) for name, value in _assumptions(assumed).items())
    yield from (_row(f"shared cache answers, at {_short(each.requests)} requests", _ratio(each)) for each in VOLUMES)
    yield from (
        "",
        "Decryption of the RPC parameter, requests to the bucket, the artifacts in the deployment bucket, alarm mails",
        "and DNS are cents at any of these volumes and left out. That metrics of single routes are billed as custom",
        "metrics is an assumption on the dear side.",
        "",
    )


def _assumptions(assumed: Assumptions) -> Mapping[str, str]:
    values = {}
    for field in fields(assumed):
        *words, last = field.name.split("_")
        unit = _UNITS.get(last, "")
        name = " ".join(words) if unit else " ".join([*words, last])
        values[f"{name} ({unit})" if unit else name] = f"{getattr(assumed, field.name):,}"
    return values


def _ratio(volume: Volume) -> str:
    return f"{volume.hit_ratio:.0%}"


def _row(*cells: str) -> str:
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"


def _usd(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars >= 0.005 else "< 0.01"


def _short(number: int) -> str:
    return f"{number // 1_000_000}M" if number >= 1_000_000 else f"{number // 1_000}k"
