"""Contact points for trying out: every bundled one, reached at the local receiver, with fresh secrets and tokens."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any, Final

from consumers.api.access import token_hash
from consumers.contact_points import BUNDLED, contact_point_codes
from consumers.roles import Role

TOKENS: Final = "tokens.yaml"
_ACCOUNT: Final = "receiver"
_OFFICER: Final = "officer"


def write_local_contact_points(data_dir: Path, receiver: str) -> Path:
    """Write the contact points file, a secret and a token for each, kept where there are some; return the file.

    Beside it stands the file of the tokens' hashes (`TOKENS`): of the receiver itself, which reads, and of an officer.
    """
    directory = data_dir / "contact-points"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    said: dict[str, Any] = {}
    hashes: dict[str, Any] = {}
    for code in sorted(contact_point_codes(BUNDLED)):
        secret = _kept(directory / f"{code}.secret", f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        personal = token_hash(local_token(directory, f"{code}.officer"))
        officer = {"role": Role.DUTY_OFFICER, "tokens": [{"sha256": personal}]}
        hashes[code] = {_ACCOUNT: token_hash(local_token(directory, code)), _OFFICER: officer}
        webhook = {"url": f"{receiver}/contact-points/{code}", "secret_file": secret.name}
        said[code] = {"name": f"{code} at the local receiver", "channels": {"webhook": webhook}}
    (directory / TOKENS).write_text(json.dumps(hashes, indent=1), encoding="utf-8")  # JSON is YAML
    path = directory / "contact_points.yaml"
    path.write_text(json.dumps({"contact_points": said}, indent=1), encoding="utf-8")
    return path


def local_token(directory: Path, code: str) -> str:
    """Return the token of a contact point at the local receiver, made where there is none."""
    return _kept(directory / f"{code}.token", secrets.token_urlsafe(32)).read_text(encoding="ascii").strip()


def _kept(path: Path, text: str) -> Path:
    """Write a secret where there is none yet; return where it stands."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", encoding="ascii")
    return path
