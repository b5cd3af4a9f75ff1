"""Commands about configuration: dipmp's own, and that of the clients that install from a registry."""
