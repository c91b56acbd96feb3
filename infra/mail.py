"""The mail server that the settings name."""

from consumers.channels.email import SmtpServer
from consumers.tls import TlsFiles
from infra.errors import SettingsError
from infra.settings import Settings


def smtp_server(settings: Settings) -> SmtpServer | None:
    """Return the mail server, None where none is named; raises `SettingsError` where half of one is."""
    if settings.smtp_host is None:
        return None
    if settings.smtp_sender is None:
        raise SettingsError("BRDO_SMTP_SENDER", "is needed where BRDO_SMTP_HOST names a mail server")
    password = settings.smtp_password
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_sender,
        settings.smtp_username,
        password.get_secret_value() if password else None,
        settings.smtp_starttls,
        TlsFiles(authority=settings.smtp_certificate_authority),
    )
