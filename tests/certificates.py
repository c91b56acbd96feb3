"""Authorities that tests trust or do not, and servers and clients that these vouch for."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from consumers.tls import TlsFiles


class Authority:
    """A certificate authority whose files lie in a directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._authority = trustme.CA()
        self.file = directory / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def server(self, *names: str, clients_of: Authority | None = None) -> ssl.SSLContext:
        """Return a server's side; with `clients_of` it wants a certificate from its clients."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        if clients_of is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients_of.file)
        return context

    def client(self, name: str = "brdo.example", *, trusting: Authority | None = None) -> TlsFiles:
        """Return the files of a client whom this authority vouches for."""
        issued = self._authority.issue_cert(name)
        certificate, key = self._directory / f"{name}.pem", self._directory / f"{name}.key"
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(certificate, append=number > 0)
        issued.private_key_pem.write_to_path(key)
        return TlsFiles(certificate, key, (trusting or self).file)
