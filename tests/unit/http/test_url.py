"""URLs that may be asked, their origins, and what messages show of them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidInput
from dipmp_lib.http.url import Origin, mask_url, parse_target

SECRETS = [
    "https://user:s3cret@example.org/",
    "https://s3cret@example.org/",
    "https://example.org/v3/s3cret",
    "https://example.org/?key=s3cret",
    "https://example.org:8545/rpc/s3cret?a=b",
]


@pytest.mark.parametrize("url", SECRETS)
def test_masked_urls_show_the_origin_only(url: str) -> None:
    assert "s3cret" not in mask_url(url)
    assert mask_url(url).startswith("https://example.org")
    assert mask_url("nonsense s3cret") == "(not a URL)"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: evil",
        "http://example.org/\x00",
        "http://exämple.org/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:port/",
        "http://[::1/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 127 + "/",
        "http://a..example/",
    ],
)
def test_urls_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_target(url)
    assert caught.value.hint
    assert len(str(caught.value)) < 100


def test_urls_are_taken_apart() -> None:
    target = parse_target("HTTPS://[::1]:8545/a//b?c=d#fragment")
    assert (target.origin.scheme, target.origin.host, target.origin.port) == ("https", "::1", 8545)
    assert target.path == "/a//b?c=d"
    assert str(target) == "https://[::1]:8545/…"
    assert str(parse_target("http://example.org")) == "http://example.org"
    assert parse_target("https://example.org?x=1").path == "/?x=1"


@given(st.text(max_size=60))
def test_parsing_urls_is_total(text: str) -> None:
    for url in (text, "http://" + text, "https://h/" + text):
        with suppress(InvalidInput):
            parse_target(url)


def test_a_user_and_a_password_become_basic_authorization() -> None:
    assert parse_target("https://us%65r:pa%3Ass@example.org/").authorization == "Basic dXNlcjpwYTpzcw=="
    assert parse_target("https://token@example.org/").authorization == "Basic dG9rZW46"
    assert parse_target("https://example.org/").authorization == ""


def test_an_origin_is_written_without_the_port_of_its_scheme() -> None:
    assert str(Origin("http", "example.org", 80)) == "http://example.org"
    assert str(Origin("https", "example.org", 80)) == "https://example.org:80"
    assert str(Origin("https", "::1", 443)) == "https://[::1]"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.255.0.3", "[::1]"])
def test_loopback(host: str) -> None:
    assert parse_target(f"http://{host}:8545/path").origin.is_loopback


@pytest.mark.parametrize(
    "host",
    [
        *["example.org", "localhost.example.org", "example.localhost", "127.0.0.1.example.org", "localhost-", "local"],
        *["128.0.0.1", "10.0.0.1", "192.0.2.1", "[::]", "[::2]", "[fe80::1]", "127.1", "2130706433"],
    ],
)
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not parse_target(f"http://{host}/").origin.is_loopback


@given(st.ip_addresses())
def test_an_address_is_loopback_as_ipaddress_says(address: object) -> None:
    assert Origin("http", str(address), 80).is_loopback == address.is_loopback  # type: ignore[attr-defined]
