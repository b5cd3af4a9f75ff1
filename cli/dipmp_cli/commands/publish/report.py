"""The plan and the result of a publish: as a table and lines of text, and as one JSON document."""

import shlex
from collections.abc import Sequence

from packaging.version import Version
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from dipmp_lib.model.names import checksum_address
from dipmp_lib.publish import Plan, Published
from dipmp_lib.transactions import Quote, format_money

from ...terminal.console import print_line

Json = dict[str, object]

FOR_EVER = (
    "What is published is public for ever and can never be changed or deleted: the",
    "files' bytes and METADATA, project names, versions, and the signer's address.",
)
"""What a person consents to; no line is wider than a terminal of 80 columns."""


def show_plan(console: Console, plan: Plan, quote: Quote, chain_id: int, *, verbose: bool) -> None:
    """Print what would be published, its cost, and what becomes public for ever."""
    table = Table("File", "Size", "Action", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for file in plan.files:
        action = f"{file.action}: {file.detail}" if file.detail else str(file.action)
        table.add_row(file.dist.filename.text, decimal(file.dist.dag.size), action)
    console.print(table)
    for dist in (file.dist for file in plan.files if verbose):
        print_line(console, f"{dist.filename.text}: sha256 {dist.dag.sha256.hex()}, CID {dist.cid}")
    for remark in plan.remarks:
        print_line(console, f"note: {remark}")
    if plan.entries:
        print_line(console, _price(plan, quote, chain_id))
        show_for_ever(console)


def show_no_gateway(console: Console) -> None:
    """Print that no gateway is set, so that nothing is fetched back."""
    print_line(console, "note: no IPFS_GATEWAY (or --gateway) is set, so retrieval is not checked")


def show_for_ever(console: Console) -> None:
    """Print what becomes public for ever, to be read before consent."""
    for line in FOR_EVER:
        print_line(console, line)


def _price(plan: Plan, quote: Quote, chain_id: int) -> str:
    count = len(plan.entries)
    transactions = "1 transaction" if count == 1 else f"{count} transactions"
    return (
        f"{transactions} to {plan.registry} on chain {chain_id}, by {checksum_address(plan.actor)}: "
        f"up to {sum(quote.gas):,} gas and {format_money(quote.cost, chain_id)}"
    )


def show_result(console: Console, published: Sequence[Published], chain_id: int) -> None:
    """Print each transaction and its cost."""
    for each in published:
        receipt = each.receipt
        spent = f"{receipt.gas_used:,} gas, {format_money(receipt.cost, chain_id)}"
        print_line(
            console, f"{each.entry.project} {each.entry.version}: {spent}, transaction 0x{receipt.transaction.hex()}"
        )


def pip_command(plan: Plan, index_url: str) -> str:
    """Return the command that installs the highest published version of each project.

    An unknown server is called SERVER.
    """
    releases: dict[str, str] = {}
    for file in plan.files:
        highest = releases.get(file.dist.project)
        if highest is None or Version(highest) < Version(file.dist.version):
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
