"""What a publish shows: the plan and the result, for people as tables and for programs as one JSON document."""

import shlex
from collections.abc import Sequence

from packaging.version import Version
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from dipmp_lib.model.names import checksum_address
from dipmp_lib.publish import Plan, Published
from dipmp_lib.transactions import Quote, format_money

Json = dict[str, object]


def show_plan(console: Console, plan: Plan, quote: Quote, chain_id: int, *, verbose: bool) -> None:
    """Print what would happen, and what it would cost."""
    table = Table("File", "Size", "Action", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for file in plan.files:
        action = f"{file.action}: {file.detail}" if file.detail else str(file.action)
        table.add_row(file.dist.filename.text, decimal(file.dist.dag.size), action)
    console.print(table)
    for dist in (file.dist for file in plan.files if verbose):
        _say(console, f"{dist.filename.text}: sha256 {dist.dag.sha256.hex()}, CID {dist.cid}")
    for remark in plan.remarks:
        _say(console, f"note: {remark}")
    if plan.entries:
        _say(console, _price(plan, quote, chain_id))


def _price(plan: Plan, quote: Quote, chain_id: int) -> str:
    count = len(plan.entries)
    transactions = "1 transaction" if count == 1 else f"{count} transactions"
    return (
        f"{transactions} to {plan.registry} on chain {chain_id}, by {checksum_address(plan.actor)}: "
        f"up to {sum(quote.gas):,} gas and {format_money(quote.cost, chain_id)}"
    )


def show_result(console: Console, published: Sequence[Published], chain_id: int) -> None:
    """Print what each transaction wrote on chain, and took."""
    for each in published:
        receipt = each.receipt
        spent = f"{receipt.gas_used:,} gas, {format_money(receipt.cost, chain_id)}"
        _say(console, f"{each.entry.project} {each.entry.version}: {spent}, transaction 0x{receipt.transaction.hex()}")


def _say(console: Console, line: str) -> None:
    """Print a line that is there to be copied: never broken, however narrow the terminal."""
    console.print(line, soft_wrap=True)


def pip_command(plan: Plan, index_url: str) -> str:
    """Return the command that installs what was published, of each project the highest version.

    A server that is not known is called SERVER.
    """
    releases: dict[str, str] = {}
    for file in plan.files:
        held = releases.get(file.dist.project)
        if held is None or Version(held) < Version(file.dist.version):
            releases[file.dist.project] = file.dist.version
    url = index_url or f"https://SERVER/simple/{plan.registry}/"
    requirements = (f"{project}=={version}" for project, version in releases.items())
    return shlex.join(["pip", "install", "--index-url", url, *requirements])


def document(
    plan: Plan, quote: Quote, published: Sequence[Published], *, chain_id: int, index_url: str, dry_run: bool
) -> Json:
    """Return the JSON form of a plan and its result. Amounts in wei are texts: they exceed what JSON numbers hold."""
    return {
        "registry": str(plan.registry),
        "chain_id": chain_id,
        "publisher": checksum_address(plan.actor),
        "dry_run": dry_run,
        "claims": list(plan.claims),
        "remarks": list(plan.remarks),
        "files": [_file(plan, number) for number in range(len(plan.files))],
        "estimate": {"transactions": len(plan.entries), "gas": sum(quote.gas), "cost_wei": str(quote.cost)},
        "transactions": [_transaction(each) for each in published],
        "index_url": index_url or None,
        "install": pip_command(plan, index_url),
    }


def _file(plan: Plan, number: int) -> Json:
    file = plan.files[number]
    dist, metadata = file.dist, file.dist.metadata_dag
    return {
        "filename": dist.filename.text,
        "project": dist.project,
        "version": dist.version,
        "size": dist.dag.size,
        "sha256": dist.dag.sha256.hex(),
        "cid": str(dist.cid),
        "metadata_sha256": metadata.sha256.hex() if metadata else None,
        "action": str(file.action),
        "detail": file.detail,
        "warnings": list(dist.warnings),
    }


def _transaction(each: Published) -> Json:
    return {
        "project": each.entry.project,
        "version": each.entry.version,
        "claimed": each.entry.claims,
        "files": [dist.filename.text for dist in each.entry.dists],
        "hash": f"0x{each.receipt.transaction.hex()}",
        "block": each.receipt.block,
        "gas_used": each.receipt.gas_used,
        "cost_wei": str(each.receipt.cost),
    }
