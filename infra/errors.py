"""Errors of the build."""


class CannotBundle(Exception):  # noqa: N818 - the name is the sentence
    """The artifact cannot be built; the message is one sentence with the next step."""
