"""Block store: a directory of blocks and pins.

    blocks/ab/abcd…   a file for each block, named by its sha256 in hex, so CIDs of any codec find the same bytes
    pins/bafy…        an empty file for each pinned root
    tmp/              files being written, which are moved into place when they are whole

Safe for several threads, and for a process that is killed at any point. Nothing is ever removed.
"""

import shutil
import tempfile
import threading
import weakref
from pathlib import Path
from typing import BinaryIO

from ...errors import GatewayError, MalformedCar
from ...ipfs import car, unixfs
from ...ipfs.cid import DAG_PB, Block, Cid, parse_cid, verify


class BlockStore:
    """Blocks at `path`, which is created; None keeps them in a temporary directory for the life of this object."""

    def __init__(self, path: str | Path | None = None) -> None:
        if path is None:
            path = tempfile.mkdtemp(prefix="dipmp-blocks-")
            weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        self.path = Path(path)
        self._temporary = self.path / "tmp"
        shutil.rmtree(self._temporary, ignore_errors=True)
        for folder in (self._temporary, self.path / "blocks", self.path / "pins"):
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, block: Block) -> None:
        """Store a block. Raises MalformedCar where the bytes do not have the CID's hash."""
        verify(block.cid, block.data)
        self._write(self._file(block.cid), block.data)

    def has(self, cid: Cid) -> bool:
        """Tell whether the block is in the store."""
        return self._file(cid).is_file()

    def get(self, cid: Cid) -> bytes:
        """Return a block's bytes, verified. Raises GatewayError where it is missing or damaged."""
        try:
            data = self._file(cid).read_bytes()
            verify(cid, data)
        except FileNotFoundError:
            raise GatewayError(f"block {cid} is not in the store") from None
        except MalformedCar as error:
            raise GatewayError(f"block {cid} is damaged on disk", hint="publish the file again") from error
        return data

    def import_car(self, stream: BinaryIO, limits: car.CarLimits | None = None) -> tuple[Cid, ...]:
        """Store every block of a CAR and return its roots. Raises MalformedCar; blocks before the fault stay."""
        archive = car.read(stream, limits or car.CarLimits())
        for block in archive.blocks:
            self._write(self._file(block.cid), block.data)
        return archive.roots

    def pin(self, root: Cid) -> None:
        """Pin a file. Raises GatewayError where one of its blocks is missing, MalformedCar where it is no file."""
        self._complete(root)
        self._write(self.path / "pins" / str(Cid(root.codec, root.digest)), b"")

    def pins(self) -> list[Cid]:
        """Return the pinned roots, sorted by their text."""
        return [parse_cid(entry.name) for entry in sorted((self.path / "pins").iterdir())]

    def is_pinned(self, root: Cid) -> bool:
        """Tell whether this root itself was pinned."""
        return (self.path / "pins" / str(Cid(root.codec, root.digest))).is_file()

    def _complete(self, root: Cid) -> None:
        """Check that all blocks are here; each node is read once, so that a small DAG cannot cause a long walk."""
        seen, waiting = {root}, [root]
        while waiting:
            cid = waiting.pop()
            if not self.has(cid):
                raise GatewayError(f"block {cid} is not in the store")
            if cid.codec == DAG_PB:
                new = {link.cid for link in unixfs.decode_node(self.get(cid)).links} - seen
                seen |= new
                waiting += new

    def _file(self, cid: Cid) -> Path:
        name = cid.digest.hex()
        return self.path / "blocks" / name[:2] / name

    def _write(self, file: Path, data: bytes) -> None:
        # Two threads may write the same block: each has its own temporary file, with the same bytes.
        temporary = self._temporary / f"{file.name}.{threading.get_ident()}"
        temporary.write_bytes(data)
        file.parent.mkdir(exist_ok=True)
        temporary.replace(file)
