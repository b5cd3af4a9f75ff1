"""IPFS gateways: which one has a file, blocks from any of them, and whole files, verified while they pass.

Only the origins that the operator configured are ever asked, and none of their redirects is followed. Sources: the
Path Gateway and Trustless Gateway specifications; the scores are those of Helia's trustless gateway client.
"""

from .base import gateway_base
from .exchange import MAX_BLOCK, RAW_TYPE
from .gateways import Gateways
from .sightings import Sighting

__all__ = ["MAX_BLOCK", "RAW_TYPE", "Gateways", "Sighting", "gateway_base"]
