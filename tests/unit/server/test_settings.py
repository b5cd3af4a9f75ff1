"""A server's settings: every variable, and every mistake at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.registry import FRESHNESS
from dipmp_lib.server.settings import Settings

GOOD = {"ETH_GATEWAY": "https://rpc.example/v3/key", "IPFS_GATEWAY": "https://gateway.example/ipfs"}


def problems(**changes: str) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(GOOD | changes)
    return caught.value.problems


def test_the_names_of_old_are_enough() -> None:
    settings = Settings.from_env(GOOD | {"HOST_URL": "http://localhost:5000/"})
    assert settings == Settings(
        chains={"": ("https://rpc.example/v3/key",)},
        gateways=("https://gateway.example/ipfs",),
        host_url="http://localhost:5000",
    )
    assert (settings.chain_id, settings.finality, settings.freshness) == (None, "latest", FRESHNESS)


def test_everything() -> None:
    settings = Settings.from_env(
        {
            "ETH_GATEWAY": " http://a.example , http://b.example:8545,, ",
            "IPFS_GATEWAY": "https://c.example/ipfs,https://d.example",
            "DIPMP_RPC_base": "https://e.example",
            "DIPMP_RPC_ARB_SEP": "https://f.example,https://g.example",
            "DIPMP_CHAIN_ID": "8453",
            "DIPMP_FINALITY": "finalized",
            "DIPMP_FRESHNESS": "0.5",
            "UNRELATED": "x",
        }
    )
    assert settings.chains == {
        "": ("http://a.example", "http://b.example:8545"),
        "base": ("https://e.example",),
        "arb-sep": ("https://f.example", "https://g.example"),
    }
    assert settings.gateways == ("https://c.example/ipfs", "https://d.example")
    assert (settings.chain_id, settings.finality, settings.freshness) == (8453, "finalized", 0.5)


REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_what_an_operator_chooses() -> None:
    settings = Settings.from_env(
        GOOD
        | {
            "DIPMP_CHAIN_ID": "8453",
            "HOST_URL": "https://index.example/",
            "DIPMP_PINNED": f"{REGISTRY}, base:{REGISTRY.lower()}, {REGISTRY}",
            "DIPMP_OTHERS": "refuse",
            "DIPMP_DENYLIST": "one.deny, two.deny",
            "DIPMP_FILES": "stream",
            "DIPMP_TABLE": "dipmp-prod",
            "DIPMP_BUCKET": "dipmp-prod-pages",
            "DIPMP_PAGES_URL": "https://index.example/pages/",
            "DIPMP_LOG": "json",
        }
    )
    assert [str(registry) for registry in settings.pinned] == [REGISTRY, f"base:{REGISTRY}"]
    assert (settings.others, settings.files, settings.log) == ("refuse", "stream", "json")
    assert settings.denylists == ("one.deny", "two.deny")
    assert (settings.table, settings.bucket) == ("dipmp-prod", "dipmp-prod-pages")
    assert settings.pages_url == "https://index.example/pages"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DIPMP_PINNED": "0x12"}, "DIPMP_PINNED: '0x12' is not a registry address"),
        ({"DIPMP_PINNED": REGISTRY.replace("5a", "5A")}, "DIPMP_PINNED: the checksum of"),
        ({"DIPMP_OTHERS": "no"}, "DIPMP_OTHERS is 'no', not one of serve, refuse"),
        ({"DIPMP_OTHERS": "refuse"}, "no registry would be served"),
        ({"DIPMP_FILES": "stream", "AWS_LAMBDA_FUNCTION_NAME": "files"}, "a Lambda function cannot pass files on"),
        ({"DIPMP_FILES": "cache"}, "DIPMP_FILES is 'cache'"),
        ({"DIPMP_LOG": "xml"}, "DIPMP_LOG is 'xml'"),
        ({"DIPMP_TABLE": "a b", "DIPMP_CHAIN_ID": "1"}, "DIPMP_TABLE is 'a b', not the name of a DynamoDB table"),
        ({"DIPMP_BUCKET": "Pages", "DIPMP_CHAIN_ID": "1"}, "DIPMP_BUCKET is 'Pages', not the name of an S3 bucket"),
        ({"DIPMP_TABLE": "dipmp"}, "DIPMP_CHAIN_ID is not set"),
        ({"DIPMP_BUCKET": "dipmp"}, "DIPMP_CHAIN_ID is not set"),
        ({"DIPMP_DENYLIST": "x.deny"}, "DIPMP_CHAIN_ID is not set"),
        ({"HOST_URL": "https://x.example/?key=1"}, "HOST_URL is not https://HOST or https://HOST/PREFIX"),
        ({"DIPMP_PAGES_URL": "https://x.example"}, "need DIPMP_BUCKET, and HOST_URL"),
    ],
)
def test_a_mistake_of_an_operator(changes: dict[str, str], words: str) -> None:
    [problem] = problems(**changes)
    assert words in problem


def test_a_named_chain_needs_no_default_one() -> None:
    settings = Settings.from_env({"DIPMP_RPC_base": "https://e.example", "IPFS_GATEWAY": "https://d.example"})
    assert set(settings.chains) == {"base"}


def test_all_mistakes_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(
            {"DIPMP_CHAIN_ID": "base", "DIPMP_FINALITY": "soon", "DIPMP_FRESHNESS": "-1", "HOST_URL": "index"}
        )
    text = str(caught.value)
    for name in ("ETH_GATEWAY", "IPFS_GATEWAY", "DIPMP_CHAIN_ID", "DIPMP_FINALITY", "DIPMP_FRESHNESS", "HOST_URL"):
        assert name in text
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize(
    "url",
    [
        "rpc.example",
        "ftp://rpc.example",
        "https:///key",
        "http://[::1",
        "https://h:99999",
        "https://h:0",
        "file:///x",
        "https://h\x00x",
    ],
)
def test_a_bad_url_is_counted_and_never_shown(url: str) -> None:
    [problem] = problems(ETH_GATEWAY=f"https://good.example,{url}")
    assert problem.startswith("ETH_GATEWAY: URL number 2 ")
    assert url not in problem


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "0x1", "1" * 20, "\u0661"])
def test_a_chain_id_is_a_positive_number(value: str) -> None:
    assert "DIPMP_CHAIN_ID" in problems(DIPMP_CHAIN_ID=value)[0]


@pytest.mark.parametrize("value", ["-1", "1e3", "nan", "3601", "", "x"])
def test_freshness_is_a_short_time(value: str) -> None:
    if value:
        assert "DIPMP_FRESHNESS" in problems(DIPMP_FRESHNESS=value)[0]
    else:
        assert Settings.from_env(GOOD | {"DIPMP_FRESHNESS": value}).freshness == FRESHNESS


@pytest.mark.parametrize("name", ["DIPMP_RPC_", "DIPMP_RPC_nochain", "DIPMP_RPC_base!"])
def test_an_unknown_chain(name: str) -> None:
    assert "is not the short name of a known chain" in problems(**{name: "https://e.example"})[0]


def test_a_secret_in_a_url_is_not_in_the_repr() -> None:
    assert "key" not in repr(Settings.from_env(GOOD))


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "HOST_URL", "DIPMP_CHAIN_ID", "DIPMP_FINALITY", "DIPMP_FRESHNESS", "DIPMP_RPC_base"]),
        st.text(max_size=40),
    )
)
def test_total(env: dict[str, str]) -> None:
    try:
        Settings.from_env(env)
    except InvalidSettings as error:
        assert error.problems  # noqa: PT017 - nothing else may be raised
