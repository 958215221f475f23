"""Issuer scripts: commands of the issuer that the terminal hands to the card (EMV Book 3 §10.10; Book 4 §6.3.9)."""

from __future__ import annotations

from collections.abc import Iterable

from countertop.emv.apdu import ApduError, Command
from countertop.emv.bits import TSI, TVR
from countertop.emv.kernel.events import Note, Steps
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import Tlv, TlvError

BEFORE, AFTER = 0x71, 0x72
"""Templates of scripts that are run before and after the second GENERATE AC."""
MOST_COMMANDS = 15
NOT_RUN, FAILED, OK = 0x00, 0x10, 0x20
_WARNINGS = (0x90, 0x62, 0x63)


def run_scripts(t: Transaction, answer: Iterable[Tlv], template: int) -> Steps[None]:
    """Run the scripts in one kind of template; their results are tag 9F5B, five bytes each."""
    for script in answer:
        if script.tag == template:
            yield from _run(t, script, template)


def _run(t: Transaction, script: Tlv, template: int) -> Steps[None]:
    yield Note("step", f"issuer script {template:02X}")
    t.tsi |= TSI.SCRIPTS_PROCESSED
    identifier, result, number = bytes(4), NOT_RUN, 0
    try:
        inside = script.children
        identifier = next((item.value for item in inside if item.tag == 0x9F18), identifier)[:4].rjust(4, b"\x00")
        commands = [Command.parse(item.value) for item in inside if item.tag == 0x86][:MOST_COMMANDS]
        result = OK
    except (TlvError, ApduError) as error:
        commands = []
        result = FAILED
        yield Note("decision", "script", "failed", f"it cannot be read: {error}")
    for number, command in enumerate(commands, 1):
        response = yield from t.exchange(command, f"script command {number}")
        if response.sw >> 8 not in _WARNINGS:
            result = FAILED
            yield Note("decision", "script", "failed", f"the card answers command {number} with {response.sw:04X}")
            break
    if result == FAILED:
        t.tvr |= TVR.SCRIPT_FAILED_BEFORE if template == BEFORE else TVR.SCRIPT_FAILED_AFTER
    t.script_results += bytes((result | number if result == FAILED else result,)) + identifier
    t.data[0x9F5B] = t.script_results
