"""The Dockerfile and its build context: small, without root, without secrets."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.support.images.docker_context import context_files, is_ignored, parse_rules, tracked_files
from tests.support.images.dockerfile import DockerfileError, parse, read
from tests.support.repository import ROOT

DOCKERFILE = read(ROOT / "Dockerfile")
SERVER = DOCKERFILE.stage()
COMMAND = DOCKERFILE.last(SERVER, "CMD").argv
HEALTH = DOCKERFILE.last(SERVER, "HEALTHCHECK")


def test_the_last_stage_is_the_server_on_the_promised_port() -> None:
    assert SERVER.name == "server"
    assert DOCKERFILE.last(SERVER, "EXPOSE").argv == ("5000",)
    assert COMMAND == ("dipmp", "serve", "--host", "0.0.0.0", "--port", "5000")  # noqa: S104
    assert not [item for stage in DOCKERFILE.lineage(SERVER) for item in stage.all("ENTRYPOINT")]


def test_bases_are_slim_and_have_a_tag_that_names_version_and_release() -> None:
    names = {stage.name for stage in DOCKERFILE.stages}
    bases = {stage.image for stage in DOCKERFILE.stages} - names
    assert len(bases) == 1
    assert all(re.fullmatch(r"python:3\.\d+-slim-[a-z]+", base) for base in bases), bases


@pytest.mark.parametrize("name", ["server", "publisher"])
def test_what_runs_is_neither_root_nor_the_owner_of_what_it_runs(name: str) -> None:
    stage = DOCKERFILE.stage(name)
    user, _, group = DOCKERFILE.last(stage, "USER").argv[0].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    for item in (copy for each in DOCKERFILE.lineage(stage) for copy in each.all("COPY")):
        assert item.flag("from")
        assert not item.flag("chown")


def test_the_runtime_stages_run_nothing_and_hold_no_sources() -> None:
    for each in (*DOCKERFILE.lineage(SERVER), DOCKERFILE.stage("publisher")):
        assert not each.all("RUN")
        assert all(item.argv == ("/opt/dipmp", "/opt/dipmp") for item in each.all("COPY"))


def test_everything_installed_is_checked_against_hashes() -> None:
    for item in (run for stage in DOCKERFILE.stages for run in stage.all("RUN")):
        for command in item.text.split("&&"):
            if " pip " in command and " install " in command:
                assert "--require-hashes" in command or "--no-index" in command, command


def test_no_secret_can_get_into_a_layer() -> None:
    """There is no ARG (the parser refuses it), and no setting of the server in an ENV."""
    env = {word.partition("=")[0] for stage in DOCKERFILE.stages for item in stage.all("ENV") for word in item.argv}
    assert env == {
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_NO_CACHE_DIR",
        "PIP_ROOT_USER_ACTION",
        "PATH",
        "HOME",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
    }


def test_the_health_check_needs_nothing_but_python() -> None:
    assert HEALTH.argv[:2] == ("python", "-c")
    imports = [node for node in ast.walk(ast.parse(HEALTH.argv[2])) if isinstance(node, ast.ImportFrom | ast.Import)]
    assert [node.module for node in imports if isinstance(node, ast.ImportFrom)] == ["http.client"]
    assert HEALTH.flag("timeout") == "5s"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("RUN true", "before FROM"),
        ("FROM python:3 AS a\nARG TOKEN", "ARG"),
        ("FROM python:3 AS a\nADD https://x/y /y", "ADD"),
        ("FROM python:3", "a name of its own"),
        ("FROM a:1 AS a\nFROM a:1 AS a", "a name of its own"),
        ("FROM a:1 AS a\nCMD dipmp serve", "shell form"),
        ("FROM a:1 AS a\nCMD [dipmp]", "no JSON array"),
        ("FROM a:1 AS a\nRUN --mount=type=secret,id=x true", "--mount"),
        ("FROM a:1 AS a\nRUN true \\", "never ends"),
        ("FROM a:1 AS a\nRUN cat <<E", "heredoc"),
        ("FROM a:1 AS a\nHEALTHCHECK NONE", "HEALTHCHECK NONE"),
        ("# nothing", "no FROM"),
    ],
)
def test_the_parser_refuses_what_it_does_not_know(text: str, why: str) -> None:
    with pytest.raises(DockerfileError, match=re.escape(why)):
        parse(text)


def test_the_parser_joins_lines_and_reads_flags() -> None:
    stage = parse("FROM a:1 AS x\n# c\nRUN one \\\n# c\n  && two\nCOPY --from=x /a /b\n").stage("x")
    assert stage.all("RUN")[0].text == "one && two"
    assert (stage.all("COPY")[0].flag("from"), stage.all("COPY")[0].argv) == ("x", ("/a", "/b"))


def test_the_context_holds_what_the_dockerfile_copies_and_nothing_else() -> None:
    copied = {
        word.rstrip("/")
        for stage in DOCKERFILE.stages
        for item in stage.all("COPY")
        if not item.flag("from")
        for word in item.argv[:-1]
    }
    given = context_files(ROOT, tracked_files(ROOT))
    assert {name for name in given if not any(name == top or name.startswith(f"{top}/") for top in copied)} == set()
    assert {top for top in copied if not any(name == top or name.startswith(f"{top}/") for name in given)} == set()


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".git/config",
        "keystore.json",
        "requirements/dev.txt",
        ".venv/bin/python",
        "infra/stages/prod.yml",
        "dipmp_lib/__pycache__/a.cpython-313.pyc",
        "cli/dipmp_cli/__pycache__/x",
        "dipmp_lib/x.pyc",
        "tests/conftest.py",
    ],
)
def test_keys_state_and_caches_stay_outside(name: str) -> None:
    assert is_ignored(PurePosixPath(name), parse_rules((ROOT / ".dockerignore").read_text()))
