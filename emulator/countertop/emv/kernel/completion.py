"""The cryptograms: first GENERATE AC, the issuer's answer, second GENERATE AC (EMV Book 3 §10.8 to §10.11)."""

from __future__ import annotations

from countertop.emv import tlv
from countertop.emv.apdu import Command, Response
from countertop.emv.bits import AAC, AIP, ARQC, CDA_WANTED, CRYPTOGRAMS, TC, TSI, TVR, TYPE_MASK
from countertop.emv.certificates import CertificateError
from countertop.emv.dol import build, parse_dol
from countertop.emv.kernel.action import default_action
from countertop.emv.kernel.authentication import verify_signed
from countertop.emv.kernel.events import Ended, GoOnline, Note, OnlineAnswer, Steps
from countertop.emv.kernel.responses import ResponseError, cryptogram
from countertop.emv.kernel.scripts import AFTER, BEFORE, run_scripts
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import TlvError

# How far a cryptogram lets the transaction go; a card may only lower what the terminal asks for.
_RANK = {AAC: 0, ARQC: 1, TC: 2}
OFFLINE_APPROVED, OFFLINE_DECLINED, UNABLE_APPROVED, UNABLE_DECLINED = b"Y1", b"Z1", b"Y3", b"Z3"
_REASONS = {1: "service_not_allowed", 2: "pin_try_exceeded", 3: "issuer_authentication_failed"}


def first(t: Transaction, wanted: int) -> Steps[int]:
    """Ask for a cryptogram; returns the type that the card gives.  Raises Ended for nonsense."""
    yield Note("step", "card action analysis")
    sign = t.sign and wanted != AAC
    t.cdol1_data = _dol_data(t, 0x8C)
    response = yield from _generate(t, wanted, sign, t.cdol1_data, "GENERATE AC (1st)")
    t.tsi |= TSI.CARD_RISK_MANAGEMENT
    given = yield from _taken(t, response, wanted, sign, t.pdol_data + t.cdol1_data)
    yield Note("decision", "card action", CRYPTOGRAMS[given], f"the terminal asked for {CRYPTOGRAMS[wanted]}")
    return given


def signature_failed(t: Transaction) -> bool:
    """Whether a combined signature did not hold."""
    return t.sign and TVR.CDA_FAILED in t.tvr


def online(t: Transaction) -> Steps[int]:
    """Ask the issuer, tell the card, and ask for the last word; returns the type of the second cryptogram."""
    yield Note("step", "online processing")
    answer = yield GoOnline(t.values())
    if answer is None:
        wanted, why = default_action(t)
        if t.terminal.online_only:
            wanted, why = AAC, "the terminal works online only"
        t.data[0x8A] = UNABLE_APPROVED if wanted == TC else UNABLE_DECLINED
        yield Note("decision", "unable to go online", CRYPTOGRAMS[wanted], why)
        return (yield from _second(t, wanted))
    t.online = True
    t.issuer_approved = answer.approved
    scripts = yield from _issuer_said(t, answer)
    if not t.terminal.scripts:
        scripts = ()
    yield from run_scripts(t, scripts, BEFORE)
    given = yield from _second(t, TC if answer.approved else AAC)
    yield from run_scripts(t, scripts, AFTER)
    return given


def quick(t: Transaction) -> Steps[bool]:
    """Let the card go with an AAC, then ask the issuer, whose word is the last; returns whether it approved.

    What goes to the issuer is the first cryptogram and what it covers: the second says nothing (Quick Chip).
    """
    asked = t.values()
    t.data[0x8A] = UNABLE_DECLINED
    yield Note("decision", "quick chip", "AAC", "the card may go before the issuer is asked")
    yield from _second(t, AAC)
    yield Note("step", "online processing")
    answer = yield GoOnline(asked)
    for tag in (0x9F10, 0x9F26, 0x9F27, 0x9F36):
        if tag in asked:
            t.data[tag] = asked[tag]
    if answer is None:
        return False
    t.online, t.issuer_approved = True, answer.approved
    t.data[0x8A] = _code(answer)
    return t.issuer_approved


def refuse(t: Transaction) -> Steps[int]:
    """Ask for an AAC at once: a signature failed, so nothing that the card says counts (Book 4 §6.3.2)."""
    t.data[0x8A] = OFFLINE_DECLINED
    return (yield from _second(t, AAC))


def declined_because(t: Transaction) -> str:
    """Why the card declined, as far as its CID and the TVR tell."""
    told = _REASONS.get(t.data.get(0x9F27, b"\x00")[0] & 0x07)
    if told is None and TVR.PIN_TRY_LIMIT in t.tvr:
        return "pin_try_exceeded"
    return told or "declined_by_card"


def _issuer_said(t: Transaction, answer: OnlineAnswer) -> Steps[tuple[tlv.Tlv, ...]]:
    t.data[0x8A] = _code(answer)
    try:
        objects = tlv.parse(answer.emv)
    except TlvError as error:
        objects = ()
        yield Note("decision", "issuer data", "dropped", f"they are damaged: {error}")
    authentication = next((item.value for item in objects if item.tag == 0x91), None)
    if authentication is not None:
        t.data[0x91] = authentication
        if AIP.ISSUER_AUTHENTICATION in t.aip:
            yield from _authenticate_issuer(t, authentication)
    return objects


def _code(answer: OnlineAnswer) -> bytes:
    """Tag 8A."""
    return answer.response_code.encode("ascii", "replace")[:2].ljust(2, b" ")


def _authenticate_issuer(t: Transaction, data: bytes) -> Steps[None]:
    response = yield from t.exchange(Command(0, 0x82, 0, 0, data), "EXTERNAL AUTHENTICATE")
    t.tsi |= TSI.ISSUER_AUTHENTICATION
    if not response.ok:
        t.tvr |= TVR.ISSUER_AUTHENTICATION_FAILED
    outcome = "ok" if response.ok else "failed"
    yield Note("decision", "issuer authentication", outcome, f"the card answers {response.sw:04X}")


def _second(t: Transaction, wanted: int) -> Steps[int]:
    yield Note("step", "completion")
    sign = t.sign and wanted == TC and t.terminal.sign_second and not signature_failed(t)
    data = _dol_data(t, 0x8D)
    response = yield from _generate(t, wanted, sign, data, "GENERATE AC (2nd)")
    given = yield from _taken(t, response, wanted, sign, t.pdol_data + t.cdol1_data + data)
    if given == ARQC:
        raise Ended("terminated", "card_error", "The card answers the second GENERATE AC with an ARQC.")
    yield Note("decision", "card decision", CRYPTOGRAMS[given], f"the terminal asked for {CRYPTOGRAMS[wanted]}")
    return given


def _generate(t: Transaction, wanted: int, sign: bool, data: bytes, name: str) -> Steps[Response]:
    response = yield from t.exchange(Command(0x80, 0xAE, wanted | (CDA_WANTED if sign else 0), 0, data, le=256), name)
    return response


def _dol_data(t: Transaction, tag: int) -> bytes:
    try:
        return build(parse_dol(t.data[tag]), t.values())
    except TlvError as error:
        raise Ended("terminated", "card_error", f"{tlv.name(tag)} of the card is damaged: {error}.") from None


def _taken(t: Transaction, response: Response, wanted: int, sign: bool, told: bytes) -> Steps[int]:
    """Check an answer and keep what it says; returns its type."""
    try:
        answer = cryptogram(response)
    except ResponseError as error:
        raise Ended("terminated", "card_error", f"GENERATE AC: {error}.") from None
    given, cid, ac = answer.cid & TYPE_MASK, answer.cid, answer.ac
    if _RANK.get(given, 3) > _RANK[wanted]:
        raise Ended(
            "terminated", "card_error", f"The card gives {CRYPTOGRAMS[given]} where {CRYPTOGRAMS[wanted]} was asked."
        )
    if sign and given != AAC:
        t.tsi |= TSI.ODA_PERFORMED
        try:
            signed_cid, ac = verify_signed(t, response, told + answer.covered)
            if signed_cid != cid:
                raise CertificateError("the signed CID is another than the plain one")
            yield Note("decision", "data authentication", "CDA ok", "the card signed its cryptogram")
        except CertificateError as error:
            t.tvr |= TVR.CDA_FAILED
            yield Note("decision", "data authentication", "CDA failed", str(error))
    elif ac is None:
        raise Ended("terminated", "card_error", "GENERATE AC: the answer has no cryptogram.")
    t.data |= {0x9F27: bytes((cid,)), 0x9F36: answer.atc, 0x9F10: answer.iad}
    if ac is not None:
        t.data[0x9F26] = ac
    return given
