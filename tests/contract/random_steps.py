"""Random steps that get far: most succeed."""

from collections.abc import Callable

from tests.contract.differential import Step
from tests.contract.scene import DAY, FOR_EVER, Scene

Plan = Callable[[Scene], Step | None]
"""Writes a step for the present state of a registry, None while there is no occasion for it."""


def claim(scene: Scene) -> Step:
    name, sender = scene.new_name(), scene.person()
    if scene.model.mode:
        sender = scene.model.registry_owner
    owner = sender if scene.rng.random() < 0.4 else scene.rng.choice((*scene.people, *scene.signers()))
    if not any(side.owns(scene.world.alternator) for side in scene.world.sides):
        owner = scene.world.alternator
    release = scene.payload(name, 1) if owner == sender and scene.rng.random() < 0.5 else b""
    return Step(sender, "claim", (name, owner, release))


def append(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    owner = scene.owner(name)
    actors = [account for account in (owner, *scene.publishers(name)) if account in scene.people]
    if not actors:
        return None
    actor = scene.rng.choice(actors)
    kind = scene.kind(name, owner=actor == owner)
    return Step(actor, "append", (name, kind, scene.payload(name, kind)))


def append_with_sig(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    owner = scene.owner(name)
    signers = [account for account in (owner, *scene.publishers(name)) if account in scene.signers()]
    if not signers:
        return None
    signer = scene.rng.choice(signers)
    kind = scene.kind(name, owner=signer == owner)
    return scene.signed(signer, name, kind, scene.payload(name, kind), scene.world.time + 12 * DAY)


def set_publisher(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    owner = scene.owner(name)
    account = scene.rng.choice([each for each in (*scene.people, *scene.signers()) if each != owner])
    until = scene.rng.choice((FOR_EVER, FOR_EVER, scene.world.time + 40 * DAY, scene.world.time + 12 * DAY))
    return Step(owner, "setPublisher", (name, account, until, 0))


def revoke(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    publishers = scene.publishers(name) if name else []
    if name is None or not publishers:
        return None
    since = scene.since() if scene.rng.random() < 0.5 else 0
    return Step(scene.owner(name), "setPublisher", (name, scene.rng.choice(publishers), 0, since))


def transfer_project(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    to = scene.rng.choice((*scene.people, *scene.people, bytes(20)))
    return Step(scene.owner(name), "transferProject", (name, to))


def accept_project(scene: Scene) -> Step | None:
    offered = [name for name in scene.side.names if scene.model.offered_to(name) in scene.people]
    if not offered:
        return None
    name = scene.rng.choice(offered)
    return Step(scene.model.offered_to(name), "acceptProject", (name,))


def set_status(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    status = scene.rng.choice((0, 0, 0, 1, 2, 3, 0x40, 0x7F))
    return Step(scene.owner(name), "setStatus", (name, status, scene.rng.choice(("", "it ends here", "é" * 256))))


def quarantine(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None or not any(scene.model.guardian):
        return None
    on = not scene.log(name).status & 0x80
    return Step(scene.model.guardian, "quarantine", (name, on, "reported"))


def transfer_registry(scene: Scene) -> Step:
    to = scene.rng.choice((*scene.people, *scene.people, bytes(20)))
    return Step(scene.model.registry_owner, "transferRegistry", (to,))


def accept_registry(scene: Scene) -> Step | None:
    offered = scene.model.offered_to("")
    return Step(offered, "acceptRegistry", ()) if offered in scene.people else None


def hand_round(scene: Scene) -> Step | None:
    """Many transfers in one transaction, by the contract that owns the project, to itself."""
    alternator = scene.world.alternator
    name = scene.project(owned_by=(alternator,))
    if name is None:
        return None
    rounds = min(scene.rng.randrange(40, 60), 255 - scene.log(name).epoch)
    return Step(alternator, "transferProject", (name, alternator), rounds, "acceptProject") if rounds else None


def chaos(scene: Scene) -> Step:
    """A likely call with any values."""
    rng = scene.rng
    name = rng.choice((*scene.side.names[-6:], "nobodys", "", "Not-Normal"))
    account = rng.choice((*scene.people, *scene.signers(), *scene.world.liars, bytes(20)))
    times = [rng.choice((0, 1, scene.world.time + rng.randrange(-40, 40) * DAY, FOR_EVER)) for _ in range(2)]
    kind, data = rng.choice((0, 1, 0x1F, 0x20, 0x3F, 0x40, 0x7F, 0x80, 0xFF)), rng.randbytes(rng.randrange(70))
    values: dict[str, tuple[object, ...]] = {
        "claim": (name, account, data if rng.random() < 0.5 else b""),
        "append": (name, kind, data),
        "appendWithSig": (name, kind, data, account, times[0], rng.randbytes(65)),
        "setPublisher": (name, account, *times),
        "transferProject": (name, account),
        "acceptProject": (name,),
        "setStatus": (name, kind, "x" * rng.choice((0, 1, 512, 513))),
        "quarantine": (name, rng.random() < 0.5, ""),
        "transferRegistry": (account,),
        "acceptRegistry": (),
    }
    function = rng.choice(list(values))
    return Step(scene.person(), function, values[function])


PLANS: dict[Plan, int] = {
    claim: 3,
    append: 10,
    append_with_sig: 5,
    set_publisher: 6,
    revoke: 2,
    transfer_project: 2,
    accept_project: 3,
    set_status: 4,
    quarantine: 2,
    transfer_registry: 1,
    accept_registry: 1,
    hand_round: 4,
    chaos: 3,
}
"""Weights of the steps."""
