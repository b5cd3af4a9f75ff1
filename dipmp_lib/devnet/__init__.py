"""What `dipmp dev` needs inside one Python process: an embedded chain, and a block store with a gateway."""
