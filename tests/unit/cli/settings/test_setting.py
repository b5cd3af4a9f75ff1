"""Settings and secrets show nothing of their values."""

from dipmp_cli.settings import Secrets, Setting


def test_secrets_are_a_mapping_that_shows_nothing() -> None:
    secrets = Secrets({"A": "canary"})
    assert (secrets["A"], len(secrets), list(secrets)) == ("canary", 1, ["A"])
    assert f"{secrets} {secrets!r}" == "*** ***"


def test_a_setting_shows_its_origin_alone() -> None:
    assert repr(Setting("canary", "the variable X")) == "Setting(where='the variable X')"
