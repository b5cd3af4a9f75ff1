"""The embedded block store of `dipmp dev`: a gateway and the part of Kubo's RPC that publishing needs."""
