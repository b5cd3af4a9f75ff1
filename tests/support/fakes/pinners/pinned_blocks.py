"""The blocks of a pinning service: it imports whole archives only, and is a trustless gateway to its blocks."""

import io

from dipmp_lib.errors import MalformedCar
from dipmp_lib.ipfs import car
from dipmp_lib.ipfs.cid import RAW, Cid, parse_cid
from dipmp_lib.ipfs.unixfs import decode_node
from tests.support.faulty.fault_proxy import Reply
from tests.support.faulty.toxics import Request


class RefusedError(Exception):
    """The service refuses a request; the text is the reason."""


class PinnedBlocks:
    """Verified blocks, and the pinned roots. A `forgetful` one accepts archives and stores nothing."""

    def __init__(self, *, forgetful: bool = False) -> None:
        self.blocks: dict[Cid, bytes] = {}
        self.pinned: list[Cid] = []
        self.forgetful = forgetful
        self.asked: list[Cid] = []

    def keep(self, root: Cid, blocks: dict[Cid, bytes]) -> None:
        """Pin a root."""
        self.pinned.append(root)
        if not self.forgetful:
            self.blocks |= blocks

    def import_car(self, data: bytes) -> Cid:
        """Import an archive with one root and its whole DAG, and pin the root. Raises RefusedError."""
        try:
            archive = car.read(io.BytesIO(data))
            blocks = {block.cid: block.data for block in archive.blocks}
            [root] = archive.roots
            _require_whole(root, blocks)
        except MalformedCar as error:
            raise RefusedError(f"not a CAR of a file: {error}") from error
        self.keep(root, blocks)
        return root

    def gateway(self, request: Request) -> Reply:
        """Answer as a trustless gateway, for raw blocks only."""
        path, _, query = request.path.partition("?")
        if request.method != "GET" or query != "format=raw" or not path.startswith("/ipfs/"):
            return 400, b"only raw blocks"
        cid = parse_cid(path.removeprefix("/ipfs/"))
        self.asked.append(cid)
        if cid not in self.blocks:
            return 404, b"not here"
        return 200, self.blocks[cid], {"Content-Type": "application/vnd.ipld.raw"}


def _require_whole(root: Cid, blocks: dict[Cid, bytes]) -> None:
    missing = [root]
    while missing:
        cid = missing.pop()
        if cid not in blocks:
            raise RefusedError(f"block {cid} is missing")
        if cid.codec != RAW:
            missing += [link.cid for link in decode_node(blocks[cid]).links]
