"""Collects why files cannot be published, so that a person hears everything at once."""

from ..errors import Conflict, InvalidDistribution, PublishError


class Refusals:
    """Grows while a plan is made; `check` raises what it holds."""

    def __init__(self) -> None:
        self._errors: list[tuple[str, PublishError]] = []

    def add(self, subject: str, error: PublishError) -> None:
        """Note why `subject`, a file or a project, is refused."""
        self._errors.append((subject, error))

    @property
    def noted(self) -> tuple[tuple[str, PublishError], ...]:
        """Everything that was noted, in order."""
        return tuple(self._errors)

    def check(self) -> None:
        """Raise the one refusal as it is; several of a kind as one Conflict, or all as one InvalidDistribution."""
        if not self._errors:
            return
        if len(self._errors) == 1:
            raise self._errors[0][1]
        if all(isinstance(error, Conflict) for _, error in self._errors):
            raise Conflict("; ".join(str(error) for _, error in self._errors), hint=self._errors[0][1].hint)
        raise InvalidDistribution(
            [(subject, str(error).removeprefix(f"{subject} ")) for subject, error in self._errors]
        )
