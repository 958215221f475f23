"""Issuer scripts: commands of the issuer that the terminal hands to the card (EMV Book 3 §10.10; Book 4 §6.3.9)."""

from __future__ import annotations

from collections.abc import Iterable

from countertop.emv.apdu import ApduError, Command
from countertop.emv.bits import TSI, TVR
from countertop.emv.kernel.events import Ended, Note, Steps
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import Tlv, TlvError

BEFORE, AFTER = 0x71, 0x72
"""Templates of scripts that are run before and after the second GENERATE AC."""
COMMAND = 0x86
# The result has one digit for the number of the command that failed.
MOST_COUNTED = 15
FAILED, OK = 0x10, 0x20
_WARNINGS = (0x90, 0x62, 0x63)


def run_scripts(t: Transaction, answer: Iterable[Tlv], template: int) -> Steps[None]:
    """Run the scripts in one kind of template; their results are tag 9F5B, five bytes each."""
    for script in answer:
        if script.tag == template:
            yield from _run(t, script, template)


def _run(t: Transaction, script: Tlv, template: int) -> Steps[None]:
    yield Note("step", f"issuer script {template:02X}")
    t.tsi |= TSI.SCRIPTS_PROCESSED
    identifier, result, number = bytes(4), OK, 0
    try:
        inside = script.children
        identifier = next((item.value for item in inside if item.tag == 0x9F18), identifier)[:4].rjust(4, b"\x00")
        for item in inside:
            if item.tag == COMMAND:
                number = min(number + 1, MOST_COUNTED)
                why = yield from _command(t, item.value, number, template)
                if why:
                    result = FAILED
                    yield Note("decision", "script", "failed", why)
                    break
    except TlvError as error:
        result = FAILED
        yield Note("decision", "script", "failed", f"it cannot be read: {error}")
    if result == FAILED:
        t.tvr |= TVR.SCRIPT_FAILED_BEFORE if template == BEFORE else TVR.SCRIPT_FAILED_AFTER
    t.script_results += bytes((result | number if result == FAILED else result,)) + identifier
    t.data[0x9F5B] = t.script_results


def _command(t: Transaction, encoded: bytes, number: int, template: int) -> Steps[str]:
    """Hand one command to the card; returns why it failed, or nothing."""
    try:
        command = Command.parse(encoded)
    except ApduError as error:
        return f"command {number} cannot be read: {error}"
    try:
        response = yield from t.exchange(command, f"script command {number}")
    except Ended as end:
        # After its last word a card may go: that changes nothing about the payment (Book 3 §10.10).
        if template == AFTER:
            return end.why
        raise
    return "" if response.sw >> 8 in _WARNINGS else f"the card answers command {number} with {response.sw:04X}"
