"""Routes of the index for programs."""
