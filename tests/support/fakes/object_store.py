"""An object store in memory, which is also the bucket's web server."""

from dipmp_lib.errors import StoreError
from dipmp_lib.registry.objects import ObjectHeaders
from tests.support.faulty.fault_proxy import Reply
from tests.support.faulty.toxics import Request


class MemoryObjects:
    """Implements ObjectStore; `down` makes it fail, `asked` lists calls as (operation, key)."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, ObjectHeaders]] = {}
        self.asked: list[tuple[str, str]] = []
        self.down = False

    def get(self, key: str, max_bytes: int) -> bytes | None:
        """Return an object."""
        self._ask("get", key)
        body = self.objects[key][0] if key in self.objects else None
        if body is not None and len(body) > max_bytes:
            raise StoreError("too large")
        return body

    def has(self, key: str) -> bool:
        """Return whether there is an object."""
        self._ask("has", key)
        return key in self.objects

    def put(self, key: str, body: bytes, headers: ObjectHeaders) -> None:
        """Store an object."""
        self._ask("put", key)
        self.objects[key] = (body, headers)

    def answer(self, request: Request) -> Reply:
        """Answer as the bucket's web server does: `FaultProxy(objects.answer)`."""
        found = self.objects.get(request.path.lstrip("/"))
        if found is None:
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        body, said = found
        named = {
            "Content-Type": said.content_type,
            "Content-Encoding": said.content_encoding,
            "Cache-Control": said.cache_control,
        }
        return 200, body, {name: value for name, value in named.items() if value}

    def _ask(self, operation: str, key: str) -> None:
        self.asked.append((operation, key))
        if self.down:
            raise StoreError("the store is down")
