"""The composition of a sync, and its Lambda handler."""

import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.metrics import JsonLines
from dipmp_lib.server.settings import Settings
from dipmp_lib.server.sync.compose import build_sync, report, sync_handler
from dipmp_lib.server.sync.run import Summary
from dipmp_lib.telemetry import SILENCE
from tests.support.fakes.aws import TABLE
from tests.support.repository import ROOT
from tests.support.systems.sync import SyncWorld

pytestmark = pytest.mark.slow


def test_the_handler_minds_its_end_and_writes_one_record(world: SyncWorld) -> None:
    stream = io.StringIO()
    handler = sync_handler(world.sync, JsonLines(stream, "dipmp-sync"))
    late = handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 5_000))
    assert (late["complete"], late["left"]) == (False, 2)
    assert handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 120_000))["complete"] is True
    assert handler({}, None)["complete"] is True
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [each["SyncCompleted"] for each in records] == [1, 1, 1]
    assert [each["level"] for each in records] == ["WARNING", "INFO", "INFO"]
    assert {"SyncLag", "SyncProblems", "MissingFiles"} <= records[0].keys()


def env(**more: str) -> dict[str, str]:
    given = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs", "DIPMP_CHAIN_ID": "8453"}
    return given | more


def test_a_sync_without_table_or_registries_says_what_is_missing() -> None:
    with pytest.raises(InvalidSettings, match=r"DIPMP_TABLE is not set.*DIPMP_PINNED is not set"):
        build_sync(Settings.from_env(env()), SILENCE)


def test_the_function_loads_nothing_of_aws_until_it_runs() -> None:
    address = str(RegistryAddress(b"\x01" * 20))
    code = "import sys, functions.sync as f; print('boto3' in sys.modules, 'web3' in sys.modules, callable(f.handler))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **env(DIPMP_TABLE=TABLE, DIPMP_PINNED=address)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["False", "False", "True"]), done.stderr


def test_a_sync_is_made_of_the_settings_and_asks_nobody() -> None:
    address = RegistryAddress(b"\x01" * 20)
    plain = env(DIPMP_TABLE=TABLE, DIPMP_PINNED=str(address))
    sync = build_sync(Settings.from_env(plain), SILENCE)
    assert (list(sync.pinned), sync.objects) == ([address], None)
    assert list(sync.gateways) == ["http://127.0.0.1:1/…"]
    assert build_sync(Settings.from_env(plain | {"DIPMP_BUCKET": "bucket"}), SILENCE).objects is not None


def test_the_record_of_a_run_has_a_metric_for_each_count() -> None:
    stream = io.StringIO()
    summary = Summary(read=3, left=1, lag=0.12345, missing=["a", "b"], gateways={"g": 2}, problems={"r": "down"})
    report(JsonLines(stream, "dipmp-sync"), summary)
    line = json.loads(stream.getvalue())
    counts = {name: line[name] for name in ("SyncedLogs", "SyncLeft", "SyncProblems", "SyncLag", "MissingFiles")}
    assert counts == {"SyncedLogs": 3, "SyncLeft": 1, "SyncProblems": 1, "SyncLag": 0.123, "MissingFiles": 2}
    assert (line["level"], line["gateways"], line["LargePages"]) == ("WARNING", "g=2", 0)
