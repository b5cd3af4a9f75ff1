"""What a stage costs, worked out from its compiled template. Pure, but for reading the price table."""
