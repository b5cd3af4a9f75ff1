"""Backing services that a server and `sync` are both made of: chains, gateways, archive, bucket and rules.

Loads no web framework, and of AWS nothing but our own code.
"""

import os
from collections.abc import Mapping, Sequence

from ..aws.archive import DynamoArchive
from ..aws.objects import S3Objects
from ..aws.parameters import CachedParameter, ExtensionParameters, ParameterEndpoints, ParameterName, Parameters
from ..aws.parameters.systems_manager import SystemsManager
from ..aws.table import Table
from ..http import Fetcher
from ..ipfs.gateways import GatewayPool
from ..model.chains import ChainIds
from ..registry.chain import connect
from ..registry.chain.endpoints import Source
from ..registry.objects import ObjectStore
from ..telemetry import SILENCE, Telemetry
from .large_pages import LargePages
from .policy import Policy, open_source
from .settings import Settings


class Backends:
    """The services that the settings name, each made once; none is asked anything yet. Raises InvalidSettings.

    `objects` (METADATA and large pages) is None without a bucket, and `large` where large pages have no URL.
    """

    def __init__(self, settings: Settings, telemetry: Telemetry) -> None:
        self._settings = settings
        self._telemetry = telemetry
        self.fetcher = Fetcher()
        self.endpoints = EndpointParameters(settings, self.fetcher)
        self.chains = connect(self.endpoints.by_chain, self.fetcher, chain_id=settings.chain_id, telemetry=telemetry)
        self.objects: ObjectStore | None = S3Objects(settings.bucket) if settings.bucket else None
        self.large = _large_pages(settings, self.objects)

    def archive(self) -> DynamoArchive:
        """Return the archive of logs; the settings have to name its table."""
        return DynamoArchive(Table(self._settings.table), ChainIds(self._settings.chain_id), self._telemetry)

    def gateways(self, *urls: str) -> GatewayPool:
        """Return these gateways, or those of the settings where none is given."""
        return GatewayPool(urls or self._settings.gateways, self.fetcher, telemetry=self._telemetry)

    def policy(self, refusals: Telemetry = SILENCE) -> Policy:
        """Return the operator's policy, which tells `refusals` what it refuses. Raises InvalidSettings."""
        settings = self._settings
        return Policy(
            open_source(settings.denylists, self._telemetry),
            pinned=settings.pinned,
            others=settings.others == "serve",
            chain_id=settings.chain_id,
            telemetry=refusals,
        )


def _large_pages(settings: Settings, objects: ObjectStore | None) -> LargePages | None:
    if objects is None or not settings.pages_url:
        return None
    return LargePages(objects, settings.pages_url, settings.host_url, ChainIds(settings.chain_id))


class EndpointParameters:
    """Endpoints that parameters hold, read when they are needed: on Lambda by its extension, else by boto3.

    `by_chain` are the chains of the settings, with a source of endpoints in place of each parameter's name.
    """

    def __init__(self, settings: Settings, fetcher: Fetcher) -> None:
        on_lambda = bool(settings.function)
        parameters: Parameters = ExtensionParameters(fetcher, os.environ) if on_lambda else SystemsManager()
        names = {each for chain in settings.chains.values() for each in chain if isinstance(each, ParameterName)}
        self._parameters = {name: CachedParameter(name, parameters) for name in names}
        self.by_chain: Mapping[str, Sequence[str | Source]] = {
            chain: [
                ParameterEndpoints(self._parameters[each], fetcher).rpcs if isinstance(each, ParameterName) else each
                for each in endpoints
            ]
            for chain, endpoints in settings.chains.items()
        }

    def forget(self) -> None:
        """Forget every value."""
        for parameter in self._parameters.values():
            parameter.forget()
