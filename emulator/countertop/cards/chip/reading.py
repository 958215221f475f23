"""SELECT, READ RECORD and GET DATA: what a card tells without a transaction."""

from __future__ import annotations

from countertop.cards.chip.air_files import PPSE
from countertop.cards.chip.files import DIRECTORY_FILE, ISSUER_FILE, LOG_FILE, LOG_FORMAT, PSE, directory_fci
from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.memory import Memory, Refused, Session
from countertop.emv.apdu import OK, Command, Response
from countertop.emv.tlv import make

BY_NAME, FIRST, NEXT = 0x04, 0x00, 0x02
APPLICATION_BLOCKED, CARD_BLOCKED = 0x6283, 0x6A81
NOT_FOUND, NO_RECORD, NO_DATA, WRONG_PARAMETERS = 0x6A82, 0x6A83, 0x6A88, 0x6A86
OFFLINE_AMOUNT, OFFLINE_LIMIT = 0x9F54, 0x9F59
"""Tags of the limits that the card itself keeps."""
ISSUER_RECORD = f"{ISSUER_FILE}.1"
EMPTY_RECORD = bytes(32)


def select(memory: Memory, command: Command) -> Response:
    """SELECT by name: the directory, or an application by the beginning of its AID; then the next one like it."""
    if memory.card_blocked:
        raise Refused(CARD_BLOCKED)
    if command.p1 != BY_NAME or command.p2 not in (FIRST, NEXT):
        raise Refused(WRONG_PARAMETERS)
    if command.data == PSE and memory.image.directory and "no_pse" not in memory.faults:
        memory.session = Session(directory=True)
        return Response(directory_fci(memory.image.profile), OK)
    if command.data == PPSE and memory.image.over_the_air and "no_pse" not in memory.faults:
        memory.session = Session()
        return Response(memory.image.ppse, OK)
    application = _find(memory, command.data, following=command.p2 == NEXT)
    memory.session = Session(application)
    return Response(application.fci, APPLICATION_BLOCKED if memory.blocked(application) else OK)


def read_record(memory: Memory, command: Command) -> Response:
    """READ RECORD by number."""
    sfi, number = command.p2 >> 3, command.p1
    if command.p2 & 7 != 4 or sfi in (0, 31):
        raise Refused(WRONG_PARAMETERS)
    return Response(_record(memory, sfi, number), OK)


def get_data(memory: Memory, command: Command) -> Response:
    """GET DATA: counters and limits."""
    application, state = memory.selected(), memory.state
    tag = command.p1 << 8 | command.p2
    match tag:
        case 0x9F36:
            value = memory.atc
        case 0x9F13:
            value = state.last_online_atc.to_bytes(2, "big")
        case 0x9F17:
            value = bytes((state.pin_tries,))
        case 0x9F4F:
            value = LOG_FORMAT
        case 0x9F59:
            value = bytes((offline_limit(memory, application),))
        case 0x9F54:
            value = bytes.fromhex(f"{offline_amount(memory, application):012d}")
        case _:
            raise Refused(NO_DATA)
    return Response(make(tag, value), OK)


def offline_limit(memory: Memory, application: ApplicationImage) -> int:
    """How many payments the card approves by itself; a script may have set it."""
    written = memory.state.wrote(f"{OFFLINE_LIMIT:04X}")
    return application.profile.offline_limit if written is None else written[0]


def offline_amount(memory: Memory, application: ApplicationImage) -> int:
    """How many minor units the card approves by itself; a script may have set it."""
    written = memory.state.wrote(f"{OFFLINE_AMOUNT:04X}")
    return application.profile.offline_amount if written is None else int(written.hex())


def _find(memory: Memory, name: bytes, *, following: bool) -> ApplicationImage:
    applications = memory.image.applications
    start = 0
    if following:
        current = memory.session.application
        if current is None:
            raise Refused(NOT_FOUND)
        start = applications.index(current) + 1
    for application in applications[start:]:
        if len(name) >= 5 and application.profile.aid.startswith(name):
            return application
    raise Refused(NOT_FOUND)


def _record(memory: Memory, sfi: int, number: int) -> bytes:
    if memory.session.directory:
        files = {DIRECTORY_FILE: memory.image.directory}
    else:
        records = memory.selected().records
        if (sfi, number) in memory.session.records:
            return memory.session.records[sfi, number]
        if (sfi, number) in records:
            return records[sfi, number]
        files = {file: () for file, _ in records}
        files[LOG_FILE] = tuple(map(bytes.fromhex, memory.state.log))
        files[ISSUER_FILE] = (memory.state.wrote(ISSUER_RECORD) or EMPTY_RECORD,)
    if sfi not in files:
        raise Refused(NOT_FOUND)
    if not 1 <= number <= len(files[sfi]):
        raise Refused(NO_RECORD)
    return files[sfi][number - 1]
