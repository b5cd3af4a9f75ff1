"""Where the settings that are kept elsewhere are read."""

import os
from collections.abc import Mapping, Sequence

from ..aws.parameters import SystemsManager
from ..http import Fetcher
from ..parameters import ExtensionParameters, Kept, ParameterName, Parameters
from .settings import Settings


class Secrets:
    """Finds what is kept elsewhere when it is needed: on Lambda by the secrets extension, else by boto3.

    `places` are the chains of the settings, with what keeps a value in place of its name.
    """

    def __init__(self, settings: Settings, fetcher: Fetcher) -> None:
        on_lambda = bool(settings.function)
        parameters: Parameters = ExtensionParameters(fetcher, os.environ) if on_lambda else SystemsManager()
        names = {place for each in settings.chains.values() for place in each if isinstance(place, ParameterName)}
        self._kept = {name: Kept(name, parameters) for name in names}
        self.places: Mapping[str, Sequence[str | Kept]] = {
            chain: [self._kept[place] if isinstance(place, ParameterName) else place for place in each]
            for chain, each in settings.chains.items()
        }

    def forget(self) -> None:
        """Forget every value."""
        for kept in self._kept.values():
            kept.forget()
