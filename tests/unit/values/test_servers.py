"""Which texts are addresses of servers, and which of these are on this machine."""

from __future__ import annotations

import pytest

from mlgate.values.servers import on_this_machine, origin, unfit

GOOD = ["https://h", "http://h:5000", "https://h.example.com/mlflow/", "https://[::1]:5000", "HTTPS://h"]
NOT_ONE = [
    *["", "h", "//h", "https:", "https://", "https:///x", "ftp://h", "file:///x", "javascript:alert(1)"],
    *["https://h:0", "https://h:65536", "https://h:x", "https://h h", "https://h\n", "https://h\\@x", "https://hé"],
    "https://[::1",
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_has_a_scheme_and_a_host(address: str) -> None:
    assert unfit(address) == ""


@pytest.mark.parametrize("address", NOT_ONE)
def test_anything_else_is_not_an_address(address: str) -> None:
    assert unfit(address) == "is not an address that begins with https:// or http://; correct it"


def test_an_address_is_not_endless() -> None:
    assert unfit(f"https://{'h' * 1992}") == ""
    assert unfit(f"https://{'h' * 1993}").startswith("is not an address")


@pytest.mark.parametrize("address", ["https://ann@h", "https://ann:x@h", "https://:x@h", "https://@h"])
def test_an_address_has_no_secret(address: str) -> None:
    assert unfit(address) == "has a user or password in it; set them in the environment, and remove them here"


@pytest.mark.parametrize("address", ["https://h?", "https://h?a=1", "https://h#", "https://h/x#y"])
def test_an_address_ends_with_its_folder(address: str) -> None:
    assert unfit(address) == "has more than a host and a folder; remove all from `?` or `#` on"


def test_the_origin_has_the_port_that_is_meant() -> None:
    assert origin("https://h/x") == ("https", "h", 443) == origin("https://H:443/y")
    assert origin("http://h") == ("http", "h", 80) != origin("https://h")
    assert origin("https://h:444") == ("https", "h", 444)
    assert origin("file:///etc") == ("file", "", 80)
    assert origin("https://h:x") == ("", "", 0)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("http://h", False),
        ("nothing", False),
    ],
)
def test_which_servers_are_on_this_machine(address: str, here: bool) -> None:
    assert on_this_machine(address) is here
