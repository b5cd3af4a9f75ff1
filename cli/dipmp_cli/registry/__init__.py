"""`dipmp registry`: the commands that concern a whole registry."""
