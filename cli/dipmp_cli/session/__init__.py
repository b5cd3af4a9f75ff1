"""What commands share: options, the connection to a chain, sending transactions."""
