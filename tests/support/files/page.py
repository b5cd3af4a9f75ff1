"""A project with one wheel and one yanked sdist, whose page tests compare byte for byte."""

from dipmp_lib.model.pages import Note
from tests.support.fakes.registry import make_file, make_project, yanked

WHEEL = make_file(
    "demo_pkg-1.0-py3-none-any.whl", "1.0", b"wheel", requires_python=">=3.8,<4", metadata_sha256=b"\x22" * 32
)
SDIST = make_file(
    "demo_pkg-1.0.tar.gz", "1.0", size=2**21, sha256=b"\x11" * 32, dag_root=b"\x33" * 32, requires_python="", entry=1
)
PROJECT = make_project(
    "demo-pkg",
    WHEEL,
    yanked(SDIST, 'breaks "everything" <here> & there'),
    head=bytes(range(32)),
    notes=(Note(entry=2, code="duplicate", filename="demo_pkg-1.0.tar.gz", detail="taken by entry 1"),),
)
ADDRESS = "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6"
HEAD = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PUBLISHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
FILES = f"../../../files/{ADDRESS}/demo-pkg/"
