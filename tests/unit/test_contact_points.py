"""Contact points: an address and a secret each, and errors that say where to look."""

import json
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from consumers.contact_points import (
    BUNDLED,
    Channel,
    ContactPoint,
    Language,
    WebhookAddress,
    channels_needed,
    contact_point_codes,
    load_contact_points,
    without_channel,
)
from consumers.reach import Reach
from infra.local_contact_points import write_local_contact_points
from schemas.errors import ConfigurationError

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="


def a_file(directory: Path, **webhook: Any) -> Path:
    path = directory / "contact_points.yaml"
    said = {"url": "https://alerts.example/brdo", "secret_env": "WEBHOOK_SECRET_SI", **webhook}
    said = {name: value for name, value in said.items() if value is not None}
    path.write_text(json.dumps({"contact_points": {"SI": {"name": "Slovenia", "channels": {"webhook": said}}}}))
    return path


def test_the_bundled_file_names_the_thirteen_and_holds_no_secret() -> None:
    codes = {"AL", "AT", "BA", "HR", "HU", "IT", "ME", "MK", "RS", "SI", "XK", "EUROPOL", "FRONTEX"}
    assert contact_point_codes(BUNDLED) == codes
    assert "whsec_" not in BUNDLED.read_text()
    with pytest.raises(ConfigurationError, match="AL: environment variable WEBHOOK_SECRET_AL must hold"):
        load_contact_points(BUNDLED, {})


def test_a_secret_comes_from_the_environment_or_a_file_and_is_not_shown(tmp_path: Path) -> None:
    (point,) = load_contact_points(a_file(tmp_path), {"WEBHOOK_SECRET_SI": SECRET}).values()
    assert point == ContactPoint(
        "SI", "Slovenia", WebhookAddress("https://alerts.example/brdo", SECRET), preference=(Channel.WEBHOOK,)
    )
    assert SECRET not in repr(point)
    (tmp_path / "si.secret").write_text(SECRET + "\n")
    from_file = load_contact_points(a_file(tmp_path, secret_env=None, secret_file="si.secret"), {})
    assert from_file["SI"] == point


@pytest.mark.parametrize(
    ("webhook", "complaint"),
    [
        ({"url": "http://alerts.example/brdo"}, "url: must be https://"),
        ({"url": "ftp://alerts.example"}, "url: must be https://"),
        ({"url": "https://"}, "line 1: contact_points.SI.channels.webhook.url: must be https://"),
        ({"url": "https://žiri.example/"}, "url: must be plain ASCII"),
        ({"url": "https://si.example/a b"}, "url: must be plain ASCII"),
        ({"url": "https://si.example:99999/"}, "url: Port out of range"),
        ({"url": "https://[si.example/"}, "url: Invalid IPv6 URL"),
        ({"url": "http://127.0.0.1.example/"}, "url: must be https://"),
        ({"url": "https://brdo:pass@alerts.example/"}, "url: must hold no user"),
        ({"url": "https://127.0.0.1/"}, "webhook: url is in a private network"),
        ({"url": "https://10.0.0.7/"}, "webhook: url is in a private network"),
        ({"url": "https://[::ffff:10.0.0.7]/"}, "webhook: url is in a private network"),
        ({"client_certificate": "si.pem"}, "webhook: needs client_certificate and client_key, or neither"),
        ({"client_certificate": "si.pem", "client_key": "si.key"}, "si.key: not usable as PEM: FileNotFoundError"),
        ({"certificate_authority": "contact_points.yaml"}, "contact_points.yaml: not usable as PEM: SSLError"),
        ({"secret_env": None}, "needs secret_file or secret_env"),
        ({"secret_file": "x"}, "needs secret_file or secret_env, and not both"),
        ({"secret": "whsec_x"}, "secret: Extra inputs"),
        ({"secret_env": None, "secret_file": "missing"}, "SI: the secret's file"),
        ({"secret_env": "EMPTY"}, "SI: environment variable EMPTY must hold"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, webhook: dict[str, Any], complaint: str) -> None:
    path = a_file(tmp_path, **webhook)
    with pytest.raises(ConfigurationError) as caught:
        load_contact_points(path, {"WEBHOOK_SECRET_SI": SECRET})
    assert complaint in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_not base64!", "whsec_c2hvcnQ="])
def test_a_secret_that_cannot_sign_is_found_when_the_file_is_read(tmp_path: Path, secret: str) -> None:
    """Found at the start, not when an alert waits."""
    with pytest.raises(ConfigurationError, match="SI: environment variable WEBHOOK_SECRET_SI must hold"):
        load_contact_points(a_file(tmp_path), {"WEBHOOK_SECRET_SI": secret})


def test_a_contact_point_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    """YAML would take the last of two entries in silence."""
    one = "  SI: {name: Slovenia, channels: {webhook: {url: 'https://si.example/x', secret_env: WEBHOOK_SECRET_SI}}}\n"
    path = tmp_path / "contact_points.yaml"
    path.write_text("contact_points:\n" + one + one)
    with pytest.raises(ConfigurationError, match="line 3: SI stands here twice"):
        load_contact_points(path, {"WEBHOOK_SECRET_SI": SECRET})


def test_plain_http_is_for_loopback(tmp_path: Path) -> None:
    environment = {"WEBHOOK_SECRET_SI": SECRET}
    for url in ("http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x"):
        point = load_contact_points(a_file(tmp_path, url=url), environment)["SI"]
        assert point.webhook == WebhookAddress(url, SECRET)
        assert point.webhook.reach is Reach.LOOPBACK


def test_a_certificate_is_read_when_the_file_is(tmp_path: Path) -> None:
    """A key that is locked is refused: else OpenSSL would wait at the terminal for its password."""
    files = Authority(tmp_path).client("si")
    named = {"client_certificate": "si.pem", "client_key": "si.key", "certificate_authority": "authority.pem"}
    (point,) = load_contact_points(a_file(tmp_path, **named), {"WEBHOOK_SECRET_SI": SECRET}).values()
    assert point.webhook is not None
    assert point.webhook.tls == files

    key = load_pem_private_key((tmp_path / "si.key").read_bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    (tmp_path / "si.key").write_bytes(locked)
    with pytest.raises(ConfigurationError, match=r"si\.key, .*authority\.pem: not usable as PEM: SSLError"):
        load_contact_points(a_file(tmp_path, **named), {"WEBHOOK_SECRET_SI": SECRET})


def channels_file(directory: Path, channels: str, more: str = "") -> Path:
    path = directory / "contact_points.yaml"
    path.write_text(f"contact_points:\n  SI:\n    name: Slovenia\n{more}    channels: {channels}\n")
    return path


WEBHOOK = '{url: "https://si.example/x", secret_env: SECRET}'


def test_the_channel_that_stands_first_is_the_preferred_one(tmp_path: Path) -> None:
    email = "{to: duty@si.example}"
    for order, written in [
        ((Channel.EMAIL, Channel.WEBHOOK, Channel.CAP), f"{{email: {email}, webhook: {WEBHOOK}, cap: {WEBHOOK}}}"),
        ((Channel.CAP, Channel.EMAIL), f"{{cap: {WEBHOOK}, webhook: null, email: {email}}}"),
        ((Channel.EMAIL,), f"{{email: {email}}}"),
    ]:
        (point,) = load_contact_points(channels_file(tmp_path, written), {"SECRET": SECRET}).values()
        assert point.channels == order
        assert (point.email, point.language) == ("duty@si.example", Language.ENGLISH)


@pytest.mark.parametrize("none", ["{}", "{webhook: null}"])
def test_a_contact_point_without_a_channel_is_refused_with_its_line(tmp_path: Path, none: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"line 4: contact_points\.SI\.channels: needs at least one of webhook"
    ):
        load_contact_points(channels_file(tmp_path, none), {})


@pytest.mark.parametrize(
    "to",
    [
        "duty",
        "duty@",
        "@si.example",
        "two@si.example, three@si.example",
        '"duty@si.example\\r\\nBcc: x@y.example"',
        "a@[1.2.3.4]",
    ],
)
def test_what_is_no_mail_address_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(ConfigurationError, match=r"contact_points\.SI\.channels\.email\.to"):
        load_contact_points(
            channels_file(tmp_path, f"{{email: {{to: {to if to.startswith(chr(34)) else repr(to)}}}}}"), {}
        )


def test_a_language_that_we_do_not_write_is_refused(tmp_path: Path) -> None:
    email = "{email: {to: duty@si.example}}"
    (point,) = load_contact_points(channels_file(tmp_path, email, "    language: sr_Cyrl\n"), {}).values()
    assert point.language is Language.SERBIAN_CYRILLIC
    with pytest.raises(ConfigurationError, match=r"line 4: contact_points\.SI\.language"):
        load_contact_points(channels_file(tmp_path, email, "    language: tlh\n"), {})


def test_who_could_not_be_told_is_named(tmp_path: Path) -> None:
    """A process that sends no mail must not wait until an alert does to say that somebody has nothing else."""
    points = load_contact_points(channels_file(tmp_path, "{email: {to: duty@si.example}}"), {})
    assert channels_needed(points) == {Channel.EMAIL}
    assert without_channel(points, {Channel.WEBHOOK, Channel.CAP}) == ("SI",)
    assert without_channel(points, {Channel.WEBHOOK, Channel.EMAIL}) == ()


def test_local_contact_points_keep_their_secrets_to_themselves(tmp_path: Path) -> None:
    path = write_local_contact_points(tmp_path, "http://127.0.0.1:1234")
    first = load_contact_points(path, {})
    assert len({point.webhook.secret for point in first.values() if point.webhook}) == 13
    assert {file.stat().st_mode & 0o777 for file in path.parent.glob("*.secret")} == {0o600}
    assert load_contact_points(write_local_contact_points(tmp_path, "http://127.0.0.1:1234"), {}) == first
