"""Memory stays flat however large the file is: 32 bytes a leaf, one leaf at a time."""

import subprocess
import sys
import tracemalloc

import pytest

from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.unixfs import UNIXFS_V1_2025
from tests.support.files.content import MIB, zeros


def test_a_64_mib_file_is_scanned_and_written_in_a_few_mib() -> None:
    size = 64 * MIB
    tracemalloc.start()
    try:
        dag = unixfs.scan(zeros(size))
        written = sum(map(len, car.of_file(dag, lambda: zeros(size))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert written == car.size(dag)
    assert peak < 10 * MIB


def test_what_is_kept_of_a_file_is_32_bytes_a_leaf_and_its_inner_nodes() -> None:
    dag = unixfs.scan(zeros(64 * MIB))
    assert len(dag.leaves) == 64 * 32
    assert sum(len(block.data) for level in dag.levels for block in level) < 64 * 64
    assert dag.profile is UNIXFS_V1_2025


ONE_GIB = """
import resource, sys
from tests.support.files.content import zeros
from dipmp_lib import car, unixfs

def peak_kib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

size = 1 << 30
unixfs.scan(zeros(8 << 20))
before = peak_kib()
dag = unixfs.scan(zeros(size))
written = sum(map(len, car.of_file(dag, lambda: zeros(size))))
assert written == car.size(dag), (written, car.size(dag))
print(peak_kib() - before)
"""


@pytest.mark.long
def test_a_1_gib_file_needs_no_more_memory_than_an_8_mib_one() -> None:
    done = subprocess.run([sys.executable, "-c", ONE_GIB], capture_output=True, text=True, timeout=300, check=True)
    assert int(done.stdout) < 8 * 1024, f"{done.stdout.strip()} KiB more"
