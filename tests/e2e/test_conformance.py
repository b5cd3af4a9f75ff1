"""The conformance suite against both servers, over a registry with one project of every kind."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.programs.clients import isolated_env
from tests.support.repository import ROOT
from tests.support.systems.end_to_end import World, create_registry

SUITE = ROOT / "tests" / "conformance"
PROJECTS = ("one-small", "two-blocks", "gone")
QUARANTINED = "bad-one"
MIB = 1 << 20
MISSING = {
    "the index is not reached over https",
    "gone has no wheel",
    "no wheel has core-metadata",
    "ranges are not offered",
}
"""Checks that do not apply to a loopback index, its gateway and a project of sdists."""


def owner(world: World) -> str:
    """The address of the publisher's key."""
    done = world.publish.dipmp("registry", "show", "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["owner"])


def say(world: World, *args: str | Path) -> None:
    """Run a command that has to work."""
    done = world.publish.dipmp(*args, "--yes")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def varied(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A registry with a guardian: releases, a yank, a file of several blocks, an archived and a quarantined project."""
    folder = tmp_path_factory.mktemp("varied")
    registry = create_registry(world.publish, "--guardian", owner(world), "--salt", "164")
    index_url = world.publish.index_url.replace(world.publish.registry, registry)
    varied = replace(world, publish=replace(world.publish, registry=registry, index_url=index_url))
    say(
        varied,
        "publish",
        "--lenient",
        build_wheel(folder, "one-small", "0.9", requires_python=">=3.8,<4"),
        build_wheel(folder, "one-small", "1.0+local.1", build="1"),
        build_sdist(folder, "one-small", "0.9"),
        build_wheel(folder, "two-blocks", "1!2.0rc1", payload=os.urandom(MIB + 1000)),
        build_sdist(folder, "gone", "1.0"),
        build_wheel(folder, QUARANTINED, "1.0"),
    )
    say(varied, "project", "yank", "one-small", "0.9", "--reason", 'eats "files" <here> & there')
    say(varied, "project", "status", "gone", "archived", "--reason", "use <one-small>")
    say(varied, "project", "quarantine", QUARANTINED, "--reason", "malware")
    return varied


def run_suite(url: str, cwd: Path) -> str:
    """Run every check as others do; return what pytest said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SUITE), "--index-url", url]
    for name in PROJECTS:
        command += ["--project", name]
    done = subprocess.run(
        [*command, "--quarantined", QUARANTINED],
        cwd=cwd,
        env=isolated_env(cwd / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_check_passes(varied: World, server: str, tmp_path: Path) -> None:
    said = run_suite(varied.index_url(server), tmp_path)
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said
    assert int(passed[1]) >= 300, said
    reasons = set(re.findall(r"^SKIPPED \[\d+\] .+?: (.*)$", said, re.M))
    assert reasons <= MISSING, said
