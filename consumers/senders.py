"""Every channel that this process sends by, opened together; what contact points need and it lacks is said at once."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from consumers.channels.cap import CapChannel
from consumers.channels.email import EmailChannel, SmtpServer
from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import Channel, ContactPoint, channels_needed
from consumers.deliverer import Send
from consumers.duties import Duties
from consumers.escalator import SendCall
from schemas.errors import ConfigurationError


@asynccontextmanager
async def senders(
    contact_points: Mapping[str, ContactPoint],
    *,
    timeout_seconds: float,
    public_url: str | None = None,
    mail: SmtpServer | None = None,
) -> AsyncIterator[dict[Channel, Send]]:
    """Yield how each channel is sent; raises `ConfigurationError` where one that somebody relies on cannot be.

    Also where it would only be the second choice: on the day that it is needed it is too late to find out.
    """
    check_channels(contact_points, public_url, mail)
    async with AsyncExitStack() as opened:
        webhook = await opened.enter_async_context(WebhookChannel(timeout_seconds))
        by: dict[Channel, Send] = {Channel.WEBHOOK: webhook.send}
        if public_url is not None:
            cap = await opened.enter_async_context(CapChannel(public_url, timeout_seconds))
            by[Channel.CAP] = cap.send
            if mail is not None:
                by[Channel.EMAIL] = EmailChannel(mail, public_url, timeout_seconds).send
        yield by


def call_sender(mail: SmtpServer | None, public_url: str | None, timeout_seconds: float) -> SendCall | None:
    """Return how officers and operations are called; None where nobody can be."""
    return None if mail is None or public_url is None else EmailChannel(mail, public_url, timeout_seconds).call


def check_calls(duties: Duties, public_url: str | None, mail: SmtpServer | None) -> None:
    """Raise `ConfigurationError` where officers are to be called by e-mail and nothing here can send it."""
    if duties.called_by_mail() and (mail is None or public_url is None):
        raise ConfigurationError("officers are called by e-mail, which needs BRDO_SMTP_HOST and BRDO_PUBLIC_URL")


def check_channels(contact_points: Mapping[str, ContactPoint], public_url: str | None, mail: SmtpServer | None) -> None:
    """Raise `ConfigurationError` where a contact point has a channel that nothing here can send by."""
    needed = channels_needed(contact_points)
    if Channel.EMAIL in needed and mail is None:
        raise ConfigurationError("a contact point is told by e-mail, which needs BRDO_SMTP_HOST and BRDO_SMTP_SENDER")
    if needed & {Channel.EMAIL, Channel.CAP} and public_url is None:
        raise ConfigurationError("a contact point is told by e-mail or CAP, whose link needs BRDO_PUBLIC_URL")
