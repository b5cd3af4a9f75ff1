"""Random mistakes: for every error of the contract, a step that makes it where there is occasion."""

from tests.contract.differential import Step
from tests.contract.random_steps import Plan
from tests.contract.scene import DAY, FOR_EVER, Scene
from tests.support.model.contract import MAX_PAYLOAD
from tests.support.model.signing import ORDER

BAD_NAMES = ("", "-", "a--b", "a-", "Flask", "zope.interface", "a b", "é", "x" * 129, "k" * 5000)
LOOKALIKES = str.maketrans("l1io0", "1il0o")


def invalid_name(scene: Scene) -> Step:
    return Step(scene.person(), "claim", (scene.rng.choice(BAD_NAMES), scene.person(), b""))


def name_taken(scene: Scene) -> Step | None:
    name = scene.project()
    return Step(scene.person(), "claim", (name, scene.person(), b"")) if name else None


def confusable_name(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None or scene.model.mode:
        return None
    alike = scene.rng.choice((name.translate(LOOKALIKES), name.replace("-", "", 1), f"{name[0]}-{name[1:]}"))
    return Step(scene.person(), "claim", (alike, scene.person(), b""))


def unknown_project(scene: Scene) -> Step:
    name, person = scene.rng.choice(("nobodys", "", "Flask")), scene.person()
    calls = {
        "append": (1, b""),
        "appendWithSig": (1, b"", person, FOR_EVER, b""),
        "setPublisher": (person, FOR_EVER, 0),
        "transferProject": (person,),
        "acceptProject": (),
        "setStatus": (0, ""),
    }
    function = scene.rng.choice(list(calls))
    return Step(person, function, (name, *calls[function]))


def no_owner(scene: Scene) -> Step:
    return Step(scene.person(), "claim", (scene.new_name(), bytes(20), b""))


def no_account(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    return Step(scene.owner(name), "setPublisher", (name, bytes(20), FOR_EVER, 0)) if name else None


def not_owner(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    calls = {
        "append": (0x40, b""),
        "setPublisher": (scene.person(), FOR_EVER, 0),
        "transferProject": (scene.person(),),
        "setStatus": (1, ""),
    }
    function = scene.rng.choice(list(calls))
    return Step(scene.person(), function, (name, *calls[function]))


def not_registry_owner(scene: Scene) -> Step:
    return Step(scene.person(), "transferRegistry", (scene.person(),))


def not_publisher(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    lapsed = [account for account in scene.publishers(name, now=False) if account in scene.people]
    return Step(scene.rng.choice(lapsed or scene.people), "append", (name, scene.rng.choice((1, 0x20)), b""))


def first_release_of_a_stranger(scene: Scene) -> Step:
    sender = scene.model.registry_owner if scene.model.mode else scene.person()
    owner = scene.rng.choice([account for account in scene.people if account != sender])
    return Step(sender, "claim", (scene.new_name(), owner, b"release"))


def not_offered(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None or scene.rng.random() < 0.3:
        return Step(scene.person(), "acceptRegistry", ())
    return Step(scene.person(), "acceptProject", (name,))


def not_guardian(scene: Scene) -> Step | None:
    strangers = [account for account in scene.people if account != scene.model.guardian]
    name = scene.project() or ""
    if scene.rng.random() < 0.3:
        return Step(scene.rng.choice(strangers), "resignGuardian", ())
    return Step(scene.rng.choice(strangers), "quarantine", (name, True, ""))


def invalid_kind(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    return Step(scene.person(), "append", (name, scene.rng.choice((0, 0x80, 0x81, 0x82, 0x83, 0xFF)), b""))


def payload_too_long(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    size = MAX_PAYLOAD + scene.rng.choice((0, 1, 1, 1, 32))
    return Step(scene.owner(name), "append", (name, 0x20, scene.rng.randbytes(size)))


def releases_closed(scene: Scene) -> Step | None:
    closed = [name for name in scene.side.names if scene.is_closed(name) and scene.owner(name) in scene.people]
    if not closed:
        return None
    name = scene.rng.choice(closed)
    return Step(scene.owner(name), "append", (name, scene.rng.choice((1, 0x1F)), b""))


def invalid_status(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    return Step(scene.owner(name), "setStatus", (name, scene.rng.choice((0x80, 0x81, 0xFF)), ""))


def reason_too_long(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    reason = scene.rng.choice(("x" * 513, "é" * 257))
    if any(scene.model.guardian) and scene.rng.random() < 0.3:
        return Step(scene.model.guardian, "quarantine", (name, True, reason))
    return Step(scene.owner(name), "setStatus", (name, 1, reason))


def signature_expired(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.signers())
    if name is None:
        return None
    late = scene.world.time - scene.rng.choice((0, 1, DAY))
    return scene.signed(scene.owner(name), name, 0x20, b"x", late)


def signature_of_something_else(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.signers())
    if name is None:
        return None
    others: dict[str, object] = {
        "chain_id": scene.model.chain_id + 1,
        "registry": scene.world.factory.address,
        "name": f"{name}-2",
        "signer": scene.person(),
        "kind": 0x21,
        "payload": b"y",
        "head": scene.rng.randbytes(32),
        "deadline": FOR_EVER - 1,
    }
    field = scene.rng.choice(list(others))
    return scene.signed(scene.owner(name), name, 0x20, b"x", FOR_EVER, {field: others[field]})


def signature_of_another_form(scene: Scene) -> Step | None:
    name = scene.project(owned_by=tuple(scene.world.keys))
    if name is None:
        return None
    signer = scene.owner(name)
    good = scene.sign(signer, name, 0x20, b"x", FOR_EVER)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    forms = (high, good[:64] + bytes([v - 27]), good[:64] + bytes([55 - v]), good[:64], good + b"\0", b"", bytes(65))
    values = (name, 0x20, b"x", scene.rng.choice((signer, signer, bytes(20))), FOR_EVER, scene.rng.choice(forms))
    return Step(scene.person(), "appendWithSig", values)


def lying_wallet(scene: Scene) -> Step | None:
    name = scene.project()
    if name is None:
        return None
    values = (name, 0x20, b"x", scene.rng.choice(scene.world.liars), FOR_EVER, scene.rng.randbytes(65))
    return Step(scene.person(), "appendWithSig", values)


def owner_is_no_publisher(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    return Step(scene.owner(name), "setPublisher", (name, scene.owner(name), FOR_EVER, 0)) if name else None


def already_expired(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    until = scene.world.time - scene.rng.choice((0, 1, DAY))
    return Step(scene.owner(name), "setPublisher", (name, scene.world.careful, until, 0))


def not_a_revocation(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    return Step(scene.owner(name), "setPublisher", (name, scene.world.careful, FOR_EVER, scene.since()))


def invalid_compromised_since(scene: Scene) -> Step | None:
    name = scene.project(owned_by=scene.people)
    if name is None:
        return None
    since = scene.rng.choice((1, scene.world.time - 30 * DAY - 1, scene.world.time + 13 * DAY, FOR_EVER))
    return Step(scene.owner(name), "setPublisher", (name, scene.world.careful, 0, since))


def too_many_transfers(scene: Scene) -> Step | None:
    """One transfer more than there can be, alone or at the end of many."""
    alternator = scene.world.alternator
    name = scene.project(owned_by=(alternator,))
    left = 255 - scene.log(name).epoch if name else 255
    if left > 40:
        return None
    return Step(alternator, "transferProject", (name, alternator), left + 1, "acceptProject")


MISTAKES: tuple[Plan, ...] = (
    *(invalid_name, name_taken, confusable_name, unknown_project, no_owner, no_account, not_owner, not_registry_owner),
    *(not_publisher, first_release_of_a_stranger, not_offered, not_guardian, invalid_kind, payload_too_long),
    *(releases_closed, invalid_status, reason_too_long, signature_expired, signature_of_something_else),
    *(signature_of_another_form, lying_wallet, owner_is_no_publisher, already_expired, not_a_revocation),
    *(invalid_compromised_since, too_many_transfers),
)
