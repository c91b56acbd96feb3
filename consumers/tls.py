"""The certificates that a connection is made with, read from PEM files."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Who we say we are (`certificate` and `key`, or neither), and whose word we take (absent: the system's)."""

    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies the other side; raises `OSError` where a file is missing or unusable."""
        context = ssl.create_default_context(cafile=self.authority)
        if self.certificate is not None:
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(self.certificate, self.key, password="")
        return context


SYSTEM_TLS: Final = TlsFiles()
"""Nobody in particular, who trusts whom the system trusts."""
