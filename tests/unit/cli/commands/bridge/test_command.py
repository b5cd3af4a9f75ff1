"""`dipmp bridge` without the parts that it needs."""

import sys

import pytest

from dipmp_cli.commands.bridge.command import _bridge_run
from tests.support.programs.cli import Shell

SETTINGS = {
    "DIPMP_REGISTRY": "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6",
    "ETH_GATEWAY": "http://127.0.0.1:1",
    "DIPMP_PINNER": "kubo:http://127.0.0.1:1",
    "DIPMP_SIGNER": "env:DIPMP_TEST_KEY",
    "DIPMP_TEST_KEY": "0x" + "01" * 32,
}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(SETTINGS)
    return made


@pytest.mark.parametrize(("missing", "told"), [("h11", True), ("dipmp_lib.publish.bridge.form", False)])
def test_an_extra_that_is_not_installed_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, missing: str, told: bool
) -> None:
    """A part of dipmp itself that is missing is a bug, and stays one."""
    monkeypatch.delitem(sys.modules, "dipmp_cli.commands.bridge.run", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in ("form", "app", "protocol", "collect_first", "publish_now", "upload_sink", "pages"):
        module = f"dipmp_lib.publish.bridge.{name}"
        if module != missing:
            monkeypatch.delitem(sys.modules, module, raising=False)
    if told:
        ran = shell.dipmp("bridge", "--yes")
        assert (ran.code, ran.error) == (1, "h11 is not installed")
        assert "pip install 'dipmp-pkg[bridge]'" in ran.err
    else:
        with pytest.raises(ModuleNotFoundError):
            _bridge_run()
