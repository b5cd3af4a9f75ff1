"""Settings for every test."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same commit passes or fails wherever it is tested: `make test` tries the same examples every time, and
# `make test-long` looks for others. How long an example takes says more about the machine than about the code; and a
# fixture that all examples of a property share is meant to be.
settings.register_profile(
    "dipmp",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("fast", settings.get_profile("dipmp"), max_examples=20)
settings.register_profile(
    "explore", settings.get_profile("dipmp"), derandomize=False, max_examples=1000, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dipmp"))

# No test reads this machine's own configuration of dipmp (nothing is below a device), or asks its keyring.
os.environ["XDG_CONFIG_HOME"] = f"{os.devnull}/config"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

_MARKS = ("slow", "long", "evm", "node", "kubo")
_WHOLE = re.compile(r"^pytestmark = .*(?:\n    .*)*", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no test file all of which its own mark deselects: what it imports may take seconds."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or "not " not in chosen:
        return None
    whole = " ".join(_WHOLE.findall(collection_path.read_text("utf-8")))
    deselected = any(f"mark.{mark}" in whole and re.search(rf"\bnot {mark}\b", chosen) for mark in _MARKS)
    return True if deselected else None
