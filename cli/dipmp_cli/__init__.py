"""The `dipmp` and `dipmp-publish` programs."""
