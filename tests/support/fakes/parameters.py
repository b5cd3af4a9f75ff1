"""Parameters in memory, for tests of their values and of the endpoints that they name."""

from dipmp_lib.aws.parameters import ParameterName
from dipmp_lib.errors import Upstream

NAME = ParameterName("/dipmp/prod/eth-gateway")
SECRET = "https://rpc.example/v3/verysecret"


class ParameterStore:
    """Parameters that a test changes; `asked` counts."""

    def __init__(self, value: str = SECRET) -> None:
        self.value = value
        self.failure: Upstream | None = None
        self.asked = 0

    def get(self, name: ParameterName) -> str:
        """Return the value of any parameter."""
        assert name == NAME
        self.asked += 1
        if self.failure:
            raise self.failure
        return self.value
