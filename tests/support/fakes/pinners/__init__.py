"""Pinning services on loopback, written from their documentation: they refuse whatever that does not allow.

None was compared with the live service. Each is a function of a request for tests/support/faulty/fault_proxy.py, which
adds the faults.
"""

from tests.support.fakes.pinners.filebase import FakeFilebase
from tests.support.fakes.pinners.pinata import FakePinata
from tests.support.fakes.pinners.pinned_blocks import PinnedBlocks
from tests.support.fakes.pinners.psa import FakePsa

__all__ = ["FakeFilebase", "FakePinata", "FakePsa", "PinnedBlocks"]
