"""What a server keeps beyond itself, as its settings say."""

import os
from collections.abc import Mapping, Sequence

from ..aws.archive import DynamoArchive
from ..aws.objects import S3Objects
from ..aws.parameters import CachedParameter, ExtensionParameters, ParameterEndpoints, ParameterName, Parameters
from ..aws.parameters.systems_manager import SystemsManager
from ..aws.table import Table
from ..http import Fetcher
from ..model.chains import ChainIds
from ..registry import ArchiveReader, EmptyArchive
from ..registry.chain.endpoints import Source
from ..registry.objects import ObjectStore
from ..telemetry import Telemetry
from .large_pages import LargePages
from .settings import Settings


def open_archive(settings: Settings, telemetry: Telemetry) -> ArchiveReader:
    """Return the archive of last known good logs; nobody is asked anything yet, and nothing of AWS imported."""
    if not settings.table:
        return EmptyArchive()
    return DynamoArchive(Table(settings.table), ChainIds(settings.chain_id), telemetry)


def open_objects(settings: Settings) -> ObjectStore | None:
    """Return where METADATA and large pages are kept, None for nowhere."""
    return S3Objects(settings.bucket) if settings.bucket else None


def open_large_pages(settings: Settings, objects: ObjectStore | None) -> LargePages | None:
    """Return where pages are that a response cannot hold, None for nowhere."""
    if objects is None or not settings.pages_url:
        return None
    return LargePages(objects, settings.pages_url, settings.host_url, ChainIds(settings.chain_id))


class EndpointParameters:
    """Finds what is kept elsewhere when it is needed: on Lambda by the secrets extension, else by boto3.

    `places` are the chains of the settings, with a source of endpoints in place of a parameter's name.
    """

    def __init__(self, settings: Settings, fetcher: Fetcher) -> None:
        on_lambda = bool(settings.function)
        parameters: Parameters = ExtensionParameters(fetcher, os.environ) if on_lambda else SystemsManager()
        names = {place for each in settings.chains.values() for place in each if isinstance(place, ParameterName)}
        self._kept = {name: CachedParameter(name, parameters) for name in names}
        self.places: Mapping[str, Sequence[str | Source]] = {
            chain: [
                ParameterEndpoints(self._kept[place], fetcher).rpcs if isinstance(place, ParameterName) else place
                for place in each
            ]
            for chain, each in settings.chains.items()
        }

    def forget(self) -> None:
        """Forget every value."""
        for kept in self._kept.values():
            kept.forget()
