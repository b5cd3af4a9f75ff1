"""IPFS: content addressing (CID, CAR, UnixFS; pure), gateways that serve content, and services that pin it."""
