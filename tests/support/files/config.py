"""Configuration files, and a folder with a project around."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dipmp_cli.settings import Layers, read_layers
from dipmp_cli.settings.settings import Flags, read_publish_settings
from dipmp_lib.errors import DipmpError, InvalidSettings

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TWO = "0x" + "22" * 20
KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
USUAL = f"""
registry = "{ONE}"
rpc = ["https://rpc.example/token-1", "https://other.example"]
chain_id = 8453
pinners = "kubo:http://127.0.0.1:5001"
gateways = ["https://gateway.example/ipfs"]
signer = "keystore:file"
index_url = "https://index.example/simple/x/"
"""
SEED = f"""
[chain]
address = "{ONE}"
private_key = "{KEY}"
gateway = "https://rpc.example/v3/token-1"
account = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"
[ipfs]
url = "https://pin.example/pinning"
key = "canary-pin-key"
secret = "canary-pin-secret"
"""
NAMED = f"""
rpc = "https://default.example"
signer = "keystore:usual"
pinners = "kubo:http://127.0.0.1:5001"
[registries.work]
address = "base:{TWO}"
rpc = "https://base.example"
pinners = ["kubo:http://127.0.0.1:1", "kubo:http://127.0.0.1:2"]
[registries.play]
address = "{ONE}"
chain_id = 1337
signer = "env:PLAY"
[chains]
base = "https://unused.example"
oeth = ["https://op.example"]
"""


@dataclass
class Place:
    """A folder with a project in it, and a configuration file elsewhere."""

    folder: Path

    def config(self, text: str, mode: int = 0o600) -> None:
        path = self.folder / "config.toml"
        path.write_text(text)
        path.chmod(mode)

    def project(self, text: str) -> None:
        (self.folder / "checkout" / "pyproject.toml").write_text(text)

    def layers(self, environment: Mapping[str, str] | None = None) -> Layers:
        named = {"DIPMP_CONFIG": str(self.folder / "config.toml")} if (self.folder / "config.toml").exists() else {}
        return read_layers({**named, **(environment or {})}, self.folder / "checkout" / "deep" / "below")

    def problems(self, flags: Flags | None = None, environment: Mapping[str, str] | None = None) -> list[str]:
        try:
            read_publish_settings(flags or Flags(), self.layers(environment))
        except InvalidSettings as error:
            return list(error.problems)
        except DipmpError as error:
            return [str(error)]
        return []
