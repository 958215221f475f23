"""Card risk management: what the card makes of what the terminal asks for (EMV Book 3 §10.8; card-hardware.md E.1)."""

from __future__ import annotations

from countertop.cards.chip.memory import Memory
from countertop.cards.chip.reading import offline_amount, offline_limit
from countertop.emv.bits import AAC, ARQC, TC

UNABLE_TO_GO_ONLINE = (b"Y3", b"Z3")
OFFLINE_CODES = (b"Y1", b"Z1", *UNABLE_TO_GO_ONLINE)
"""Authorization response codes (tag 8A) that the terminal made up itself."""


def first_answer(memory: Memory, asked: int) -> int:
    """The type of the first cryptogram; never more than what was asked for."""
    if asked == AAC or memory.blocked(memory.initiated()):
        return AAC
    return ARQC if asked == ARQC or wants_issuer(memory) else TC


def second_answer(memory: Memory, asked: int) -> int:
    """The type of the second cryptogram: the card's last word."""
    session = memory.session
    if (
        asked != TC
        or memory.blocked(memory.initiated())
        or session.issuer_authenticated is False
        or not session.issuer_approved
    ):
        return AAC
    if session.values.get(0x8A) in UNABLE_TO_GO_ONLINE:
        return AAC if limits_reached(memory) or memory.state.pin_tries == 0 else TC
    return TC


def wants_issuer(memory: Memory) -> bool:
    """Whether the card insists on an online authorization: something stayed open last time, or it was away too long."""
    state = memory.state
    unsettled = state.online_unfinished or state.issuer_authentication_failed or state.issuer_authentication_missing
    return unsettled or state.script_failed or state.pin_tries == 0 or limits_reached(memory)


def limits_reached(memory: Memory) -> bool:
    """Whether this payment, approved by the card alone, would be one too many or too much."""
    application, state = memory.initiated(), memory.state
    return state.offline_count >= offline_limit(memory, application) or (
        state.offline_amount + amount(memory) > offline_amount(memory, application)
    )


def amount(memory: Memory) -> int:
    """The amount of the payment in minor units, 0 when the terminal's is none."""
    text = memory.session.values.get(0x9F02, b"").hex()
    return int(text) if text.isdigit() else 0
