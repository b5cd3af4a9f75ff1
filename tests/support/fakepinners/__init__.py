"""Pinning services on loopback, written from their documentation: they refuse whatever that does not allow.

None was compared with the live service. Each is a function of a request for tests/support/faultproxy.py, which adds
the faults.
"""

from tests.support.fakepinners.filebase import FakeFilebase
from tests.support.fakepinners.pinata import FakePinata
from tests.support.fakepinners.psa import FakePsa
from tests.support.fakepinners.vault import Vault

__all__ = ["FakeFilebase", "FakePinata", "FakePsa", "Vault"]
