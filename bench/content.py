"""The time of a CID and of a CAR, against plain sha256 over the same file.

python -m bench.content [MiB]
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dipmp_lib.ipfs import car, unixfs

MIB = 1 << 20
ROUNDS = 3


def digest(path: Path) -> None:
    with path.open("rb") as stream:
        hashlib.file_digest(stream, "sha256")


def scan(path: Path) -> None:
    with path.open("rb") as stream:
        unixfs.scan(stream)


def pack(path: Path) -> None:
    with path.open("rb") as stream:
        dag = unixfs.scan(stream)
    for _ in car.of_file(dag, lambda: path.open("rb")):
        pass


def best(work: Callable[[Path], None], path: Path) -> float:
    """Return the seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work(path)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(bytes(range(251)) * (size * MIB // 251))
        plain = best(digest, path)
        for name, work in (("sha256 + CID", scan), ("sha256 + CID + CAR", pack)):
            print(f"{name:20} {best(work, path) / plain:5.2f} x plain sha256 of {size} MiB")


if __name__ == "__main__":
    main()
