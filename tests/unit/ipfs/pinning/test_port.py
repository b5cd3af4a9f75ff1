"""Retries of a busy pinner, without sleeping."""

from collections.abc import Iterator

import pytest

from dipmp_lib.errors import PinnerBusy, PinnerError, PinnerRefused, PublishError
from dipmp_lib.ipfs.cid import Cid, raw_cid
from dipmp_lib.ipfs.pinning import Archive, RetryingPinner
from dipmp_lib.ipfs.pinning.port import ATTEMPTS, MAX_RETRY_AFTER

ROOT = raw_cid(bytes(32))


class Service:
    """Fails as told, one failure a call, and then keeps what it gets."""

    name, operator, fetches = "service", "example.org", True

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.archives: list[bytes] = []
        self.slept: list[float] = []

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        assert root == ROOT
        self.archives.append(b"".join(car()))
        assert len(self.archives[-1]) == size
        if self.failures:
            raise self.failures.pop(0)

    def pin_patiently(self, *, attempts: int = ATTEMPTS, jitter: float = 1.0) -> None:
        def uniform(low: float, high: float) -> float:
            return low + jitter * (high - low)

        retrying = RetryingPinner(self, attempts=attempts, sleep=self.slept.append, uniform=uniform)
        retrying.pin(ROOT, archive, 3)


def archive() -> Iterator[bytes]:
    yield from (b"a", b"bc")


def busy(retry_after: float | None = None) -> PinnerBusy:
    return PinnerBusy("service is busy", retry_after=retry_after, hint="run it again later")


def test_it_is_the_pinner_that_it_wraps() -> None:
    retrying = RetryingPinner(Service())
    assert (retrying.name, retrying.operator, retrying.fetches) == ("service", "example.org", True)


def test_success_needs_no_second_attempt() -> None:
    service = Service()
    service.pin_patiently()
    assert (service.archives, service.slept) == ([b"abc"], [])


def test_a_busy_service_gets_the_whole_archive_again_after_longer_and_longer_pauses() -> None:
    service = Service(*[busy() for _ in range(7)])
    service.pin_patiently(attempts=8)
    assert service.archives == [b"abc"] * 8
    assert service.slept == [1, 2, 4, 8, 16, 30, 30]


def test_pauses_are_random_from_zero() -> None:
    service = Service(busy(), busy())
    service.pin_patiently(jitter=0)
    assert service.slept == [0, 0]


def test_what_the_service_asks_for_is_the_least_pause() -> None:
    service = Service(busy(7), busy(0), busy(MAX_RETRY_AFTER))
    service.pin_patiently(jitter=0.5)
    assert service.slept == [7.5, 0.5, MAX_RETRY_AFTER + 0.5]


def test_a_service_that_asks_for_too_much_gets_no_second_attempt() -> None:
    service = Service(busy(MAX_RETRY_AFTER + 1))
    with pytest.raises(PinnerBusy, match=r"service is busy \(not before 121 s\)") as caught:
        service.pin_patiently()
    assert caught.value.hint == "run it again in 121 s"
    assert (len(service.archives), service.slept) == (1, [])


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_end(attempts: int) -> None:
    service = Service(*[busy() for _ in range(9)])
    with pytest.raises(PinnerBusy, match=rf"service is busy \(tried {attempts} times\)") as caught:
        service.pin_patiently(attempts=attempts)
    assert caught.value.hint == "run it again later"
    assert (len(service.archives), len(service.slept)) == (attempts, attempts - 1)


@pytest.mark.parametrize(
    "failure", [PinnerError("another root"), PinnerRefused("bad token"), PublishError("the file changed"), OSError()]
)
def test_every_other_failure_passes_through(failure: Exception) -> None:
    service = Service(busy(), failure)
    with pytest.raises(type(failure)) as caught:
        service.pin_patiently()
    assert caught.value is failure
    assert len(service.archives) == 2
