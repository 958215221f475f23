"""GENERATE AC and EXTERNAL AUTHENTICATE: the card's say in a payment (EMV Book 3 §6.5.4, §6.5.5, §10.8 to §10.11)."""

from __future__ import annotations

from countertop.cards.chip import risk
from countertop.cards.chip.answers import take_issuer_answer
from countertop.cards.chip.cvr import issuer_application_data
from countertop.cards.chip.files import LOG_FORMAT
from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.initiation import (
    CONDITIONS,
    DYNAMIC_NUMBER_BYTES,
    WRONG_LENGTH,
    WRONG_PARAMETERS,
    split_exactly,
)
from countertop.cards.chip.memory import Memory, Refused
from countertop.cards.chip.state import MOST_LOGGED
from countertop.emv import tlv
from countertop.emv.apdu import OK, Command, Response
from countertop.emv.bits import AAC, AIP, ARQC, CDA_WANTED, TC, TYPE_MASK
from countertop.emv.cryptogram import AcData
from countertop.emv.data_authentication import sign_combined
from countertop.emv.dol import build, parse_dol

AUTHENTICATION_FAILED = 0x6300
ISSUER_DATA = 0x91
# Reasons of an AAC, bits 3 to 1 of the CID.
PIN_TRIES_EXCEEDED, ISSUER_AUTHENTICATION_FAILED = 0x02, 0x03
# Objects of AcData in its order (card-hardware.md G.3); what a CDOL does not ask for counts as zeros.
_COVERED = ((0x9F02, 6), (0x9F03, 6), (0x9F1A, 2), (0x95, 5), (0x5F2A, 2), (0x9A, 3), (0x9C, 1), (0x9F37, 4))


def generate_ac(memory: Memory, command: Command) -> Response:
    """The first or the second cryptogram of a transaction.  The second one only after an ARQC, a third one never."""
    application, session = memory.initiated(), memory.session
    asked = command.p1 & TYPE_MASK
    if command.p2 or command.p1 & ~(TYPE_MASK | CDA_WANTED) or asked == TYPE_MASK:
        raise Refused(WRONG_PARAMETERS)
    if session.first is None:
        session.values |= split_exactly(application.cdol1, command.data)
        session.cdol1_data = command.data
        session.first = given = risk.first_answer(memory, asked)
        told = session.pdol_data + command.data
    elif session.first == ARQC and session.second is None and asked != ARQC and not memory.image.over_the_air:
        session.values |= split_exactly(application.cdol2, command.data)
        _hear_issuer(memory, application)
        session.second = given = risk.second_answer(memory, asked)
        told = session.pdol_data + session.cdol1_data + command.data
    else:
        raise Refused(CONDITIONS)
    # An AAC is signed only for a terminal that asks for a signed AAC.
    sign = bool(command.p1 & CDA_WANTED) and AIP.CDA in application.profile.aip and (given != AAC or asked == AAC)
    return _answer(memory, application, given, told if sign else None)


def external_authenticate(memory: Memory, command: Command) -> Response:
    """The issuer's answer, once, between the two cryptograms."""
    application, session = memory.initiated(), memory.session
    if command.p1 or command.p2:
        raise Refused(WRONG_PARAMETERS)
    open_to_it = session.first == ARQC and session.second is None and session.issuer_authenticated is None
    if not open_to_it or AIP.ISSUER_AUTHENTICATION not in application.profile.aip:
        raise Refused(CONDITIONS)
    if not 8 <= len(command.data) <= 16:
        raise Refused(WRONG_LENGTH)
    take_issuer_answer(memory, application, command.data)
    if not session.issuer_authenticated:
        raise Refused(AUTHENTICATION_FAILED)
    return Response(b"", OK)


def _hear_issuer(memory: Memory, application: ApplicationImage) -> None:
    """What the second GENERATE AC says of the issuer."""
    session = memory.session
    if session.values.get(0x8A) in risk.OFFLINE_CODES:
        return
    answer = session.values.get(ISSUER_DATA, b"")
    if any(answer) and session.issuer_authenticated is None:
        take_issuer_answer(memory, application, answer)
    memory.remember(online_unfinished=False, issuer_authentication_missing=session.issuer_authenticated is None)


def _answer(memory: Memory, application: ApplicationImage, given: int, told: bytes | None) -> Response:
    """Make the cryptogram, remember what it means, and say it; ``told`` is None when it is not to be signed."""
    session, dynamic_number = memory.session, memory.random(DYNAMIC_NUMBER_BYTES)
    if told is not None:
        session.signed_first |= session.second is None
        session.signed_second |= session.second is not None
    ac, iad = make_cryptogram(memory, application, dynamic_number)
    remember(memory, given)
    cid = given | (_reason(memory) if given == AAC else 0)
    if told is not None and application.keys.icc is not None:
        plain = [(0x9F27, bytes((cid,))), (0x9F36, memory.atc)]
        last = [(0x9F10, iad)]
        covered = told + tlv.join(plain + last)
        unpredictable = session.values.get(0x9F37, bytes(4))
        signed = sign_combined(application.keys.icc, dynamic_number, cid, ac, covered, unpredictable)
        return Response(tlv.make(0x77, tlv.join([*plain, (0x9F4B, signed), *last])), OK)
    if application.profile.auth == "cda":
        objects = [(0x9F27, bytes((cid,))), (0x9F36, memory.atc), (0x9F26, ac), (0x9F10, iad)]
        return Response(tlv.make(0x77, tlv.join(objects)), OK)
    return Response(tlv.make(0x80, bytes((cid,)) + memory.atc + ac + iad), OK)


def make_cryptogram(memory: Memory, application: ApplicationImage, dynamic_number: bytes) -> tuple[bytes, bytes]:
    """The cryptogram for what the session knows, and the IAD that goes with it."""
    session = memory.session
    iad = issuer_application_data(memory, application, dynamic_number)
    data = _ac_data(memory, application, iad)
    ac = application.profile.cryptograms.cryptogram(application.keys.ac, data)
    if session.second is None:
        if "wrong_arqc" in memory.faults:
            ac = bytes(byte ^ 0xFF for byte in ac)
        session.ac_data, session.arqc = data, ac
    return ac, iad


def _ac_data(memory: Memory, application: ApplicationImage, iad: bytes) -> AcData:
    told = [memory.session.values.get(tag, bytes(length)) for tag, length in _COVERED]
    amount, other, country, tvr, currency, date, kind, unpredictable = told
    aip, atc = memory.aip(application).encoded, memory.atc
    return AcData(amount, other, country, tvr, currency, date, kind, unpredictable, aip, atc, iad)


def remember(memory: Memory, given: int) -> None:
    """Write down what a cryptogram means for the transactions to come."""
    session, state = memory.session, memory.state
    # Over the air the card never hears how it went on.
    if given == ARQC and not memory.image.over_the_air:
        memory.remember(online_unfinished=True)
    if given != TC:
        return
    if not memory.image.over_the_air:
        memory.remember(taps=0)
    if session.first == TC or session.values.get(0x8A) in risk.UNABLE_TO_GO_ONLINE:
        spent = state.offline_amount + risk.amount(memory)
        memory.remember(offline_count=state.offline_count + 1, offline_amount=spent)
    entry = build(parse_dol(LOG_FORMAT), session.values | {0x9F36: memory.atc})
    memory.remember(log=(entry.hex().upper(), *state.log)[:MOST_LOGGED])


def _reason(memory: Memory) -> int:
    if memory.session.issuer_authenticated is False:
        return ISSUER_AUTHENTICATION_FAILED
    return PIN_TRIES_EXCEEDED if memory.state.pin_tries == 0 else 0
