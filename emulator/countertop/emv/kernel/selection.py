"""Finding the application: the PSE or the terminal's list of AIDs, then the choice (EMV Book 1 §12)."""

from __future__ import annotations

from countertop.emv import tlv
from countertop.emv.apdu import Command, Response
from countertop.emv.kernel.events import Candidate, ChooseApplication, Ended, Note, Steps
from countertop.emv.kernel.terminal import TerminalApplication
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import Tlv, TlvError

PSE = b"1PAY.SYS.DDF01"
CARD_BLOCKED, BLOCKED, NOT_FOUND, NO_RECORD = 0x6A81, 0x6283, 0x6A82, 0x6A83
MOST_RECORDS = 30
MOST_OF_ONE_AID = 8
LOWEST_PRIORITY = 16


def build_list(t: Transaction) -> Steps[None]:
    """Fill the candidate list.  Raises Ended when the card is blocked or nothing matches."""
    yield Note("step", "application selection")
    found = yield from _by_directory(t)
    if not found:
        found = yield from _by_list(t)
    if not found:
        raise Ended("terminated", "no_application", "The card has no application that this terminal supports.")
    t.candidates = sorted(found, key=lambda candidate: candidate.priority)


def choose(t: Transaction) -> Steps[None]:
    """Choose one of the candidates and select it for good; one that refuses is dropped for the next."""
    while t.candidates:
        candidate = yield from _pick(t)
        response = yield from t.exchange(select(candidate.aid), "SELECT application")
        if response.ok and take_in_fci(t, candidate, response):
            yield Note("decision", "application", candidate.aid.hex().upper(), f"{candidate.label} was selected")
            return
        yield Note("decision", "application", "dropped", f"{candidate.label} answers SELECT with {response.sw:04X}")
        t.candidates.remove(candidate)
    raise Ended("terminated", "no_application", "No application of the card can be used.")


def _pick(t: Transaction) -> Steps[Candidate]:
    if len(t.candidates) == 1 and not t.candidates[0].confirm:
        return t.candidates[0]
    choice = yield ChooseApplication(tuple(t.candidates))
    if choice is None:
        raise Ended("terminated", "cancelled", "The cardholder chose no application.")
    return t.candidates[choice]


def take_in_fci(t: Transaction, candidate: Candidate, response: Response) -> bool:
    """Take in the FCI; False for one that is none, or another application's."""
    try:
        fci = tlv.parse(response.data)
        if len(fci) != 1 or fci[0].tag != 0x6F:
            return False
        proprietary = next((item for item in fci[0].children if item.tag == 0xA5), None)
        if fci[0].find(0x84) != candidate.aid or proprietary is None:
            return False
        objects = {item.tag: item.value for item in proprietary.children}
    except TlvError:
        return False
    t.begin()
    t.application = next(known for known in t.terminal.applications if known.aid == candidate.terminal_aid)
    t.data |= {0x84: candidate.aid, 0x9F06: candidate.aid, 0x9F09: t.application.version}
    t.data |= {tag: value for tag, value in objects.items() if tag in (0x50, 0x87, 0x9F38, 0x5F2D, 0x9F11, 0x9F12)}
    return True


# --- the payment system environment --------------------------------------------------------------------------


def _by_directory(t: Transaction) -> Steps[list[Candidate]]:
    response = yield from t.exchange(select(PSE), "SELECT 1PAY.SYS.DDF01")
    if response.sw == CARD_BLOCKED:
        raise Ended("terminated", "card_blocked", "The card is blocked.")
    sfi = _directory_file(response)
    if sfi is None:
        yield Note("decision", "directory", "not used", f"the card answers SELECT PSE with {response.sw:04X}")
        return []
    found: list[Candidate] = []
    for number in range(1, MOST_RECORDS + 1):
        record = yield from t.exchange(read_record(sfi, number), f"READ RECORD {sfi}.{number}")
        if record.sw == NO_RECORD:
            break
        entries = _entries(record)
        if entries is None:
            yield Note("decision", "directory", "not used", f"record {number} cannot be read ({record.sw:04X})")
            return []
        found += (candidate for entry in entries if (candidate := _candidate(t, entry)) is not None)
    return found


def _directory_file(response: Response) -> int | None:
    if not response.ok:
        return None
    try:
        value = tlv.find(response.data, 0x88)
    except TlvError:
        return None
    return value[0] if value is not None and len(value) == 1 and 1 <= value[0] <= 10 else None


def _entries(record: Response) -> list[Tlv] | None:
    if not record.ok:
        return None
    try:
        items = tlv.parse(record.data)
        if len(items) != 1 or items[0].tag != 0x70:
            return None
        return [item for item in items[0].children if item.tag == 0x61]
    except TlvError:
        return None


def _candidate(t: Transaction, entry: Tlv) -> Candidate | None:
    try:
        objects = {item.tag: item.value for item in entry.children}
    except TlvError:
        return None
    aid = objects.get(0x4F, b"")
    known = matching(t, aid)
    return None if known is None else candidate_of(aid, known, objects)


# --- the terminal's list -------------------------------------------------------------------------------------


def _by_list(t: Transaction) -> Steps[list[Candidate]]:
    found: list[Candidate] = []
    for number, known in enumerate(t.terminal.applications):
        for occurrence in range(MOST_OF_ONE_AID):
            command = select(known.aid, following=occurrence > 0)
            response = yield from t.exchange(command, f"SELECT {known.aid.hex().upper()}")
            if response.sw == CARD_BLOCKED and number == 0:
                raise Ended("terminated", "card_blocked", "The card is blocked.")
            if response.sw not in (0x9000, BLOCKED):
                break
            candidate, exact = _selected(t, known, response)
            if candidate is not None and response.ok and candidate.aid not in (other.aid for other in found):
                found.append(candidate)
            if exact or not known.partial:
                break
    return found


def _selected(t: Transaction, known: TerminalApplication, response: Response) -> tuple[Candidate | None, bool]:
    """The application that answered, and whether its name is exactly the AID asked for."""
    try:
        aid = tlv.find(response.data, 0x84) or b""
        items = tlv.parse(response.data)
        objects = {item.tag: item.value for item in tlv.flatten(items)}
    except TlvError:
        return None, True
    if not aid.startswith(known.aid) or (aid != known.aid and not known.partial):
        return None, True
    return candidate_of(aid, known, objects), aid == known.aid


def matching(t: Transaction, aid: bytes) -> TerminalApplication | None:
    """The terminal's application for a name on the card; the longest that fits."""
    fits = [known for known in t.terminal.applications if aid == known.aid or (known.partial and _begins(aid, known))]
    return max(fits, key=lambda known: len(known.aid), default=None)


def _begins(aid: bytes, known: TerminalApplication) -> bool:
    return 5 <= len(aid) <= 16 and aid.startswith(known.aid)


def candidate_of(aid: bytes, known: TerminalApplication, objects: dict[int, bytes]) -> Candidate:
    """What a directory entry, or an FCI, says of an application."""
    indicator = objects.get(0x87, b"\x00")[:1] or b"\x00"
    # Only what can be shown: the preferred name needs a code table that the terminal has (Latin 1 here).
    preferred = objects.get(0x9F12) if objects.get(0x9F11) == b"\x01" else None
    label = (preferred or objects.get(0x50) or aid.hex().upper().encode()).decode("latin-1")
    return Candidate(aid, known.aid, label, indicator[0] & 0x0F or LOWEST_PRIORITY, bool(indicator[0] & 0x80))


def read_record(sfi: int, number: int) -> Command:
    """READ RECORD of a file."""
    return Command(0x00, 0xB2, number, sfi << 3 | 4, le=256)


def select(name: bytes, *, following: bool = False) -> Command:
    """SELECT by name, or the next application whose name begins so."""
    return Command(0x00, 0xA4, 0x04, 0x02 if following else 0x00, name, le=256)
