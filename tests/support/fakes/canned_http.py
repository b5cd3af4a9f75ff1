"""A fetcher that answers without a network."""

from collections.abc import Iterable, Mapping

from dipmp_lib.http import Answer


class Canned:
    """Gives one answer after the other; `asked` are the requests, with their bodies."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.deadlines: list[float] = []

    def fetch(
        self,
        method: str,
        url: str,
        *,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str],
        deadline: float,
        **_: object,
    ) -> Answer:
        self.asked.append((method, url, headers, body if isinstance(body, bytes) else b"".join(body)))
        self.deadlines.append(deadline)
        return self.answers.pop(0)
