"""K1: a key and a password that are easy to recognise appear in nothing that any command leaves behind.

Every command of dipmp_cli.commands runs with them, at `-vvv` where it has that, and again with a bug deep inside that
ends it in a traceback. Looked through are stdout, stderr, everything in the home, state and temporary folders, the
command lines of all processes, and arguments and environment of whatever a command starts.
"""

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_cli.commands import COMMANDS, Group, load
from dipmp_lib.devnet.node import DevNode
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import PasswordSource, signer_from_uri, store_key
from tests.support.files.wheels import build_wheel
from tests.support.programs.canary_run import CRASHES, Job, Outcome, run_all
from tests.support.programs.clients import isolated_env

pytestmark = [
    pytest.mark.evm,
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="command lines are looked for in /proc"),
]

KEY = bytes.fromhex("c0ffee5ec4e7" * 5 + "0a1b")
PASSWORD = "canary-passphrase-7f3a"
OTHER = checksum_address(bytes.fromhex("b2" * 20))
FORMS = {
    "key": [KEY.hex(), KEY.hex().upper(), str(int.from_bytes(KEY)), base64.b64encode(KEY).decode(), repr(KEY)[2:-1]],
    "password": [PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), PASSWORD.encode().hex()],
}
SERVERS = {"dev": 12.0, "serve": 5.0, "bridge": 8.0}
"""Seconds until they are asked to end."""
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "mirror": ["--from", "http://127.0.0.1:9/simple/", "nothing"],
    "registry create": ["--salt", "77"],
}
"""Where the parameters of a command do not say enough."""


NEED_MORE = {"mirror", "relay"}
"""Commands that do not come as far as the chain without more than their arguments."""


def leaves(commands: Mapping[str, str | Group] = COMMANDS, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, place in commands.items():
        if isinstance(place, Group):
            yield from leaves(place.commands, (*before, name))
        else:
            yield (*before, name)


def parameters(path: tuple[str, ...]) -> Sequence[Any]:
    place: Any = COMMANDS
    for name in path:
        place = (place.commands if isinstance(place, Group) else place)[name]
    command: Any = load(path[-1], place)
    return list(command.params)


@dataclass
class World:
    """A development node on which the canary key has money and a project, and where its secrets lie."""

    dev: DevNode
    folder: Path
    keystore: Path
    password: Path
    key: Path

    def value(self, name: str, number: int) -> str:
        """Return something for a required argument."""
        known = {
            "index_url": self.dev.index_url,
            "project": f"canary-{number}",
            "name": f"canary-{number}",
            "account": OTHER,
            "address": OTHER,
            "to": OTHER,
            "shell": "bash",
            "status": "archived",
            "registry": self.dev.registry,
        }
        if name == "files":
            return str(build_wheel(self.folder / "dist", f"canary-{number}"))
        return known.get(name, f"argument-{number}")

    def job(self, path: tuple[str, ...], signer: str, crash: str, number: int) -> Job:
        """Return a run of one command with one signer."""
        words, known = " ".join(path), parameters(path)
        options = {option for each in known for option in each.opts}
        arguments = [
            self.value(each.name, number) for each in known if each.param_type_name == "argument" and each.required
        ]
        arguments = [*ARGUMENTS.get(words, arguments)]
        arguments += ["--yes"] * ("--yes" in options) + ["-vvv"] * ("-v" in options)
        if words == "account import":
            arguments += ["--key-file", str(self.key)]
        folder = self.folder / f"{number:03}-{words.replace(' ', '-')}-{signer.partition(':')[0]}-{crash or 'well'}"
        folder.mkdir()
        home = folder / "home"
        env = {name: text for name, text in isolated_env(home).items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        (folder / "tmp").mkdir()
        env |= {"HOME": str(home), "TMPDIR": str(folder / "tmp"), "DIPMP_STATE": str(folder / "state")}
        env |= {"CANARY_KEY": KEY.hex(), "DIPMP_PASSWORD": PASSWORD, "DIPMP_SIGNER": signer}
        env |= {"DIPMP_REGISTRY": self.dev.registry, "ETH_GATEWAY": self.dev.rpc_url}
        env |= {"IPFS_GATEWAY": self.dev.gateway_url, "DIPMP_PINNER": self.dev.pinner, "DIPMP_LOG": "json"}
        return Job(
            " ".join((words, signer.partition(":")[0], crash)),
            [*path, *arguments],
            env,
            str(folder),
            crash,
            SERVERS.get(path[0], 90.0),
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    secrets = tmp_path_factory.mktemp("secrets")
    keystore, password, key = secrets / "canary.json", secrets / "password", secrets / "key"
    store_key(keystore, Secret(KEY), Secret(PASSWORD.encode()), light=True)
    for path, text in ((password, PASSWORD), (key, KEY.hex())):
        path.write_text(text)
        path.chmod(0o600)
    with DevNode() as dev:
        owner = signer_from_uri(dev.signer, passwords=PasswordSource(), environment={})
        fields = {"nonce": dev.evm.state_at(dev.evm.head).get_nonce(owner.address), "gas": 21_000, "value": 10**19}
        fields |= {"gasPrice": 3 * int(dev.evm.next_header().base_fee_per_gas), "chainId": dev.evm.chain_id}
        dev.evm.send(owner.sign_transaction({**fields, "to": Account.from_key(KEY).address, "data": b""}))
        yield World(dev, tmp_path_factory.mktemp("runs"), keystore, password, key)


def leaks(folder: Path) -> list[str]:
    """Return where under a folder a canary is, as text or as bytes, in a name or in a file."""
    needles = [form.encode() for forms in FORMS.values() for form in forms] + [KEY]
    found = []
    for path in folder.rglob("*"):
        data = os.fsencode(path.name) + (path.read_bytes() if path.is_file() else b"")
        found += [str(path.relative_to(folder)) for needle in needles if needle in data]
    return found


def run(world: World, jobs: Sequence[Job]) -> dict[str, Outcome]:
    outcomes = run_all(jobs, [form for forms in FORMS.values() for form in forms], timeout=580)
    for job, outcome in zip(jobs, outcomes, strict=True):
        assert leaks(Path(job.folder)) == [], job.name
        assert list(outcome.seen) == [], job.name
        assert not outcome.hung, job.name
    return {outcome.name: outcome for outcome in outcomes}


def test_K1_every_command_keeps_both_to_itself(world: World) -> None:
    signers = ("env:CANARY_KEY", f"keystore:{world.keystore}")
    paths = list(leaves())
    jobs = [world.job(path, signer, "", n) for n, path in enumerate(paths) for signer in signers]
    outcomes = run(world, jobs)
    for words in ("publish", "project claim", "registry create"):
        # Two signers of one key: what the first did, the second finds done, or refused.
        assert outcomes[f"{words} env "].code == 0, (world.folder, words)
    assert outcomes["account new env "].code == outcomes["account import env "].code == 0
    print(f"{len(paths)} commands, {len(jobs)} runs, {sum(each.code == 0 for each in outcomes.values())} of them well")


def test_K1_every_command_that_breaks_keeps_both_to_itself(world: World) -> None:
    signing = {"env": ("env:CANARY_KEY", ("rpc", "sign")), "keystore": (f"keystore:{world.keystore}", ("decrypt",))}
    paths = [path for path in leaves() if path[0] not in SERVERS]
    jobs = []
    for n, path in enumerate(paths, 300):
        options = {option for each in parameters(path) for option in each.opts}
        for signer, crashes in signing.values():
            jobs += [world.job(path, signer, crash, n) for crash in crashes if "--signer" in options or crash == "rpc"]
        if path[0] == "account":
            jobs.append(world.job(path, "env:CANARY_KEY", "encrypt", n))
    outcomes = run(world, jobs)
    broken = {name for name, outcome in outcomes.items() if outcome.code == 99}
    for job in jobs:
        shown = Path(job.folder, "stderr").read_text()
        assert (job.name in broken) == ("a bug" in shown and "Traceback" in shown), job.name
    needed = {"publish env rpc", "publish env sign", "publish keystore decrypt", "account new env encrypt"}
    assert needed <= broken
    writing = {" ".join(path) for path in paths if any("--signer" in each.opts for each in parameters(path))}
    assert {name.rpartition(" env rpc")[0] for name in broken if name.endswith(" env rpc")} >= writing - NEED_MORE
    print(f"{len(jobs)} runs, {len(broken)} ended in a traceback")


def test_K1_a_request_is_signed_and_relayed_without_showing_either(world: World) -> None:
    job = world.job(("publish",), f"keystore:{world.keystore}", "", 600)
    claim = world.job(("project", "claim"), "env:CANARY_KEY", "", 601)
    claimed = Job("claim", ["project", "claim", "canary-600", "--yes"], claim.env, claim.folder)
    request = str(world.folder / "request.json")
    signed = Job("sign", [*job.argv, "--sign-only", request], job.env, job.folder)
    relay = world.job(("relay",), f"keystore:{world.keystore}", "", 602)
    relayed = Job("relay", ["relay", request, "--yes", "--password-file", str(world.password)], relay.env, relay.folder)
    broken = world.job(("publish",), "env:CANARY_KEY", "sign typed data", 603)
    again = Job("broken", [*job.argv, "--sign-only", f"{request}.2"], broken.env, broken.folder, broken.crash)
    stopped = world.job(("relay",), "env:CANARY_KEY", "sign", 604)
    relayed_badly = Job("relay badly", ["relay", request, "--yes"], stopped.env, stopped.folder, stopped.crash)
    outcomes = run(world, [claimed, again, signed, relayed_badly, relayed])
    assert [outcome.code for outcome in outcomes.values()] == [0, 99, 0, 99, 0]
    assert leaks(world.folder) == []


def test_K1_the_search_finds_what_leaks(tmp_path: Path) -> None:
    """The canary's own canary."""
    (tmp_path / "clean").write_text("nothing")
    assert leaks(tmp_path) == []
    for number, form in enumerate([form.encode() for forms in FORMS.values() for form in forms] + [KEY]):
        (tmp_path / "deep" / str(number)).mkdir(parents=True)
        (tmp_path / "deep" / str(number) / "log").write_bytes(b"before " + form + b" after")
        assert any(place.startswith(f"deep/{number}/") for place in leaks(tmp_path))
    assert set(CRASHES) == {"rpc", "sign", "sign typed data", "decrypt", "encrypt"}
    json.dumps(FORMS)
