"""How a password is kept (scrypt, RFC 7914), and how a one-time password is made."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 200

_COST: Final = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other when read out or typed off."""


def one_time() -> str:
    """Return a new one-time password of 79 bits: ``k7fq-…``."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def kept(password: str) -> str:
    """Return what is stored of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{_text(salt)}:{_text(_derived(password, salt))}"


def agrees(password: str, stored: str | None) -> bool:
    """Whether this is the password; it takes as long where there is none."""
    _, salt, derived = (stored or _NOBODY).split(":")
    same = hmac.compare_digest(_derived(password, base64.b64decode(salt)), base64.b64decode(derived))
    return same and stored is not None


def _derived(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **_COST)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


_NOBODY: Final = f"scrypt:{_text(bytes(16))}:{_text(bytes(32))}"
