"""Content addressing (CID, CAR, UnixFS; pure), and the gateways and pinners that keep bytes."""
