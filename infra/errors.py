"""What goes wrong in front of a deployment."""


class CannotBundle(Exception):  # noqa: N818 - it says what is wrong
    """The artifact cannot be built; the message is one sentence with the next step."""
