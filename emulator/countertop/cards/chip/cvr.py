"""Card verification results: what the card tells its issuer inside tag 9F10 (card-hardware.md G.4)."""

from __future__ import annotations

from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.memory import Memory
from countertop.cards.chip.risk import UNABLE_TO_GO_ONLINE, limits_reached
from countertop.emv.bits import AAC, ARQC

DERIVATION_KEY_INDEX = 1
NOT_REQUESTED = 0b10
_COUNTERS = {"mastercard_17": 8, "mastercard_21": 8}
# Layouts by the beginning of a cryptogram version's name.
_MASTERCARD, _CCD = "mastercard", "ccd"


def issuer_application_data(memory: Memory, application: ApplicationImage, dynamic_number: bytes) -> bytes:
    """Tag 9F10 for the cryptogram that is being made."""
    name, number = application.profile.cvn, application.profile.number
    if name.startswith(_MASTERCARD):
        counters = _mastercard_counters(memory) if name in _COUNTERS else b""
        return number.make_iad(DERIVATION_KEY_INDEX, _mastercard(memory), dynamic_number[:2], counters)
    cvr = _ccd(memory) if name.startswith(_CCD) else _visa(memory)
    return number.make_iad(DERIVATION_KEY_INDEX, cvr)


def _types(memory: Memory) -> int:
    """The high nibble that all layouts begin with: second and first cryptogram."""
    session = memory.session
    first = AAC if session.first is None else session.first
    second = NOT_REQUESTED if session.second is None else session.second >> 6
    return second << 6 | first >> 2


def _visa(memory: Memory) -> bytes:
    session, state = memory.session, memory.state
    this = _sum(
        _types(memory),
        (0x08, session.issuer_authenticated is False),
        (0x04, session.pin is not None),
        (0x02, session.pin is False),
        (0x01, _unable(memory)),
    )
    last = _sum(
        0,
        (0x80, state.online_unfinished),
        (0x40, state.pin_tries == 0),
        (0x20, limits_reached(memory)),
        (0x10, state.last_online_atc == 0),
        (0x08, state.issuer_authentication_failed),
        (0x04, state.issuer_authentication_missing),
    )
    scripts = _sum(state.scripts << 4, (0x08, state.script_failed), (0x02, _signed(memory)))
    return bytes((0x03, this, last, scripts))


def _mastercard(memory: Memory) -> bytes:
    session, state = memory.session, memory.state
    this = _sum(
        _types(memory),
        (0x04, session.pin is not None),
        (0x02, session.pin is not None and session.pin_enciphered),
        (0x01, bool(session.pin)),
    )
    signed = _sum(
        0,
        (0x80, session.signed_dynamically),
        (0x40, session.signed_first),
        (0x20, session.signed_second),
        (0x10, session.issuer_authenticated is not None),
    )
    domestic = session.values.get(0x9F1A) == memory.initiated().profile.country
    online = _sum(
        0,
        (0x80, state.online_unfinished),
        (0x40, _unable(memory)),
        (0x20, session.pin is None),
        (0x10, session.pin is False),
        (0x08, state.pin_tries == 0),
        (0x02 if domestic else 0x04, True),
    )
    limits = _sum(
        0,
        (0x50, limits_reached(memory)),
        (0x04, state.issuer_authentication_failed),
        (0x02, state.scripts > 0),
        (0x01, state.script_failed),
    )
    return bytes((this, signed, state.scripts << 4 | state.pin_tries, online, limits, 0))


def _ccd(memory: Memory) -> bytes:
    session, state = memory.session, memory.state
    this = _sum(
        _types(memory),
        (0x08, session.signed_first or session.signed_second),
        (0x04, session.signed_dynamically),
        (0x02, session.first == ARQC and session.second is not None and session.issuer_authenticated is None),
        (0x01, session.issuer_authenticated is False),
    )
    pin = _sum(
        state.pin_tries << 4,
        (0x08, session.pin is not None),
        (0x04, session.pin is False),
        (0x02, state.pin_tries == 0),
        (0x01, state.online_unfinished),
    )
    scripts = _sum(state.scripts << 4, (0x08, state.script_failed), (0x01, _unable(memory)))
    return bytes((this, pin, _sum(0, (0x50, limits_reached(memory))), scripts, 0))


def _mastercard_counters(memory: Memory) -> bytes:
    """Cumulative amount (n 12), number of offline payments, and a filler."""
    state = memory.state
    return bytes.fromhex(f"{min(state.offline_amount, 999_999_999_999):012d}") + bytes(
        (min(state.offline_count, 255), 0)
    )


def _unable(memory: Memory) -> bool:
    return memory.session.second is not None and memory.session.values.get(0x8A) in UNABLE_TO_GO_ONLINE


def _signed(memory: Memory) -> bool:
    session = memory.session
    return session.signed_dynamically or session.signed_first or session.signed_second


def _sum(start: int, *bits: tuple[int, bool]) -> int:
    for bit, holds in bits:
        start |= bit if holds else 0
    return start
