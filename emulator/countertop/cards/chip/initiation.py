"""GET PROCESSING OPTIONS and INTERNAL AUTHENTICATE: a transaction begins, and the card shows that it is genuine."""

from __future__ import annotations

from collections.abc import Callable

from countertop.cards.chip.memory import Memory, Refused
from countertop.cards.chip.state import LAST_ATC
from countertop.emv import tlv
from countertop.emv.apdu import OK, Command, Response
from countertop.emv.data_authentication import sign_dynamic
from countertop.emv.dol import Dol, split
from countertop.emv.tlv import TlvError

CONDITIONS, WRONG_LENGTH, WRONG_DATA, NO_INS, WRONG_PARAMETERS = 0x6985, 0x6700, 0x6A80, 0x6D00, 0x6A86
DYNAMIC_NUMBER_BYTES = 8


def get_processing_options(memory: Memory, command: Command) -> Response:
    """Begin a transaction: count it, and say what is to be read.  Once for each SELECT."""
    application = memory.selected()
    begin(memory, command)
    aip = application.profile.aip.encoded
    if application.pdol:
        return Response(tlv.make(0x77, tlv.join([(0x82, aip), (0x94, application.afl)])), OK)
    return Response(tlv.make(0x80, aip + application.afl), OK)


def begin(memory: Memory, command: Command, demand: Callable[[], None] | None = None) -> None:
    """Take in what the terminal says, and count the transaction.

    ``demand`` raises Refused for one that the card does not want; it is not counted.
    """
    application, session = memory.selected(), memory.session
    if command.p1 or command.p2:
        raise Refused(WRONG_PARAMETERS)
    if session.initiated:
        raise Refused(CONDITIONS)
    data = _pdol_data(command.data)
    session.values |= split_exactly(application.pdol, data)
    if demand is not None:
        demand()
    _count(memory)
    session.initiated, session.pdol_data = True, data


def internal_authenticate(memory: Memory, command: Command) -> Response:
    """Sign what the terminal drew (DDA)."""
    application, session = memory.initiated(), memory.session
    if command.p1 or command.p2:
        raise Refused(WRONG_PARAMETERS)
    if application.keys.icc is None:
        raise Refused(NO_INS)
    split_exactly(application.ddol, command.data)
    signed = sign_dynamic(application.keys.icc, memory.random(DYNAMIC_NUMBER_BYTES), command.data)
    session.signed_dynamically = True
    return Response(tlv.make(0x80, signed), OK)


def split_exactly(dol: Dol, data: bytes) -> dict[int, bytes]:
    """The objects in data that a list asked for.  Raises Refused when the lengths differ."""
    try:
        return split(dol, data)
    except TlvError:
        raise Refused(WRONG_LENGTH) from None


def _pdol_data(data: bytes) -> bytes:
    try:
        items = tlv.parse(data)
    except TlvError:
        raise Refused(WRONG_DATA) from None
    if len(items) != 1 or items[0].tag != 0x83:
        raise Refused(WRONG_DATA)
    return items[0].value


def _count(memory: Memory) -> None:
    state = memory.state
    if "replayed_atc" in memory.faults:
        memory.remember(atc=max(state.atc, 1))
        return
    if state.atc >= LAST_ATC:
        blocked = {application.profile.aid.hex().upper() for application in memory.image.applications}
        memory.remember(blocked=tuple(sorted(blocked | set(state.blocked))))
        raise Refused(CONDITIONS)
    memory.remember(atc=state.atc + 1, taps=state.taps + 1 if memory.image.over_the_air else state.taps)
