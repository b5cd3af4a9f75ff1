"""IPFS gateways: the best one that has a file, blocks from any of them, and whole files, verified as they are read.

Only the origins that the operator configured are ever asked, and none of their redirects is followed. Sources: the
Path Gateway and Trustless Gateway specifications; the scores are those of Helia's trustless gateway client.
"""

from .health import ContentSighting
from .pool import GatewayPool
from .request import MAX_BLOCK, RAW_TYPE, gateway_base

__all__ = ["MAX_BLOCK", "RAW_TYPE", "ContentSighting", "GatewayPool", "gateway_base"]
