"""A registry or an endpoint that lies: whatever it answers, a reader shows the truth or nothing."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedLog, NotFound, Upstream
from dipmp_lib.log.blob import fold_head, head0, project_id
from dipmp_lib.model.names import ProjectName
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.support.exploring import examples
from tests.support.fakes.chain import ChainSimulator, ReadAnswer
from tests.support.files.logs import OWNER_KEY, PUBLISHER

FOO, BAR = ProjectName("foo"), ProjectName("bar")


def build() -> ChainSimulator:
    sim = ChainSimulator()
    model = sim.deploy()
    for version in ("1.0", "1.1", "1.2", "1.3"):
        sim.release(model, "foo", f"foo-{version}.tar.gz", f"foo-{version}-py3-none-any.whl")
        sim.release(model, "bar", f"bar-{version}.tar.gz")
    sim.append(model, "foo", 0x20, b"\x00\x83\x81\x02\xf5\x60")
    return sim


SIM = build()
MODEL = next(iter(SIM.registries.values()))
AT = SIM.address_of(MODEL)
TRUTH = ChainRegistry({"": Chain(SIM)}, MemoryLogStore()).project(AT, FOO)
BAR_BLOBS = MODEL.entries("bar")


def entries(page: bytes) -> list[bytes]:
    """Split a page, which may be damaged."""
    found = []
    while page:
        end = 4 + int.from_bytes(page[:4], "big")
        found.append(page[4:end])
        page = page[end:]
    return found


def join(blobs: list[bytes]) -> bytes:
    return b"".join(len(blob).to_bytes(4, "big") + blob for blob in blobs)


def on_page(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[ReadAnswer], ReadAnswer]:
    return lambda a: (a[0], a[1], a[2], join(change(entries(a[3]))))


def on_slot(change: Callable[[int], int]) -> Callable[[ReadAnswer], ReadAnswer]:
    return lambda a: (change(a[0]), *a[1:])


COUNT, LAST, STATUS, EPOCH = 160, 192, 240, 248

LIES: dict[str, Callable[[ReadAnswer], ReadAnswer]] = {
    "drop the newest entry": on_page(lambda b: b[1:]),
    "drop the oldest entry": on_page(lambda b: b[:-1]),
    "drop one in the middle": on_page(lambda b: b[:1] + b[2:]),
    "repeat an entry": on_page(lambda b: [b[0], *b]),
    "swap two entries": on_page(lambda b: [b[1], b[0], *b[2:]]),
    "reverse": on_page(lambda b: b[::-1]),
    "add an entry at the end": on_page(lambda b: [*b, b[-1]]),
    "an entry of another project": on_page(lambda b: [BAR_BLOBS[-1], *b[1:]]),
    "the log of another project": on_page(lambda _: BAR_BLOBS[::-1]),
    "change a payload": on_page(lambda b: [b[0], b[1][:-1] + bytes([b[1][-1] ^ 1]), *b[2:]]),
    "change a kind": on_page(lambda b: [b[0], b"\0\x05" + b[1][2:], *b[2:]]),
    "change an actor": on_page(lambda b: [b[0], b[1][:8] + PUBLISHER + b[1][28:], *b[2:]]),
    "change a time": on_page(lambda b: [b[0], b[1][:28] + bytes(5) + b[1][33:], *b[2:]]),
    "first byte not zero": on_page(lambda b: [b"\x01" + b[0][1:], *b[1:]]),
    "an entry too short": on_page(lambda b: [b[0][:32], *b[1:]]),
    "an empty entry": on_page(lambda b: [b"", *b]),
    "an entry too long": on_page(lambda b: [b[0] + bytes(25_000), *b[1:]]),
    "a link to the newest": on_page(lambda b: [b[0][:2] + b"\xff" * 6 + b[0][8:], *b[1:]]),
    "a page cut off": lambda a: (*a[:3], a[3][:-1]),
    "a length beyond the page": lambda a: (*a[:3], b"\xff" * 4 + a[3]),
    "half a length": lambda a: (*a[:3], a[3] + b"\0\0"),
    "an empty page": lambda a: (*a[:3], b""),
    "an empty page for ever": lambda a: (a[0], a[1], 5, b""),
    "a cursor on the tip": lambda a: (a[0], a[1], a[0] >> LAST & (1 << 48) - 1, a[3]),
    "a cursor that goes on": lambda a: (a[0], a[1], 1, a[3]),
    "a cursor out of range": lambda a: (a[0], a[1], 2**256 - 1, a[3]),
    "a higher count": on_slot(lambda a: a + (1 << COUNT)),
    "a lower count": on_slot(lambda a: a - (1 << COUNT)),
    "the highest count": on_slot(lambda a: a | 0xFFFF_FFFF << COUNT),
    "count zero": on_slot(lambda a: a & ~(0xFFFF_FFFF << COUNT)),
    "last zero": on_slot(lambda a: a & ~((1 << 48) - 1 << LAST)),
    "another owner": on_slot(lambda a: a ^ 1),
    "another head": lambda a: (a[0], bytes(32), *a[2:]),
    "a flipped head": lambda a: (a[0], bytes([a[1][0] ^ 1]) + a[1][1:], *a[2:]),
    "absence with leftovers": lambda a: (0, a[1], 0, a[3]),
    "absence with a page": lambda a: (0, bytes(32), 0, a[3]),
    "absence with a cursor": lambda a: (0, bytes(32), 3, b""),
}


def fresh_reader(*, after: str) -> tuple[ChainSimulator, ChainRegistry]:
    """A reader that has nothing yet, or that has read everything but the last three entries, and a chain to lie."""
    sim = SIM.fork()
    reader = ChainRegistry({"": Chain(sim)}, MemoryLogStore())
    if after == "incremental":
        model = sim.registries[AT.address]
        whole = sim.fork()
        log = model.logs[next(key for key, log in model.logs.items() if log.head == TRUTH.head)]
        del log.nonces[-3:]
        log.head = earlier_head(3)
        reader.project(AT, FOO)
        sim.reorganise_to(whole)
    return sim, reader


def earlier_head(entries_ago: int) -> bytes:
    head = head0(SIM.chain_id, AT.address, project_id("foo"))
    for blob in MODEL.entries("foo")[:-entries_ago]:
        head = fold_head(head, blob)
    return head


@pytest.mark.parametrize("after", ["nothing", "incremental"])
@pytest.mark.parametrize("name", LIES)
def test_no_lie_is_believed(name: str, after: str) -> None:
    sim, reader = fresh_reader(after=after)
    sim.lie = LIES[name]
    with pytest.raises(MalformedLog) as caught:
        reader.project(AT, FOO)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()
    sim.lie = None
    assert reader.project(AT, FOO) == TRUTH  # and nothing of it is remembered


@pytest.mark.parametrize("name", ["drop the newest entry", "a higher count", "a flipped head", "a page cut off"])
def test_no_lie_about_the_list_is_believed(name: str) -> None:
    sim, reader = fresh_reader(after="nothing")
    sim.lie = LIES[name]
    with pytest.raises(MalformedLog):
        reader.project_list(AT)


def hostile_log(*links: int) -> Callable[[ReadAnswer], ReadAnswer]:
    """What a contract of somebody's own may answer: a head that fits entries whose links, oldest first, do not fall."""
    blobs = [MODEL.entries("foo")[0]] + [b"\0\x3f" + link.to_bytes(6, "big") + bytes(25) for link in links]
    head = head0(SIM.chain_id, AT.address, project_id("foo"))
    for blob in blobs:
        head = fold_head(head, blob)
    owner = int.from_bytes(OWNER_KEY, "big")
    slot = owner | len(blobs) << COUNT | len(blobs) << LAST
    return lambda _: (slot, head, 0, join(blobs[::-1]))


@pytest.mark.parametrize("links", [(1, 7), (1, 3), (3, 1), (2**48 - 1, 2)])
def test_links_must_fall_even_where_the_head_fits(links: tuple[int, ...]) -> None:
    sim, reader = fresh_reader(after="nothing")
    sim.lie = hostile_log(*links)
    with pytest.raises(MalformedLog, match="as an older one"):
        reader.project(AT, FOO)
    sim.lie = hostile_log(1, 2)
    assert reader.project(AT, FOO).count == 3


UNCOMMITTED = {
    "last higher": on_slot(lambda a: a + (1 << LAST)),
    "the highest last": on_slot(lambda a: a | (1 << 48) - 1 << LAST),
    "last lower": on_slot(lambda a: a - (1 << LAST)),
    "status": on_slot(lambda a: a ^ 1 << STATUS),
    "epoch": on_slot(lambda a: a ^ 1 << EPOCH),
}


@pytest.mark.parametrize("name", UNCOMMITTED)
@pytest.mark.parametrize("before", [0, 1])
def test_what_the_head_does_not_commit_to_changes_no_file_and_does_no_lasting_harm(name: str, before: int) -> None:
    sim, reader = fresh_reader(after="nothing")
    for _ in range(before):
        reader.project(AT, FOO)
    sim.lie = UNCOMMITTED[name]
    assert reader.project(AT, FOO) == TRUTH
    sim.lie = None
    sim.release(sim.registries[AT.address], "foo", "foo-1.4.tar.gz")
    files = reader.project(AT, FOO).files
    assert files[:-1] == TRUTH.files
    assert files[-1].version == "1.4"


def test_a_count_or_owner_that_changes_without_the_head_is_refused() -> None:
    sim, reader = fresh_reader(after="nothing")
    reader.project(AT, FOO)
    for lie in (LIES["another owner"], LIES["a higher count"]):
        sim.lie = lie
        with pytest.raises(MalformedLog):
            reader.project(AT, FOO)


def test_a_liar_costs_a_bounded_number_of_calls() -> None:
    sim, reader = fresh_reader(after="nothing")
    sim.page_entries = 1
    sim.lie = on_page(lambda b: [blob[:-1] + bytes([blob[-1] ^ 1]) for blob in b])
    sim.reset()
    with pytest.raises(MalformedLog):
        reader.project(AT, FOO)
    assert len(sim.calls) <= 2 * TRUTH.count + 1


@pytest.mark.slow
def test_a_registry_without_end_is_left_after_the_limits() -> None:
    """It invents an older entry whenever it is asked for one."""
    sim, reader = fresh_reader(after="nothing")

    def endless(answer: ReadAnswer) -> ReadAnswer:
        cursor = 2**48 - 2 - 10 * len(sim.calls)
        blobs = [b"\0\x01" + (cursor - at - 1).to_bytes(6, "big") + bytes(25) + bytes(24_000) for at in range(10)]
        slot = 2**32 - 1 << COUNT | cursor << LAST
        return slot, b"\x01" * 32, cursor - 10, join(blobs)

    sim.lie = endless
    sim.reset()
    for _ in range(20):
        with pytest.raises((MalformedLog, Upstream)):
            reader.project(AT, FOO)
    assert len(sim.calls) <= 20 * 40


MUTATED = st.tuples(
    st.sampled_from(["slot", "head", "next", "page", "insert", "delete", "swap"]),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=8),
)


def mutate(answer: ReadAnswer, mutation: tuple[str, int, bytes]) -> ReadAnswer:
    what, at, data = mutation
    slot, head, following, page = answer
    number = int.from_bytes(data, "big")
    place = at % (len(page) + 1)
    match what:
        case "slot":
            slot ^= (number << at % 200) % 2**256
        case "head":
            head = xor(head, data)
        case "next":
            following ^= number
        case "insert":
            page = page[:place] + data + page[place:]
        case "delete":
            page = page[:place] + page[place + len(data) :]
        case "swap":
            page = swap(page, at)
        case _:
            page = page[:place] + xor(page[place:], data)
    return slot, head, following, page


def xor(target: bytes, data: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(target, data, strict=False)) + target[len(data) :]


def swap(page: bytes, at: int) -> bytes:
    blobs = entries(page)
    if blobs:
        blobs[at % len(blobs)], blobs[-1] = blobs[-1], blobs[at % len(blobs)]
    return join(blobs)


@pytest.mark.slow
@given(
    st.lists(MUTATED, min_size=1, max_size=3), st.sampled_from(["nothing", "incremental"]), st.sampled_from([2, 100])
)
@settings(max_examples=examples(400))
def test_no_mutation_yields_other_files(
    mutations: list[tuple[str, int, bytes]], after: str, entries_a_page: int
) -> None:
    sim, reader = fresh_reader(after=after)
    sim.page_entries = entries_a_page

    def lie(answer: ReadAnswer) -> ReadAnswer:
        for mutation in mutations:
            answer = mutate(answer, mutation)
        return answer

    sim.lie = lie
    try:
        project = reader.project(AT, FOO)
    except (MalformedLog, Upstream, NotFound):
        return  # nothing is shown
    assert project.files == TRUTH.files[: len(project.files)]
    assert project.files == TRUTH.files or after == "incremental"
    assert project.owner == TRUTH.owner
