"""Contact points for trying out: every bundled one, reached at the local receiver, with fresh secrets."""

import base64
import json
import secrets
from pathlib import Path

from consumers.contact_points import BUNDLED, contact_point_codes


def write_local_contact_points(data_dir: Path, receiver: str) -> Path:
    """Write the contact points file and a secret for each, kept where there is one already; return the file."""
    directory = data_dir / "contact-points"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    said = {}
    for code in sorted(contact_point_codes(BUNDLED)):
        secret = directory / f"{code}.secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}\n", encoding="ascii")
        webhook = {"url": f"{receiver}/contact-points/{code}", "secret_file": secret.name}
        said[code] = {"name": f"{code} at the local receiver", "channels": {"webhook": webhook}}
    path = directory / "contact_points.yaml"
    path.write_text(json.dumps({"contact_points": said}, indent=1), encoding="utf-8")  # JSON is YAML
    return path
