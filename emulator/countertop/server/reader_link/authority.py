"""The bench's certificate authority: made once per data file, good for readers' names only, its key in the vault.

Whoever trusts it trusts nothing else by it: its certificate is constrained to the readers' domain.
"""

from __future__ import annotations

import datetime
import secrets
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from countertop.server.reader_link.names import DOMAIN

if TYPE_CHECKING:
    from countertop.store import Transaction
    from countertop.vault import Vault

SEALED = "reader_link_authority"
"""What the vault knows it by: key and certificate as PEM, one after the other."""
LIFE = datetime.timedelta(days=3650)
# Browsers take no server certificate that is good for longer.
LEAF_LIFE = datetime.timedelta(days=397)
A_DAY = datetime.timedelta(days=1)


class Authority:
    """A key and its self-signed certificate.  Times are the wall's: TLS clients look at no other clock."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    def __repr__(self) -> str:
        return "Authority(…)"

    @classmethod
    def new(cls, now: datetime.datetime) -> Authority:
        """A fresh authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Countertop test readers")
        builder = (
            _certificate(name, name, key.public_key(), now, LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.NameConstraints([x509.DNSName(DOMAIN)], None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return cls(key, builder.sign(key, hashes.SHA256()))

    @classmethod
    def of(cls, tx: Transaction, vault: Vault, now: datetime.datetime) -> Authority:
        """The world's authority; made and sealed when it has none, or one that ends within a leaf's life."""
        sealed = _sealed(tx, vault)
        if sealed:
            key = serialization.load_pem_private_key(sealed, None)
            certificate = x509.load_pem_x509_certificate(sealed)
            if isinstance(key, ec.EllipticCurvePrivateKey) and certificate.not_valid_after_utc > now + LEAF_LIFE:
                return cls(key, certificate)
        made = cls.new(now)
        made.keep(tx, vault)
        return made

    def keep(self, tx: Transaction, vault: Vault) -> None:
        """Seal it in the vault: a reset or a restore took away what was there."""
        ours = _pem(self._key, serialization.NoEncryption()) + self.certificate
        if _sealed(tx, vault) != ours:
            vault.seal(tx, SEALED, ours)

    @property
    def certificate(self) -> bytes:
        """The certificate as PEM: what clients are to trust."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def server_context(self, now: datetime.datetime) -> ssl.SSLContext:
        """A TLS context with a new certificate for every reader's name."""
        key = ec.generate_private_key(ec.SECP256R1())
        ours = self._key.public_key()
        certificate = (
            _certificate(_name(f"*.{DOMAIN}"), self._certificate.subject, key.public_key(), now, LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(f"*.{DOMAIN}")]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        _load(context, key, certificate)
        return context


def _sealed(tx: Transaction, vault: Vault) -> bytes:
    try:
        return vault.open(tx, SEALED)
    except KeyError:
        return b""


def _load(context: ssl.SSLContext, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    # ssl reads keys from files only: the key goes there locked, and nobody but this process knows what unlocks it.
    password = secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="countertop-") as folder:
        path = Path(folder) / "reader-link.pem"
        locked = _pem(key, serialization.BestAvailableEncryption(password))
        path.write_bytes(locked + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path, password=password)


def _pem(key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    life: datetime.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - A_DAY)  # clocks of clients may be a little late
        .not_valid_after(now + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
