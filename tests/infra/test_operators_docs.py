"""Commands in the pages for operators exist, and every alarm has its section."""

import json
import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup

from dipmp_cli.commands import COMMANDS, load
from tests.infra.stages import template
from tests.support.aws.templates import require_sls
from tests.support.files.doc_commands import commands, of_program
from tests.support.repository import ROOT

DEPLOY = ROOT / "docs" / "deploy.md"
README = ROOT / "README.md"
PAGES = [ROOT / "docs" / name for name in ("bridge.md", "clients.md", "costs.md", "deploy.md", "runbook.md")] + [README]
NAMES = [page.name for page in PAGES]
SCHEMA = """
const schema = require("serverless/lib/cli/commands-schema/aws-service.js");
const words = (options) => Object.entries(options).flatMap(([name, {shortcut}]) => [name, shortcut]).filter(Boolean);
console.log(JSON.stringify([...schema].map(([name, {options}]) => [name, words(options)])));
"""


@lru_cache
def sls_commands() -> dict[str, list[str]]:
    """osls's own table of commands, with their options."""
    require_sls()
    done = subprocess.run(["node", "-e", SCHEMA], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def options_of(words: list[str]) -> list[str]:
    return [word.lstrip("-").partition("=")[0] for word in words if word.startswith("-")]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    asked = {word for words in of_program(page, "make") for word in words if not re.search(r"[=<>]", word)}
    assert asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_dipmp_command_and_option_exists(page: Path) -> None:
    for typed in of_program(page, "dipmp"):
        words = typed[: typed.index("--")] if "--" in typed else typed  # what follows is another program's
        names = [word for word in words if not word.startswith("-")]
        place: Any = COMMANDS[names[0].partition("|")[0]]
        command: Any = load(names[0], place)
        for name in names[1:]:
            if not isinstance(command, TyperGroup):
                break
            context: Any = None  # which these groups do not look at
            command = command.get_command(context, name.partition("|")[0])
            assert command is not None, words
        known = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("-")} <= known | {"-h", "--help"}, words


@pytest.mark.node
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_sls_command_and_option_exists(page: Path) -> None:
    for words in of_program(page, "sls"):
        plain = " ".join(words[: next((i for i, word in enumerate(words) if word.startswith("-")), len(words))])
        assert plain in sls_commands(), words
        assert set(options_of(words)) <= set(sls_commands()[plain]), words


def test_there_is_something_to_check() -> None:
    assert len(of_program(DEPLOY, "sls")) > 8
    assert len(of_program(DEPLOY, "make")) >= 4
    assert len(of_program(DEPLOY, "dipmp")) >= 2
    assert {words[0] for words in commands(DEPLOY)} >= {"docker", "aws", "curl", "pip"}


def test_the_container_gets_the_three_promised_variables() -> None:
    (run,) = (words for words in of_program(DEPLOY, "docker") if words[0] == "run")
    variables = {word.partition("=")[0] for word in run if word.isupper() or re.match(r"[A-Z_]+=", word)}
    assert {"ETH_GATEWAY", "IPFS_GATEWAY", "HOST_URL"} <= variables


def test_options_of_a_stage_that_are_shown_exist() -> None:
    known = yaml.safe_load((ROOT / "infra" / "stages" / "default.yml").read_text())
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "deploy.md").read_text(), re.M | re.S)
    assert yaml.safe_load(shown).keys() <= known.keys()
    assert known["ethGateway"].replace("${sls:stage}", "prod") == "ssm:/dipmp/prod/eth-gateway"


@pytest.mark.node
def test_every_alarm_has_a_section_in_the_runbook_and_nothing_else_has() -> None:
    alarms = [each for each in template("everything")["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    names = {alarm["Properties"]["AlarmName"]["Fn::Sub"].rpartition("-")[2] for alarm in alarms}
    text = (ROOT / "docs" / "runbook.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    assert sections.keys() == names
    for name, section in sections.items():
        assert re.findall(r"\*\*(\w+)\.\*\*", section) == ["Means", "Look", "Do"], name


@pytest.mark.node
def test_outputs_that_the_pages_name_exist() -> None:
    outputs = template("prod")["Outputs"].keys()
    assert {"Url", "AlarmTopicArn", "DeadLettersUrl"} <= outputs


def test_nothing_that_is_linked_is_missing() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_terminal_in_the_readme_is_part_of_the_recording() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", README.read_text(), re.M | re.S)
    assert f"\n{shown}" in (ROOT / "docs" / "recording.txt").read_text()


def test_every_page_is_listed_and_nothing_linked_from_the_lists_is_missing() -> None:
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/README.md",
        "docs/layout.md",
        "docs/adr/README.md",
    ):
        page = ROOT / name
        links = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()))
        assert [link for link in links if not (page.parent / link).exists()] == [], name
        if page.name == "README.md" and page.parent != ROOT:
            assert {path.name for path in page.parent.glob("*.md")} <= links | {"README.md"}, name
