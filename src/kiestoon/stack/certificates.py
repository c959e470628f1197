"""The demo CA and the server certificate signed by it: made at first run, renewed before they expire."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiestoon.stack.layout import Layout

NAMES = ("demo.kiestoon.test", "localhost")
ADDRESSES = ("127.0.0.1", "::1")
YEAR = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)

Key = ec.EllipticCurvePrivateKey


def ensure(layout: Layout, now: datetime | None = None) -> bool:
    """Make or renew what is missing or near its end; True when a new certificate was written."""
    moment = now or datetime.now(UTC)
    folder = layout.tls
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificates = (folder / "ca.pem", folder / "server.pem")
    keys = (folder / "ca.key", folder / "server.key")
    if (
        all(path.exists() for path in keys)
        and all(_good(path, moment) for path in certificates)
        and _signed_by(*certificates)
    ):
        return False
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = _name("Kiestoon demo CA"), _name(NAMES[0])
    authority = (
        _builder(ca_name, ca_name, ca_key, moment)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ADDRESSES]
    server = (
        _builder(name, ca_name, server_key, moment)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    _write(keys[0], _private(ca_key))
    _write(keys[1], _private(server_key))
    _write(certificates[0], authority.public_bytes(serialization.Encoding.PEM))
    _write(certificates[1], server.public_bytes(serialization.Encoding.PEM))
    return True


def _good(path: Path, moment: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_before_utc <= moment < certificate.not_valid_after_utc - RENEW_BEFORE


def _signed_by(authority: Path, server: Path) -> bool:
    """Whether the server's certificate verifies against the demo CA."""
    ca, leaf = (x509.load_pem_x509_certificate(path.read_bytes()) for path in (authority, server))
    try:
        leaf.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, moment: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign,
        key_cert_sign=sign,
        crl_sign=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes) -> None:
    """Replace the file at once, readable by its owner only."""
    new = path.with_suffix(path.suffix + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    new.replace(path)
