"""The root of the error tree."""


class DipmpError(Exception):
    """Base of all. `hint` is the next step for the person who reads the message, or empty."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
