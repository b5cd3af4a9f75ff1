"""Whose service a URL is."""

import pytest

from dipmp_lib.errors import InvalidInput
from dipmp_lib.ipfs.providers import provider_of


@pytest.mark.parametrize(
    ("url", "operator"),
    [
        ("https://uploads.pinata.cloud/v3/files", "pinata.cloud"),
        ("https://gateway.pinata.cloud/ipfs", "pinata.cloud"),
        ("https://fun-llama-300.mypinata.cloud", "pinata.cloud"),
        ("https://s3.filebase.com", "filebase.com"),
        ("https://ipfs.filebase.io/ipfs", "filebase.com"),
        ("https://dweb.link", "ipfs.io"),
        ("https://trustless-gateway.link", "ipfs.io"),
        ("https://ipfs.io", "ipfs.io"),
        ("https://a.b.example.org:8443", "example.org"),
        ("https://example.org.", "example.org"),
        ("https://a.example.co.uk", "example.co.uk"),
        ("https://co.uk", "co.uk"),
        ("https://user:secret@pins.example.org/x", "example.org"),
        ("http://8.8.8.8:5001", "8.8.8.8"),
        ("http://[2001:4860:4860::8888]:5001", "2001:4860:4860::8888"),
        ("http://127.0.0.1:5001", ""),
        ("http://[::1]:5001", ""),
        ("http://10.1.2.3", ""),
        ("http://192.168.1.1", ""),
        ("http://localhost:5001", ""),
        ("http://kubo:5001", ""),
        ("http://pins.svc.cluster.local", ""),
    ],
)
def test_an_operator_is_a_registrable_domain(url: str, operator: str) -> None:
    assert provider_of(url) == operator


def test_what_is_no_url() -> None:
    with pytest.raises(InvalidInput):
        provider_of("uploads.pinata.cloud")
