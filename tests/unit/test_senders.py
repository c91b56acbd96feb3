"""What contact points rely on is there when the process starts, or it does not start."""

import asyncio

import pytest

from consumers.channels.email import SmtpServer
from consumers.contact_points import Channel, ContactPoint, WebhookAddress
from consumers.senders import senders
from schemas.errors import ConfigurationError

WEBHOOK = WebhookAddress("https://si.example/x", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=")
MAIL = SmtpServer("localhost", 25, "alerts@brdo.example")
BOTH = ContactPoint("SI", "Slovenia", webhook=WEBHOOK, email="duty@si.example")


def opened(point: ContactPoint, public_url: str | None, mail: SmtpServer | None) -> set[Channel]:
    async def run() -> set[Channel]:
        async with senders({point.code: point}, timeout_seconds=1, public_url=public_url, mail=mail) as by:
            return set(by)

    return asyncio.run(run())


def test_what_is_set_up_is_opened() -> None:
    assert opened(ContactPoint("SI", "Slovenia", WEBHOOK), None, None) == {Channel.WEBHOOK}
    assert opened(BOTH, "https://brdo.example", MAIL) == set(Channel)


@pytest.mark.parametrize(
    ("point", "public_url", "mail", "lacking"),
    [
        (BOTH, "https://brdo.example", None, "BRDO_SMTP_HOST"),
        (BOTH, None, MAIL, "BRDO_PUBLIC_URL"),
        (ContactPoint("SI", "Slovenia", cap=WEBHOOK), None, MAIL, "BRDO_PUBLIC_URL"),
    ],
)
def test_a_channel_that_cannot_be_sent_is_refused_even_where_it_is_the_second_choice(
    point: ContactPoint, public_url: str | None, mail: SmtpServer | None, lacking: str
) -> None:
    with pytest.raises(ConfigurationError, match=lacking):
        opened(point, public_url, mail)
