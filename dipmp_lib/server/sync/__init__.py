"""What runs on a schedule: brings what servers need in an outage from the chain and IPFS to where it is kept."""
