"""State directory of a development node.

lock             locked while a node runs in it
ports.json       the ports of the last run, which the next one takes again
keystore.json    the funded key, with keystore.json.password beside it (both mode 0600)
chain.sqlite     the chain (statedb.py)
blocks/          the block store (blocks.py)
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InvalidInput
from ..transactions.signers import KeystoreSigner, PasswordSource, create_keystore, password_path


class StateDir:
    """A directory that this process has for itself; made by `temporary_state` or `persistent_state`."""

    def __init__(self, path: Path, *, persistent: bool) -> None:
        self.path = path
        self._persistent = persistent
        self.blocks = path / "blocks"
        self.keystore = path / "keystore.json"
        self._ports = path / "ports.json"

    @property
    def chain(self) -> Path | None:
        """The chain's file; None in a temporary directory, whose chain is in memory."""
        return self.path / "chain.sqlite" if self._persistent else None

    def signer(self) -> KeystoreSigner:
        """Open the keystore, which is created in a new directory. Raises InvalidInput, SignerError."""
        if not self.keystore.exists():
            self._create_keystore()
        return KeystoreSigner(self.keystore, PasswordSource())

    def _create_keystore(self) -> None:
        if self.chain is not None and self.chain.exists():
            raise InvalidInput(
                f"{self.path} holds a chain, but not the key that owns its funds (keystore.json)",
                hint="put the file back, or use another --state directory",
            )
        password = secrets.token_urlsafe(24)
        # The password comes first: a keystore without one would be lost, a password alone is only overwritten.
        password_file = password_path(self.keystore)
        password_file.unlink(missing_ok=True)
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(password)
        create_keystore(self.keystore, password, light=True)

    def ports(self) -> dict[str, int]:
        """Return the ports of the last run by endpoint, {} where they are not known."""
        try:
            stored = json.loads(self._ports.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        items = stored.items() if isinstance(stored, dict) else ()
        return {str(name): port for name, port in items if type(port) is int and 0 < port < 65536}

    def remember(self, ports: Mapping[str, int]) -> None:
        """Write the ports down for the next run."""
        self._ports.write_text(json.dumps(dict(ports)))


@contextmanager
def temporary_state() -> Iterator[StateDir]:
    """Yield a directory that is removed at the end."""
    with TemporaryDirectory(prefix="dipmp-dev-") as path:
        yield StateDir(Path(path), persistent=False)


@contextmanager
def persistent_state(path: Path) -> Iterator[StateDir]:
    """Yield the directory `path`, created if need be and locked meanwhile. Raises InvalidInput."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (path / "lock").open("w")
    except OSError as error:
        raise InvalidInput(f"the state directory {path} cannot be used: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidInput(
                f"another dipmp dev is running in {path}", hint="stop that one, or use another --state directory"
            ) from None
        yield StateDir(path.resolve(), persistent=True)
