"""What may be connected to: of the addresses that there are, only those that are somebody's on the Internet."""

import ipaddress

import pytest

from consumers.reach import Reach, reach_of

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.8",
    "192.88.99.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["9.9.9.9", "193.2.1.66", "2a00:1450:4001::1", "2001:1470:8000::1", "::ffff:9.9.9.9", "64:ff9b::909:909"]


@pytest.mark.parametrize("written", PRIVATE)
def test_what_is_not_public_is_reached_only_where_that_is_allowed(written: str) -> None:
    address = ipaddress.ip_address(written)
    assert not Reach.PUBLIC.allows(address)
    assert Reach.ANY.allows(address)


@pytest.mark.parametrize("written", PUBLIC)
def test_what_is_public_is_reached(written: str) -> None:
    address = ipaddress.ip_address(written)
    assert Reach.PUBLIC.allows(address)
    assert not Reach.LOOPBACK.allows(address)


def test_what_is_not_encrypted_goes_no_further_than_this_machine() -> None:
    """Whatever localhost resolves to, and whatever else is allowed."""
    reach = reach_of("http://localhost/x", allow_private=True)
    assert [
        reach.allows(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1")
    ] == [
        True,
        True,
        True,
        False,
    ]
