"""Terminal action analysis: decline, go online, or approve here (EMV Book 3 §10.7; card-hardware.md E.7)."""

from __future__ import annotations

from countertop.emv.bits import AAC, ARQC, CRYPTOGRAMS, TC, TVR
from countertop.emv.kernel.events import Note, Steps
from countertop.emv.kernel.transaction import Transaction

ABSENT_DENIAL = bytes(5)
ABSENT_ONLINE = ABSENT_DEFAULT = b"\xff" * 5


def analyse(t: Transaction) -> Steps[int]:
    """The cryptogram to ask the card for: AAC, ARQC or TC."""
    yield Note("step", "terminal action analysis")
    denied = _matches(t, t.application.tac_denial, 0x9F0E, ABSENT_DENIAL)
    if denied:
        wanted, why = AAC, f"denied for: {_names(denied)}"
    elif t.terminal.offline_only:
        wanted, why = default_action(t)
    else:
        online = _matches(t, t.application.tac_online, 0x9F0F, ABSENT_ONLINE)
        if online:
            wanted, why = ARQC, f"online for: {_names(online)}"
        elif t.terminal.online_only:
            wanted, why = ARQC, "the terminal works online only"
        else:
            wanted, why = TC, "nothing asks for the issuer"
    yield Note("decision", "terminal action", CRYPTOGRAMS[wanted], why)
    return wanted


def default_action(t: Transaction) -> tuple[int, str]:
    """What to ask for when the issuer cannot be asked, and why."""
    default = _matches(t, t.application.tac_default, 0x9F0D, ABSENT_DEFAULT)
    return (AAC, f"not without the issuer: {_names(default)}") if default else (TC, "nothing stands against it")


def _matches(t: Transaction, terminal_codes: bytes, tag: int, absent: bytes) -> TVR:
    issuer_codes = t.data.get(tag, absent)
    codes = int.from_bytes(terminal_codes, "big") | int.from_bytes(issuer_codes, "big")
    return TVR(t.tvr & codes)


def _names(bits: TVR) -> str:
    return ", ".join(bits.names)
