"""Issuer scripts: commands under the issuer's MAC that change what the card is (EMV Book 3 §6.5; card-hardware.md G.5).

They need a cryptogram of the present transaction, since their keys come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from countertop.cards.chip.answers import block
from countertop.cards.chip.files import ISSUER_FILE, MOST_DATA
from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.memory import Memory, Refused
from countertop.cards.chip.pins import LONGEST_PIN, SHORTEST_PIN
from countertop.cards.chip.reading import ISSUER_RECORD, NO_DATA, NO_RECORD, OFFLINE_AMOUNT, OFFLINE_LIMIT
from countertop.cards.chip.state import MOST_SCRIPTS
from countertop.emv.apdu import OK, Command, Response

CLASSES = (0x04, 0x0C, 0x84, 0x8C)
"""Classes of commands with secure messaging."""
BLOCK, UNBLOCK, BLOCK_CARD, CHANGE_PIN, PUT_DATA, UPDATE_RECORD = 0x1E, 0x18, 0x16, 0x24, 0xDA, 0xDC
WRONG_MAC, MISSING_MAC, CONDITIONS, WRONG_DATA, WRONG_PARAMETERS = 0x6988, 0x6987, 0x6985, 0x6A80, 0x6A86
MAC_BYTES = 4
WITHOUT_OLD, WITH_OLD = 0x02, 0x01


def run(memory: Memory, command: Command) -> Response:
    """One script command.  A wrong one counts as a failed script, and shows in the next cryptogram's CVR."""
    application = memory.initiated()
    if memory.session.first is None:
        raise Refused(CONDITIONS)
    try:
        clear = _opened(memory, application, command)
        COMMANDS[command.ins](memory, application, command, clear)
    except Refused:
        memory.session.script_failed = True
        memory.remember(script_failed=True)
        raise
    memory.session.scripts_done += 1
    memory.remember(scripts=min(memory.state.scripts + 1, MOST_SCRIPTS))
    return Response(b"", OK)


def _opened(memory: Memory, application: ApplicationImage, command: Command) -> bytes:
    if len(command.data) < MAC_BYTES:
        raise Refused(MISSING_MAC)
    session, cryptograms, keys = memory.session, application.profile.cryptograms, application.keys
    enciphered = command.ins == CHANGE_PIN and command.p2 in (WITH_OLD, WITHOUT_OLD)
    script_keys = cryptograms.script_keys(keys.smi, keys.smc, memory.atc, session.arqc)
    sealed = Command(command.cla, command.ins, command.p1, command.p2, command.data).encoded
    clear = cryptograms.open(sealed, script_keys, memory.atc, session.arqc, enciphered, session.script_number)
    session.script_number += 1
    if clear is None:
        raise Refused(WRONG_MAC)
    return clear


def _block(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    _demand_bare(command, clear)
    block(memory, application)


def _unblock(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    _demand_bare(command, clear)
    aid = application.profile.aid.hex().upper()
    memory.remember(blocked=tuple(name for name in memory.state.blocked if name != aid))


def _block_card(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    _demand_bare(command, clear)
    memory.remember(card_blocked=True)


def _change_pin(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    """Unblock the PIN, and set a new one if one comes."""
    if command.p1 or command.p2 > WITHOUT_OLD:
        raise Refused(WRONG_PARAMETERS)
    if command.p2:
        old = memory.pin if command.p2 == WITH_OLD else ""
        pin = application.profile.cryptograms.pin_of_change(application.keys.ac, clear, old)
        if pin is None or not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
            raise Refused(WRONG_DATA)
        memory.pin = pin
    elif clear:
        raise Refused(WRONG_DATA)
    memory.remember(pin_tries=memory.image.profile.pin_tries)


def _put_data(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    """Set a limit that the card itself keeps."""
    tag = command.p1 << 8 | command.p2
    if tag == OFFLINE_LIMIT:
        right = len(clear) == 1
    elif tag == OFFLINE_AMOUNT:
        right = len(clear) == 6 and clear.hex().isdigit()
    else:
        raise Refused(NO_DATA)
    if not right:
        raise Refused(WRONG_DATA)
    memory.remember(written=memory.state.writing(f"{tag:04X}", clear))


def _update_record(memory: Memory, application: ApplicationImage, command: Command, clear: bytes) -> None:
    """Write the record that is the issuer's own."""
    if command.p2 != ISSUER_FILE << 3 | 4:
        raise Refused(WRONG_PARAMETERS)
    if command.p1 != 1:
        raise Refused(NO_RECORD)
    if not 1 <= len(clear) <= MOST_DATA:
        raise Refused(WRONG_DATA)
    memory.remember(written=memory.state.writing(ISSUER_RECORD, clear))


def _demand_bare(command: Command, clear: bytes) -> None:
    if command.p1 or command.p2:
        raise Refused(WRONG_PARAMETERS)
    if clear:
        raise Refused(WRONG_DATA)


Script = Callable[[Memory, ApplicationImage, Command, bytes], None]
COMMANDS: Mapping[int, Script] = MappingProxyType(
    {
        BLOCK: _block,
        UNBLOCK: _unblock,
        BLOCK_CARD: _block_card,
        CHANGE_PIN: _change_pin,
        PUT_DATA: _put_data,
        UPDATE_RECORD: _update_record,
    }
)
"""What each script command does."""
