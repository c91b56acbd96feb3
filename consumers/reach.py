"""What may be connected to: no address of a contact point leads into our own network, whatever it resolves to."""

import ipaddress
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""Of the IPv6 space only this is given out as public addresses (RFC 4291 section 2.4)."""

_NOT_PUBLIC_EITHER: Final = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890)
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.IPv6Network("2001::/32"),  # Teredo, which carries an IPv4 address
    ipaddress.IPv6Network("2002::/16"),  # 6to4, likewise
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Reach(StrEnum):
    """Which addresses may be connected to."""

    PUBLIC = "public"
    ANY = "any"
    LOOPBACK = "loopback"

    def allows(self, address: Address) -> bool:
        """Whether this very address may be connected to."""
        if self is Reach.LOOPBACK:
            return _plain(address).is_loopback
        return self is Reach.ANY or _is_public(_plain(address))


def reach_of(url: str, *, allow_private: bool) -> Reach:
    """Return what a webhook may be connected to: unencrypted nothing beyond loopback, whatever else is allowed."""
    if urlsplit(url).scheme == "http":
        return Reach.LOOPBACK
    return Reach.ANY if allow_private else Reach.PUBLIC


def literal_address(host: str) -> Address | None:
    """Return the address that a host is written as, None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def names_loopback(host: str) -> bool:
    """Whether a host says of itself that it is this machine."""
    address = literal_address(host)
    return host == "localhost" if address is None else _plain(address).is_loopback


def encrypted_or_loopback(url: str) -> str:
    """Return the URL; raises `ValueError` saying what is wrong with it."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("must be plain ASCII; write a name in other letters as xn--…")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("must hold no user and no password")
    if not parts.hostname or parts.port == 0 or parts.scheme not in {"https", "http"}:
        raise ValueError("must be https://…; http:// is for loopback only")
    if parts.scheme == "http" and not names_loopback(parts.hostname):
        raise ValueError("must be https://…; http:// is for loopback only")
    return url


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address
    return address


def _is_public(address: Address) -> bool:
    """Whether it is somebody's on the Internet: not private, CGNAT, link-local, ULA, loopback, multicast, reserved."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address in network for network in _NOT_PUBLIC_EITHER):
        return False
    return isinstance(address, ipaddress.IPv4Address) or address in _GLOBAL_UNICAST
