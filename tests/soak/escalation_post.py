"""The mail server of the soak of the escalator: takes its time, refuses some, and keeps what it took and when."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from random import Random

from aiosmtpd.smtp import SMTP, Envelope, Session
from escalation_judgement import Mail
from post_offices import Post, read

_ALERT = re.compile(r"al-[0-9a-f]{20}")
_OF = re.compile(r"STAND DOWN: ([A-Z]+),|^Contact point: ([A-Z]+)\b", re.MULTILINE)
_REFUSED = 0.03
_SECONDS = 0.05


class SoakPost(Post):
    """A mail server's handler."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self.mails: list[Mail] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        await asyncio.sleep(_SECONDS)
        if self._chance.random() < _REFUSED:
            return "451 not now"
        assert isinstance(envelope.content, bytes)
        self.mails.append(_mail(envelope.content))
        return "250 OK"


def _mail(content: bytes) -> Mail:
    message = read(content)
    subject, text = str(message["Subject"]), message.get_body(("plain",))
    assert text is not None
    said = f"{subject}\n{text.get_content()}"
    alert, code = _ALERT.search(said), _OF.search(said)
    assert alert
    assert code
    is_over = subject.startswith("STAND DOWN")
    identity = str(message["Message-ID"])
    return Mail(datetime.now(UTC), identity, str(message["To"]), alert[0], code[1] or code[2], is_over)
