"""Collects why files cannot be published, so that a person hears everything at once."""

from ..errors import Conflict, InvalidDistribution, PublishError


class Refusals:
    """Grows while a plan is made, from what was wrong with files before; `check` raises what it holds."""

    def __init__(self, earlier: InvalidDistribution | None = None) -> None:
        self._earlier = earlier
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
        if self._earlier is not None:
            hint = "" if self._errors else self._earlier.hint
            raise InvalidDistribution([*self._earlier.problems, *self._problems()], hint=hint)
        if not self._errors:
            return
        if len(self._errors) == 1:
            raise self._errors[0][1]
        if all(isinstance(error, Conflict) for _, error in self._errors):
            raise Conflict("; ".join(str(error) for _, error in self._errors), hint=self._errors[0][1].hint)
        raise InvalidDistribution(self._problems())

    def _problems(self) -> list[tuple[str, str]]:
        return [
            problem
            for subject, error in self._errors
            for problem in (
                error.problems
                if isinstance(error, InvalidDistribution)
                else [(subject, str(error).removeprefix(f"{subject} "))]
            )
        ]
