"""The scene of a random step: one registry, and random choices of its names, accounts and entries."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from tests.contract.differential import Side, Step, World
from tests.support.fakes.wallets import Key
from tests.support.files.logs import release_payload, yank_payload
from tests.support.model.contract import ChainModel, LogState, project_id
from tests.support.model.signing import append_digest

FOR_EVER = 2**40 - 1
DAY = 86_400
Other = Mapping[str, object]
NOTHING: Other = {}
WORDS = ("lib", "io", "oil", "py", "web", "data", "lo", "i18n", "core", "cli")


@dataclass(frozen=True, slots=True)
class Scene:
    """One registry at one moment."""

    world: World
    side: Side
    rng: random.Random

    @property
    def model(self) -> ChainModel:
        return self.side.model

    @property
    def people(self) -> tuple[bytes, ...]:
        """Accounts that send transactions."""
        return self.world.people

    def person(self) -> bytes:
        return self.rng.choice(self.people)

    def log(self, name: str) -> LogState:
        return self.model.logs[project_id(name)]

    def owner(self, name: str) -> bytes:
        return self.log(name).owner

    def project(self, *, owned_by: tuple[bytes, ...] = ()) -> str | None:
        """A project, of one of these owners if any are given; new ones more often, so that some grow long."""
        names = [name for name in self.side.names if not owned_by or self.owner(name) in owned_by]
        if not names:
            return None
        return self.rng.choice(names[-4:] if self.rng.random() < 0.5 else names)

    def publishers(self, name: str, *, now: bool = True) -> list[bytes]:
        """Return the present publishers of the present epoch, or with `now` false those whose time is over."""
        key, epoch = project_id(name), self.log(name).epoch
        found = [item for item in self.model.publishers.items() if item[0][:2] == (key, epoch)]
        return [account for (_, _, account), until in found if (until > self.world.time + 12 * DAY) == now]

    def new_name(self) -> str:
        words = self.rng.sample(WORDS, self.rng.choice((2, 2, 3)))
        return "-".join(words) + str(self.rng.randrange(10_000))

    def is_closed(self, name: str) -> bool:
        return bool(self.log(name).status & 0x81)

    def payload(self, name: str, kind: int) -> bytes:
        """Something that a publisher would write, or anything."""
        if kind == 1 and self.rng.random() < 0.8:
            version = f"{self.rng.randrange(20)}.{self.rng.randrange(4)}"
            stem = f"{name.replace('-', '_')}-{version}"
            files = [f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"]
            return release_payload(files[: self.rng.choice((1, 2))])
        if kind == 0x20 and self.rng.random() < 0.8:
            target = self.rng.randrange(1, len(self.log(name).nonces) + 2)
            return yank_payload([target], yanked=self.rng.random() < 0.7, reason="broken")
        return self.rng.randbytes(self.rng.choice((0, 1, 31, 32, 33, 100, 1000)))

    def kind(self, name: str, *, owner: bool) -> int:
        """A kind that is allowed to the owner, or to a publisher."""
        kinds = [0x20, 0x20, 0x3F] + [0x40, 0x7F] * owner + ([] if self.is_closed(name) else [1, 1, 1, 1, 2, 0x1F])
        return self.rng.choice(kinds)

    def since(self) -> int:
        """A time that a revocation may name, with room for the next block's."""
        return self.world.time - self.rng.choice((0, 1, DAY, 18 * DAY))

    def sign(self, signer: bytes, name: str, kind: int, payload: bytes, deadline: int, other: Other = NOTHING) -> bytes:
        """Sign an append as the signer does, over other values where a test says so."""
        model = self.model
        values = {
            "chain_id": model.chain_id, "registry": model.address, "signer": signer, "name": name, "kind": kind,
            "payload": payload, "head": self.log(name).head, "deadline": deadline,
        } | {**other}  # fmt: skip
        digest = append_digest(**values)  # type: ignore[arg-type]
        key: Key | None = self.world.keys.get(signer)
        return key.sign(digest) if key else digest + self.rng.randbytes(self.rng.choice((0, 33)))

    def signed(
        self, signer: bytes, name: str, kind: int, payload: bytes, deadline: int, other: Other = NOTHING
    ) -> Step:
        """Return a signed append that any account sends."""
        signature = self.sign(signer, name, kind, payload, deadline, other)
        return Step(self.person(), "appendWithSig", (name, kind, payload, signer, deadline, signature))

    def signers(self) -> tuple[bytes, ...]:
        """Return the accounts that act by signature only: keys without funds, and a wallet."""
        return (*self.world.keys, self.world.careful)
