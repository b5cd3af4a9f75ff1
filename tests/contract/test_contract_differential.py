"""Random steps on real registries and in the model: the same outcome, the same state, after every single one.

The seed is fixed, so that a failure repeats; DIPMP_SEED chooses another, and the long run draws a fresh one.
"""

import os
import random
import secrets
from collections import Counter

import pytest

from dipmp_lib.ethereum.abi import package_index, package_index_factory
from tests.contract.backends import Backend, EmbeddedBackend
from tests.contract.differential import MODEL, Step, World
from tests.contract.harness import ensure_factory
from tests.contract.random_mistakes import MISTAKES
from tests.contract.random_steps import PLANS, chaos
from tests.contract.scene import Scene
from tests.support.model.contract import ZERO

SEED = int(os.environ.get("DIPMP_SEED", "20241123"))
CHANCE_OF_A_MISTAKE = 0.3
# Two failures of the chain itself, not of a caller: other CREATE addresses (test_contract_log), and too little gas.
UNPROVOKED = {"UnexpectedBlobAddress", "CreationFailed"}


def errors() -> set[str]:
    """Every error of the two interfaces."""
    items = (*package_index().abi, *package_index_factory().abi)
    return {item["name"] for item in items if item["type"] == "error"}


class Run:
    """One sequence of random steps."""

    def __init__(self, backend: Backend, seed: int) -> None:
        ensure_factory(backend)
        self.rng = random.Random(seed)  # noqa: S311 - it has to repeat, not to be secret
        self.world = World(backend, self.rng)
        first, *_, guardian = self.world.people
        self.arguments = (first, guardian, 0, self.rng.randbytes(32))
        for arguments in (self.arguments, (first, guardian, 1, bytes(32)), (first, ZERO, 0, bytes(32))):
            self.world.create((*arguments[:3], self.rng.randbytes(32)) if not any(arguments[3]) else arguments)

    def take(self, steps: int) -> Counter[str]:
        """Take so many steps, the guardian of the second registry resigning half way, and compare everything."""
        for number in range(steps):
            if number in (steps // 2, steps // 2 + 1):
                side = self.world.sides[1]
                self.world.take(side, Step(side.first_guardian, "resignGuardian", ()))
            elif self.rng.random() < 0.02:
                self._beside_the_registries()
            else:
                self._step()
        self.world.compare_all()
        return self.world.tried

    def _step(self) -> None:
        scene = Scene(self.world, self.rng.choice(self.world.sides[:4]), self.rng)
        step = None
        while step is None:
            if self.rng.random() < CHANCE_OF_A_MISTAKE:
                step = self.rng.choice(MISTAKES)(scene)
            else:
                step = self.rng.choices(list(PLANS), list(PLANS.values()))[0](scene)
        self.world.take(scene.side, step)

    def _beside_the_registries(self) -> None:
        """Use the factory, or the code that all registries share."""
        owner, mode = self.rng.choice((*self.world.people, ZERO)), self.rng.choice((0, 1, 2, 255))
        match self.rng.randrange(3):
            case 0:
                self.world.create((owner, self.world.people[4], mode, self.rng.randbytes(32)))
            case 1:
                self.world.create(self.arguments)
            case _:
                self.world.refused_by_implementation(chaos(Scene(self.world, self.world.sides[0], self.rng)))


def run(backend: Backend, seed: int, steps: int) -> None:
    """Take random steps; most must succeed, each function at least once, and each error must occur."""
    print(f"seed {seed}")  # noqa: T201 - pytest shows it on request, and a run that is stopped has said it
    try:
        tried = Run(backend, seed).take(steps)
    except Exception as error:
        error.add_note(f"DIPMP_SEED={seed}")
        raise
    print(dict(tried.most_common()))  # noqa: T201 - likewise
    functions = {*MODEL, "create"}
    assert {*tried} >= functions | errors() - UNPROVOKED
    assert sum(tried[name] for name in functions) > steps / 2


@pytest.mark.evm
def test_500_steps_on_the_embedded_evm() -> None:
    run(EmbeddedBackend(), SEED, 500)


@pytest.mark.node
def test_5000_steps_on_anvil(anvil: Backend) -> None:
    run(anvil, SEED, 5_000)


@pytest.mark.node
@pytest.mark.long
@pytest.mark.timeout(7200)
def test_50000_steps_on_anvil(anvil: Backend) -> None:
    run(anvil, secrets.randbits(32), 50_000)
