"""Beginning the transaction and reading the records: GPO, AFL, READ RECORD (EMV Book 3 §10.1, §10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from countertop.emv import tlv
from countertop.emv.apdu import Command, Response
from countertop.emv.dol import build, parse_dol
from countertop.emv.kernel.events import Ended, Note, Result, Steps
from countertop.emv.kernel.selection import read_record
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tags import TAGS, name_of
from countertop.emv.tlv import TlvError

NOT_FOR_THIS = 0x6985
MANDATORY = (0x5A, 0x5F24, 0x8C, 0x8D)
# A damaged length in one of these would mislead the terminal; others are only passed on.
CHECKED = frozenset((0x5A, 0x57, 0x5F24, 0x5F25, 0x5F28, 0x5F34, 0x8E, 0x9F07, 0x9F08, 0x9F0D, 0x9F0E, 0x9F0F, 0x9F42))
LAST_PLAIN_SFI, LAST_SFI = 10, 30
Refusals = Mapping[int, tuple[Result, str, str]]
"""What status words mean: result, reason, and why."""
NO_REFUSALS: Refusals = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of the application file locator: records ``first`` to ``last``; the first ``signed`` are for ODA."""

    sfi: int
    first: int
    last: int
    signed: int


def parse_afl(encoded: bytes) -> tuple[FileEntry, ...]:
    """Raises TlvError for a locator that is cut off, or points to no records."""
    if not encoded or len(encoded) % 4:
        raise TlvError(f"a file locator cannot have {len(encoded)} bytes")
    entries = []
    for at in range(0, len(encoded), 4):
        sfi, first, last, signed = encoded[at] >> 3, *encoded[at + 1 : at + 4]
        if encoded[at] & 7 or not 1 <= sfi <= LAST_SFI or first == 0 or last < first or signed > last - first + 1:
            raise TlvError(f"the file locator has an impossible entry {encoded[at : at + 4].hex().upper()}")
        entries.append(FileEntry(sfi, first, last, signed))
    return tuple(entries)


def initiate(t: Transaction) -> Steps[bool]:
    """GET PROCESSING OPTIONS.  False when the application refuses this transaction and another may be chosen."""
    response = yield from ask_options(t)
    if response is None:
        return False
    objects = options(response)
    t.data[0x82], t.afl = objects[0x82], objects.get(0x94, b"")
    return True


def ask_options(t: Transaction, refusals: Refusals = NO_REFUSALS) -> Steps[Response | None]:
    """Send GET PROCESSING OPTIONS; None when the application refuses this transaction and another may be chosen.

    ``refusals``: what other status words mean.
    """
    yield Note("step", "application initiation")
    try:
        t.pdol_data = build(parse_dol(t.data.get(0x9F38, b"")), t.values())
    except TlvError as error:
        raise Ended("terminated", "card_error", f"The PDOL of the card is damaged: {error}.") from None
    command = Command(0x80, 0xA8, 0, 0, tlv.make(0x83, t.pdol_data), le=256)
    response = yield from t.exchange(command, "GET PROCESSING OPTIONS")
    if response.sw == NOT_FOR_THIS:
        yield Note("decision", "application", "refused", "the card does not want it for this transaction (6985)")
        return None
    if response.sw in refusals:
        raise Ended(*refusals[response.sw])
    if not response.ok:
        raise Ended("terminated", "card_error", f"GET PROCESSING OPTIONS was answered with {response.sw:04X}.")
    return response


def read_records(
    t: Transaction, mandatory: tuple[int, ...] = MANDATORY, of_card: frozenset[int] = frozenset()
) -> Steps[None]:
    """Read all records; every primitive object may come once.

    ``of_card``: tags that belong to the terminal elsewhere, and to the card in this kernel.
    """
    yield Note("step", "reading application data")
    try:
        entries = parse_afl(t.afl)
    except TlvError as error:
        raise Ended("terminated", "card_error", f"{error}.") from None
    for entry in entries:
        for number in range(entry.first, entry.last + 1):
            response = yield from t.exchange(read_record(entry.sfi, number), f"READ RECORD {entry.sfi}.{number}")
            if not response.ok:
                raise Ended("terminated", "card_error", f"Record {entry.sfi}.{number}: {response.sw:04X}.")
            content = _take_in(t, entry.sfi, response.data, of_card)
            if number - entry.first < entry.signed:
                _sign_over(t, entry.sfi, response.data, content)
    for tag in mandatory:
        if tag not in t.data:
            raise Ended("terminated", "card_error", f"The card has no {name_of(tag)} ({tlv.name(tag)}).")
    check_identity(t)


def check_identity(t: Transaction) -> None:
    """Raises Ended for a PAN, or dates, that are none."""
    if not t.pan.isdigit():
        _bad(0x5A)
    for tag in (0x5F24, 0x5F25):
        if tag in t.data and not _is_date(t.data[tag]):
            _bad(tag)


def options(response: Response) -> dict[int, bytes]:
    """The objects in an answer to GET PROCESSING OPTIONS, AIP (82) and AFL (94) among them.  Raises Ended."""
    try:
        items = tlv.parse(response.data)
        if len(items) == 1 and items[0].tag == 0x80:
            objects = {0x82: items[0].value[:2], 0x94: items[0].value[2:]}
        elif len(items) == 1 and items[0].tag == 0x77:
            objects = {item.tag: item.value for item in items[0].children}
        else:
            raise TlvError("it is in neither format")
        if len(objects.get(0x82, b"")) != 2:
            raise TlvError("it has no interchange profile")
    except TlvError as error:
        raise Ended("terminated", "card_error", f"The processing options of the card are damaged: {error}.") from None
    return objects


def _take_in(t: Transaction, sfi: int, record: bytes, of_card: frozenset[int]) -> bytes | None:
    """Keep the objects of a record.  Returns what is in its template, None when it is in none."""
    try:
        items = tlv.parse(record)
        if len(items) == 1 and items[0].tag == 0x70:
            content, objects = items[0].value, tuple(tlv.flatten(items[0].children))
        elif sfi > LAST_PLAIN_SFI:
            return None  # free form: for the issuer's own use
        else:
            raise TlvError("it is not in template 70")
    except TlvError as error:
        raise Ended("terminated", "card_error", f"A record of file {sfi} is damaged: {error}.") from None
    for item in objects:
        known = TAGS.get(item.tag)
        if known is not None and "C" not in known.source and item.tag not in of_card:
            continue  # what the terminal itself has to say is not the card's business
        if item.tag in t.data and item.tag not in (0x50, 0x87, 0x9F11, 0x9F12, 0x5F2D, 0x9F38, 0x82, 0x84):
            raise Ended("terminated", "card_error", f"The card has two objects {name_of(item.tag)}.")
        check(item.tag, item.value)
        t.data.setdefault(item.tag, item.value)
    return content


def check(tag: int, value: bytes) -> None:
    """Raises Ended for an object whose length would mislead the terminal."""
    known = TAGS.get(tag)
    if known is not None and tag in CHECKED and not known.takes(value):
        _bad(tag)


def _sign_over(t: Transaction, sfi: int, record: bytes, content: bytes | None) -> None:
    if t.oda_data is None:
        return
    if content is None:
        # A record that is to be authenticated must be in template 70 all the same (Book 3 §10.3).
        t.oda_data = None
        return
    t.oda_data += content if sfi <= LAST_PLAIN_SFI else record


def _is_date(value: bytes) -> bool:
    text = value.hex()
    return text.isdigit() and 1 <= int(text[2:4]) <= 12 and 1 <= int(text[4:6]) <= 31


def _bad(tag: int) -> NoReturn:
    raise Ended("terminated", "card_error", f"The card's {name_of(tag)} ({tlv.name(tag)}) is malformed.")
