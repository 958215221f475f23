"""Offline data authentication: is this the card that the issuer made? (EMV Book 2 §5, §6; Book 3 §10.3)."""

from __future__ import annotations

from countertop.emv.apdu import Command, Response
from countertop.emv.bits import AIP, TSI, TVR
from countertop.emv.certificates import CertificateError, recover_icc_key, recover_issuer_key
from countertop.emv.data_authentication import verify_combined, verify_dynamic, verify_static
from countertop.emv.dol import build, parse_dol
from countertop.emv.kernel.events import Note, Steps
from countertop.emv.kernel.responses import ResponseError, single_object
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.rsa import PublicKey
from countertop.emv.tags import name_of
from countertop.emv.tlv import TlvError

RID_LENGTH = 5
TERMINAL_SDA, TERMINAL_DDA, TERMINAL_CDA = 0x80, 0x40, 0x08
UNPREDICTABLE_NUMBER = 0x9F37


class MissingData(CertificateError):
    """The card lacks an object that its kind of authentication needs."""


def authenticate(t: Transaction) -> Steps[None]:
    """The best kind that card and terminal both know.  With CDA only the keys are recovered here."""
    yield Note("step", "offline data authentication")
    aip = t.aip
    if AIP.CDA in aip and t.supports(3, TERMINAL_CDA):
        yield from _prepare_combined(t)
    elif AIP.DDA in aip and t.supports(3, TERMINAL_DDA):
        yield from _dynamic(t)
    elif AIP.SDA in aip and t.supports(3, TERMINAL_SDA):
        yield from _static(t)
    else:
        t.tvr |= TVR.ODA_NOT_PERFORMED
        yield Note("decision", "data authentication", "none", "card and terminal have no kind in common")


def issuer_key(t: Transaction) -> PublicKey:
    """The issuer's key from its certificate.  Raises CertificateError."""
    index, certificate, exponent = need(t, 0x8F), need(t, 0x90), need(t, 0x9F32)
    rid = t.data[0x84][:RID_LENGTH]
    ca = t.terminal.keys.find(rid, index[0])
    if ca is None:
        raise CertificateError(f"no CA key {index.hex().upper()} of {rid.hex().upper()} is known here")
    remainder = t.data.get(0x92, b"")
    return recover_issuer_key(ca.public, certificate, remainder, exponent, t.pan, t.request.date)


def card_key(t: Transaction) -> PublicKey:
    """The card's own key from its certificate, which covers the static data.  Raises CertificateError."""
    issuer = issuer_key(t)
    certificate, exponent = need(t, 0x9F46), need(t, 0x9F47)
    remainder = t.data.get(0x9F48, b"")
    return recover_icc_key(issuer, certificate, remainder, exponent, t.pan, t.request.date, static_data(t))


def static_data(t: Transaction) -> bytes:
    """What static signatures cover.  Raises CertificateError when the card's records do not allow for any."""
    if t.oda_data is None:
        raise CertificateError("a record that is to be authenticated is in no template")
    tags = t.data.get(0x9F4A)
    if tags is None:
        return t.oda_data
    if tags != b"\x82":
        raise CertificateError("the list of further static objects names more than the AIP")
    return t.oda_data + t.data[0x82]


def need(t: Transaction, tag: int) -> bytes:
    """An object that must be there.  Raises MissingData."""
    value = t.data.get(tag)
    if not value:
        raise MissingData(f"the card has no {name_of(tag)}")
    return value


def verify_signed(t: Transaction, response: Response, covered: bytes) -> tuple[int, bytes]:
    """The type and cryptogram in a signed answer to GENERATE AC.  Raises CertificateError.

    ``covered``: what the card was told and what it says, without its signature.
    """
    assert t.icc_key is not None, "a signature is asked for only when the key is known"
    try:
        signature = single_object(response, 0x9F4B)
    except ResponseError as error:
        raise CertificateError(str(error)) from None
    signed = verify_combined(t.icc_key, signature, t.data[UNPREDICTABLE_NUMBER], covered)
    t.data[0x9F4C] = signed.idn
    return signed.cid, signed.ac


def _static(t: Transaction) -> Steps[None]:
    t.tvr |= TVR.SDA_SELECTED
    t.tsi |= TSI.ODA_PERFORMED
    try:
        signed = need(t, 0x93)
        t.data[0x9F45] = verify_static(issuer_key(t), signed, static_data(t))
    except CertificateError as error:
        yield from _failed(t, TVR.SDA_FAILED, "SDA", error)
        return
    yield Note("decision", "data authentication", "SDA ok", "the issuer's signature covers the records")


def _dynamic(t: Transaction) -> Steps[None]:
    t.tsi |= TSI.ODA_PERFORMED
    try:
        t.icc_key = card_key(t)
        dol = parse_dol(t.data.get(0x9F49, t.application.default_ddol))
        if UNPREDICTABLE_NUMBER not in (tag for tag, _ in dol):
            raise CertificateError("the DDOL does not ask for the unpredictable number")
        data = build(dol, t.values())
        response = yield from t.exchange(Command(0, 0x88, 0, 0, data, le=256), "INTERNAL AUTHENTICATE")
        t.data[0x9F4C] = verify_dynamic(t.icc_key, single_object(response, 0x9F4B), data)
    except (CertificateError, TlvError, ResponseError) as error:
        yield from _failed(t, TVR.DDA_FAILED, "DDA", error)
        return
    yield Note("decision", "data authentication", "DDA ok", "the card signed what the terminal drew")


def _prepare_combined(t: Transaction) -> Steps[None]:
    try:
        t.icc_key = card_key(t)
    except CertificateError as error:
        t.tsi |= TSI.ODA_PERFORMED
        yield from _failed(t, TVR.CDA_FAILED, "CDA", error)
        return
    t.sign = True
    yield Note("decision", "data authentication", "CDA", "the card is to sign its cryptogram")


def _failed(t: Transaction, bit: TVR, kind: str, error: Exception) -> Steps[None]:
    t.tvr |= bit
    if isinstance(error, MissingData):
        t.tvr |= TVR.ICC_DATA_MISSING
    yield Note("decision", "data authentication", f"{kind} failed", str(error))
