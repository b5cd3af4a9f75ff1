"""`dipmp project`: the commands that concern one project."""
