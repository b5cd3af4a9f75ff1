"""What a server keeps beyond itself, as its settings say."""

from ..aws.archive import DynamoArchive
from ..aws.objects import S3Objects
from ..aws.table import Table
from ..chains import ChainIds
from ..objects import ObjectStore
from ..store import ArchiveReader, NothingKept
from ..telemetry import Telemetry
from .large import LargePages
from .settings import Settings


def open_archive(settings: Settings, telemetry: Telemetry) -> ArchiveReader:
    """Return the archive of last known good logs; nobody is asked anything yet, and nothing of AWS imported."""
    if not settings.table:
        return NothingKept()
    return DynamoArchive(Table(settings.table), ChainIds(settings.chain_id), telemetry)


def open_objects(settings: Settings) -> ObjectStore | None:
    """Return where METADATA and large pages are kept, None for nowhere."""
    return S3Objects(settings.bucket) if settings.bucket else None


def open_large_pages(settings: Settings, objects: ObjectStore | None) -> LargePages | None:
    """Return where pages are that a response cannot hold, None for nowhere."""
    if objects is None or not settings.pages_url:
        return None
    return LargePages(objects, settings.pages_url, settings.host_url, ChainIds(settings.chain_id))
