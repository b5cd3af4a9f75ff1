"""What a server keeps beyond itself, as its settings say."""

from ..aws.archive import DynamoArchive
from ..aws.table import Table
from ..chains import ChainIds
from ..store import ArchiveReader, NothingKept
from ..telemetry import Telemetry
from .settings import Settings


def open_archive(settings: Settings, telemetry: Telemetry) -> ArchiveReader:
    """Return the archive of last known good logs; nobody is asked anything yet, and nothing of AWS imported."""
    if not settings.table:
        return NothingKept()
    return DynamoArchive(Table(settings.table), ChainIds(settings.chain_id), telemetry)
