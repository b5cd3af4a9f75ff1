"""What the compiled template says, above all where moto says nothing about it."""

import pytest

from tests.support.stackfiles import package

pytestmark = pytest.mark.node


def test_the_functions_are_there() -> None:
    resources = package("dev")["Resources"]
    functions = {name for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
    assert functions == {f"{name}LambdaFunction" for name in ("Simple", "Files", "SimpleOpen", "FilesOpen", "Sync")}
