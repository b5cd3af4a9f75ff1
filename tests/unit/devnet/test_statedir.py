import stat
from pathlib import Path

import pytest

from dipmp_lib.devnet.statedir import persistent_state, temporary_state
from dipmp_lib.errors import InvalidInput
from dipmp_lib.transactions.signers import PasswordSource, password_path, signer_from_uri


def test_the_key_is_private_opens_without_questions_and_stays(tmp_path: Path) -> None:
    with persistent_state(tmp_path / "new" / "state") as state:
        address = state.signer().address
        for path in (state.keystore, password_path(state.keystore)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        opened = signer_from_uri(f"keystore:{state.keystore}", passwords=PasswordSource(), environment={})
        opened.unlock()
        assert opened.address == address
        assert state.signer().address == address
        assert stat.S_IMODE(state.path.stat().st_mode) == 0o700


def test_a_start_that_was_killed_between_password_and_key_is_no_obstacle(tmp_path: Path) -> None:
    with persistent_state(tmp_path) as state:
        password_path(state.keystore).write_text("half")
        state.signer().unlock()


def test_a_chain_without_its_key_is_refused(tmp_path: Path) -> None:
    with persistent_state(tmp_path) as state:
        assert state.chain is not None
        state.chain.touch()
        with pytest.raises(InvalidInput, match="not the key"):
            state.signer()


def test_a_directory_serves_one_node_at_a_time(tmp_path: Path) -> None:
    with persistent_state(tmp_path):
        with pytest.raises(InvalidInput, match="another dipmp dev is running") as caught, persistent_state(tmp_path):
            pass
        assert "--state" in caught.value.hint
    with persistent_state(tmp_path):
        pass


def test_a_file_is_no_state_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="cannot be used"), persistent_state(tmp_path / "file"):
        pass


def test_ports_are_remembered(tmp_path: Path) -> None:
    with persistent_state(tmp_path) as state:
        assert state.ports() == {}
        state.remember({"rpc": 4000, "gateway": 4001})
    with persistent_state(tmp_path) as state:
        assert state.ports() == {"rpc": 4000, "gateway": 4001}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"rpc": 70000}', '{"rpc": "x"}', '{"rpc": true}', "1" * 9000, "[" * 9000]
)
def test_damaged_ports_are_forgotten(tmp_path: Path, text: str) -> None:
    with persistent_state(tmp_path) as state:
        (tmp_path / "ports.json").write_text(text)
        assert state.ports() == {}


def test_a_temporary_directory_goes_away() -> None:
    with temporary_state() as state:
        state.signer()
        assert state.chain is None
        assert state.path.is_dir()
    assert not state.path.exists()
