"""Keys of the configuration file and the forms of their values."""

import pytest

from dipmp_cli.settings.keys import KEYS, PROJECT_KEYS, REGISTRY_KEYS, Key, take, unknown


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("text", " a ", "a"),
        ("text", ["a"], None),
        ("text", 1, None),
        ("texts", ["a", "b"], "a,b"),
        ("texts", "a", "a"),
        ("texts", ["a", 1], None),
        ("number", 7, "7"),
        ("number", True, None),
        ("number", "7", None),
        ("switch", True, "1"),
        ("switch", False, "0"),
        ("switch", 1, None),
    ],
)
def test_values_become_the_text_of_their_variable(form: str, value: object, text: str | None) -> None:
    assert Key("X", form).text(value) == text  # type: ignore[arg-type]


def test_a_table_gives_settings_with_their_origin_and_problems_without_values() -> None:
    problems: list[str] = []
    table = {"signer": "env:X", "chain_id": "canary", "pins": 2, "max_cost": "", "canary2": "canary"}
    found = take(table, KEYS, "the file", problems)
    assert {name: each.text for name, each in found.items()} == {"DIPMP_SIGNER": "env:X", "DIPMP_PINS": "2"}
    assert found["DIPMP_SIGNER"].where == "signer in the file"
    assert problems[0] == "chain_id in the file is not a whole number"
    assert problems[1].startswith("'canary2' in the file is not a key; ")
    assert "'canary'" not in "".join(problems)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("signr", "did you mean signer?"),
        ("Index-URL", "did you mean index_url?"),
        ("zzzz", "there are registry"),
    ],
)
def test_an_unknown_key_names_the_nearest(name: str, said: str) -> None:
    assert said in unknown(name, KEYS, "the file")


def test_a_long_name_is_cut() -> None:
    assert len(unknown("x" * 10_000, PROJECT_KEYS, "the file")) < 200


def test_a_project_may_name_a_registry_alone() -> None:
    assert set(PROJECT_KEYS) == {"registry"}
    assert REGISTRY_KEYS["address"] == KEYS["registry"]
    assert "registry" not in REGISTRY_KEYS
