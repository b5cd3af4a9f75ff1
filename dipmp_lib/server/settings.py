"""Settings of a server, read once from its environment; every mistake is reported, not just the first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from ..aws.parameters import ParameterName
from ..model.names import RegistryAddress
from ..registry import FRESHNESS
from ..simple_api.clients import is_server
from .environment import EnvReader

FINALITIES = ("latest", "safe", "finalized")
OTHERS = ("serve", "refuse")
FILES = ("redirect", "stream")
LOGS = ("text", "json")
_TABLE = (r"[A-Za-z0-9_.-]{3,255}", "the name of a DynamoDB table")
_BUCKET = (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a server or of `sync`.

    `chains` maps EIP-3770 short names to JSON-RPC URLs in order of preference, or parameters that hold them; "" is the
    default chain, whose id is checked where `chain_id` gives it. `gateways` are IPFS gateway URLs. `finality` is the
    block tag that is read. `freshness` is for how many seconds an answer of the chain is served before the chain is
    asked again. `host_url` is the server's URL from outside, "" if unknown.

    `pinned` are the registries that come first, `others` whether the rest is served, too (OTHERS). `denylists` are
    paths of files with the operator's rules. `files` is whether clients are redirected to gateways or get files from
    the server (FILES). `table` (DynamoDB) and `bucket` (S3) hold what outlives this process, and `pages_url` is the URL
    of the bucket's pages; each "" for none. `log` is the form of the log (LOGS), and `function` the name of the Lambda
    function that runs this, "" elsewhere.
    """

    chains: Mapping[str, tuple[str | ParameterName, ...]] = field(repr=False)
    gateways: tuple[str, ...] = field(repr=False)
    chain_id: int | None = None
    finality: str = FINALITIES[0]
    freshness: float = FRESHNESS
    host_url: str = ""
    pinned: tuple[RegistryAddress, ...] = ()
    others: str = OTHERS[0]
    denylists: tuple[str, ...] = ()
    files: str = FILES[0]
    table: str = ""
    bucket: str = ""
    pages_url: str = ""
    log: str = LOGS[0]
    function: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read ETH_GATEWAY, IPFS_GATEWAY, HOST_URL and DIPMP_*. Raises InvalidSettings, which never shows a URL."""
        read = EnvReader(env)
        settings = cls(
            chains=read.chains(),
            gateways=read.urls("IPFS_GATEWAY", required="the IPFS gateways that files are fetched from"),
            chain_id=read.chain_id("DIPMP_CHAIN_ID"),
            finality=read.choice("DIPMP_FINALITY", FINALITIES),
            freshness=read.seconds("DIPMP_FRESHNESS", FRESHNESS),
            host_url=read.url("HOST_URL"),
            pinned=read.registries("DIPMP_PINNED"),
            others=read.choice("DIPMP_OTHERS", OTHERS),
            denylists=read.values("DIPMP_DENYLIST"),
            files=read.choice("DIPMP_FILES", FILES),
            table=read.name("DIPMP_TABLE", *_TABLE),
            bucket=read.name("DIPMP_BUCKET", *_BUCKET),
            pages_url=read.url("DIPMP_PAGES_URL"),
            log=read.choice("DIPMP_LOG", LOGS),
            function=read.value("AWS_LAMBDA_FUNCTION_NAME"),
        )
        for problem in settings._contradictions():
            read.problem(problem)
        read.check()
        return settings

    def _contradictions(self) -> Iterator[str]:
        """Yield the problems of settings that are valid each for itself and not together."""
        keeps = self.table or self.bucket or self.denylists
        if keeps and "" in self.chains and self.chain_id is None:
            # Stored logs and rules name a chain by its id, also when no endpoint can be asked for it.
            yield "DIPMP_CHAIN_ID is not set: DIPMP_TABLE, DIPMP_BUCKET and DIPMP_DENYLIST need it"
        if self.host_url and not is_server(self.host_url):
            yield "HOST_URL is not https://HOST or https://HOST/PREFIX"
        if self.others == "refuse" and not self.pinned:
            yield "DIPMP_OTHERS is 'refuse' and DIPMP_PINNED is not set: no registry would be served"
        if self.files == "stream" and self.function:
            yield "DIPMP_FILES is 'stream': a Lambda function cannot pass files on; leave it out, or use dipmp serve"
        if self.pages_url and not (self.bucket and self.host_url):
            yield "DIPMP_PAGES_URL is set: the pages there need DIPMP_BUCKET, and HOST_URL for the URLs on them"
