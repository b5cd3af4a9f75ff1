"""Stand-ins for pinning services, written from their documentation: they refuse requests that it does not allow.

None was compared with the live service. Each answers requests of a FaultProxy (tests/support/faulty), which adds the
faults.
"""

from tests.support.fakes.pinners.filebase import FakeFilebase
from tests.support.fakes.pinners.pinata import FakePinata
from tests.support.fakes.pinners.pinned_blocks import PinnedBlocks
from tests.support.fakes.pinners.psa import FakePsa

__all__ = ["FakeFilebase", "FakePinata", "FakePsa", "PinnedBlocks"]
