"""`dipmp config path`, and lines for pip, uv and Poetry."""

from pathlib import Path

import pytest

from tests.support.programs.cli import Shell

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    made = Shell(monkeypatch, capsys)
    monkeypatch.chdir(tmp_path)
    made.environment({"DIPMP_CONFIG": str(tmp_path / "config.toml")})
    return made


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_path(shell: Shell, tmp_path: Path) -> None:
    assert shell.dipmp("config", "path").out == f"{tmp_path / 'config.toml'}\n"


def test_the_warning_is_said_by_every_command_that_reads_the_file(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path, f'[chain]\naddress = "{ONE}"\nprivate_key = "{KEY}"\n')
    ran = shell.dipmp("project", "show", "demo", "--json")
    assert ran.code == 1
    assert "holds secrets in plain text" in ran.err
    assert KEY not in ran.out + ran.err


@pytest.mark.parametrize(
    ("client", "line"),
    [("pip", "index-url = {url}"), ("uv", 'url = "{url}"'), ("poetry", 'url = "{url}"')],
)
def test_lines_for_a_client_are_all_of_stdout(shell: Shell, client: str, line: str) -> None:
    url = f"https://host.example/simple/{ONE}/"
    ran = shell.dipmp("config", client, url)
    assert (ran.code, ran.err) == (0, "")
    assert line.format(url=url) in ran.out


def test_an_index_url_that_is_none(shell: Shell) -> None:
    ran = shell.dipmp("config", "pip", "host.example")
    assert (ran.code, ran.out) == (1, "")
    assert ran.error
