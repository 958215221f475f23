"""Card verification results: what the card tells its issuer inside tag 9F10 (card-hardware.md G.4).

CCD's layout is from memory of its specification: docs/assumptions.md.
"""

from __future__ import annotations

from enum import IntFlag

from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.memory import Memory
from countertop.cards.chip.risk import UNABLE_TO_GO_ONLINE, limits_reached
from countertop.emv.bits import AAC, ARQC
from countertop.emv.iad import VISA_CVR_LENGTH, Layout, MastercardCvr, VisaCvr

DERIVATION_KEY_INDEX = 1
NOT_REQUESTED = 0b10
# Format 2: verified by the system of the device, by a finger.
DEVICE_SYSTEM, FINGER = 0x8, 0x2
_WITH_COUNTERS = ("mastercard_17", "mastercard_21")
_MOST_AMOUNT = 999_999_999_999


class CcdCvr(IntFlag):
    """The 5 bytes of CCD's results, without types of cryptogram, PIN tries and script counter."""

    CDA_DONE = 0x08_00_00_00_00
    DDA_DONE = 0x04_00_00_00_00
    ISSUER_AUTHENTICATION_MISSING = 0x02_00_00_00_00
    ISSUER_AUTHENTICATION_FAILED = 0x01_00_00_00_00
    OFFLINE_PIN_DONE = 0x08_00_00_00
    OFFLINE_PIN_FAILED = 0x04_00_00_00
    PIN_TRY_LIMIT = 0x02_00_00_00
    LAST_ONLINE_NOT_COMPLETED = 0x01_00_00_00
    UPPER_CONSECUTIVE = 0x40_00_00
    UPPER_CUMULATIVE = 0x10_00_00
    SCRIPT_FAILED = 0x08_00
    UNABLE_TO_GO_ONLINE = 0x01_00


def issuer_application_data(memory: Memory, application: ApplicationImage, dynamic_number: bytes) -> bytes:
    """Tag 9F10 for the cryptogram that is being made."""
    cryptograms = application.profile.cryptograms
    match cryptograms.layout:
        case Layout.MASTERCARD:
            counters = _counters(memory) if cryptograms.name in _WITH_COUNTERS else b""
            return cryptograms.make_iad(DERIVATION_KEY_INDEX, _mastercard(memory), dynamic_number[:2], counters)
        case Layout.CCD:
            return cryptograms.make_iad(DERIVATION_KEY_INDEX, _ccd(memory))
        case Layout.FORMAT_2:
            return cryptograms.make_iad(DERIVATION_KEY_INDEX, _by_whom(memory) + _visa(memory)[1:] + b"\x00")
        case Layout.VISA:
            return cryptograms.make_iad(DERIVATION_KEY_INDEX, _visa(memory))


def _visa(memory: Memory) -> bytes:
    session, state = memory.session, memory.state
    results = _set(
        (VisaCvr.ISSUER_AUTHENTICATION_FAILED, session.issuer_authenticated is False),
        (VisaCvr.OFFLINE_PIN_DONE, session.pin is not None),
        (VisaCvr.OFFLINE_PIN_FAILED, session.pin is False),
        (VisaCvr.UNABLE_TO_GO_ONLINE, _unable(memory)),
        (VisaCvr.LAST_ONLINE_NOT_COMPLETED, state.online_unfinished),
        (VisaCvr.PIN_TRY_LIMIT, state.pin_tries == 0),
        (VisaCvr.VELOCITY_EXCEEDED, limits_reached(memory)),
        (VisaCvr.NEW_CARD, state.last_online_atc == 0),
        (VisaCvr.LAST_ISSUER_AUTHENTICATION_FAILED, state.issuer_authentication_failed),
        (VisaCvr.LAST_ISSUER_AUTHENTICATION_MISSING, state.issuer_authentication_missing),
        (VisaCvr.SCRIPT_FAILED, state.script_failed),
        (VisaCvr.DDA_DONE, session.signed_dynamically or session.signed_first or session.signed_second),
    )
    told = results | _types(memory) << 16 | state.scripts << 4
    return bytes((VISA_CVR_LENGTH,)) + told.to_bytes(3, "big")


def _by_whom(memory: Memory) -> bytes:
    """Who verified the holder, and how: byte 1 of format 2's results."""
    return bytes((DEVICE_SYSTEM << 4 | FINGER,)) if memory.holder == "verified" else b"\x00"


def _mastercard(memory: Memory) -> bytes:
    session, state, limits = memory.session, memory.state, limits_reached(memory)
    domestic = session.values.get(0x9F1A) == memory.initiated().profile.country
    results = _set(
        (MastercardCvr.OFFLINE_PIN_DONE, session.pin is not None),
        (MastercardCvr.OFFLINE_PIN_ENCIPHERED, session.pin is not None and session.pin_enciphered),
        (MastercardCvr.OFFLINE_PIN_OK, session.pin is True),
        (MastercardCvr.DDA_RETURNED, session.signed_dynamically),
        (MastercardCvr.CDA_IN_FIRST_GAC, session.signed_first),
        (MastercardCvr.CDA_IN_SECOND_GAC, session.signed_second),
        (MastercardCvr.ISSUER_AUTHENTICATION_DONE, session.issuer_authenticated is not None),
        (MastercardCvr.PIN_CHANGED, memory.pin != memory.image.profile.card.pin),
        (MastercardCvr.LAST_ONLINE_NOT_COMPLETED, state.online_unfinished),
        (MastercardCvr.UNABLE_TO_GO_ONLINE, _unable(memory)),
        (MastercardCvr.PIN_NOT_PERFORMED, session.pin is None),
        (MastercardCvr.PIN_FAILED, session.pin is False),
        (MastercardCvr.PIN_TRY_LIMIT, state.pin_tries == 0),
        (MastercardCvr.DOMESTIC if domestic else MastercardCvr.INTERNATIONAL, True),
        (MastercardCvr.UPPER_CONSECUTIVE | MastercardCvr.UPPER_CUMULATIVE, limits),
        (MastercardCvr.ISSUER_AUTHENTICATION_FAILED, state.issuer_authentication_failed),
        (MastercardCvr.SCRIPT_RECEIVED, state.scripts > 0 or state.script_failed),
        (MastercardCvr.SCRIPT_FAILED, state.script_failed),
    )
    told = results | _types(memory) << 40 | (state.scripts << 4 | state.pin_tries) << 24
    return told.to_bytes(6, "big")


def _ccd(memory: Memory) -> bytes:
    session, state, limits = memory.session, memory.state, limits_reached(memory)
    unheard = session.first == ARQC and session.second is not None and session.issuer_authenticated is None
    results = _set(
        (CcdCvr.CDA_DONE, session.signed_first or session.signed_second),
        (CcdCvr.DDA_DONE, session.signed_dynamically),
        (CcdCvr.ISSUER_AUTHENTICATION_MISSING, unheard),
        (CcdCvr.ISSUER_AUTHENTICATION_FAILED, session.issuer_authenticated is False),
        (CcdCvr.OFFLINE_PIN_DONE, session.pin is not None),
        (CcdCvr.OFFLINE_PIN_FAILED, session.pin is False),
        (CcdCvr.PIN_TRY_LIMIT, state.pin_tries == 0),
        (CcdCvr.LAST_ONLINE_NOT_COMPLETED, state.online_unfinished),
        (CcdCvr.UPPER_CONSECUTIVE | CcdCvr.UPPER_CUMULATIVE, limits),
        (CcdCvr.SCRIPT_FAILED, state.script_failed),
        (CcdCvr.UNABLE_TO_GO_ONLINE, _unable(memory)),
    )
    told = results | _types(memory) << 32 | state.pin_tries << 28 | state.scripts << 12
    return told.to_bytes(5, "big")


def _types(memory: Memory) -> int:
    """The byte that all layouts begin with, as far as it is of the types: second and first cryptogram."""
    session = memory.session
    first = AAC if session.first is None else session.first
    second = NOT_REQUESTED if session.second is None else session.second >> 6
    return second << 6 | first >> 2


def _counters(memory: Memory) -> bytes:
    """M/Chip's counters, 8 bytes: amount without the issuer (n 12), number of such payments, and a filler."""
    state = memory.state
    return bytes.fromhex(f"{min(state.offline_amount, _MOST_AMOUNT):012d}") + bytes((min(state.offline_count, 255), 0))


def _unable(memory: Memory) -> bool:
    return memory.session.second is not None and memory.session.values.get(0x8A) in UNABLE_TO_GO_ONLINE


def _set(*bits: tuple[IntFlag, bool]) -> int:
    """The bits that hold."""
    return sum(bit.value for bit, holds in bits if holds)
