"""The entry point: what may be taken over the air, which application of the card, and its kernel (Books A and B)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from countertop.emv import tlv
from countertop.emv.apdu import Response
from countertop.emv.ats import AtsError, parse_ats
from countertop.emv.kernel.contactless import cryptogram_kernels, options_kernels
from countertop.emv.kernel.events import Candidate, Ended, Note, Outcome, PowerOn, Silence, Steps
from countertop.emv.kernel.selection import candidate_of, matching, select, take_in_fci
from countertop.emv.kernel.terminal import Contactless, Request, Terminal, TerminalApplication
from countertop.emv.kernel.transaction import Transaction
from countertop.emv.tlv import Tlv, TlvError

PPSE = b"2PAY.SYS.DDF01"
DIRECTORY, ENTRY = 0xBF0C, 0x61
CONTACTLESS_EMV = b"\x07"
# Kernels whose answer to GET PROCESSING OPTIONS is the decision; the others want GENERATE AC.
BY_OPTIONS = (b"\x03", b"\x06", b"\x07")
KernelRun = Callable[[Transaction, Contactless], Steps[Outcome | None]]


def contactless(terminal: Terminal, request: Request) -> Steps[Outcome]:
    """Run one transaction over the air.  Never raises for anything that a card, its holder or an issuer answers."""
    t = Transaction(terminal, request)
    t.pin_later = True
    try:
        outcome = yield from _run(t)
    except Ended as end:
        # A stripe may stand in for a broken chip; for a tap that went wrong there is another tap.
        result = "try_again" if end.result == "fallback" else end.result
        return Outcome(result, end.reason, end.why, t.online, data=t.values())
    return outcome


def _run(t: Transaction) -> Steps[Outcome]:
    yield from _prepare(t)
    yield from _activate(t)
    t.candidates = yield from _candidates(t)
    while t.candidates:
        candidate = t.candidates.pop(0)
        response = yield from t.exchange(select(candidate.aid), "SELECT application")
        if not response.ok or not take_in_fci(t, candidate, response):
            yield Note("decision", "application", "dropped", f"{candidate.label} answers SELECT with {response.sw:04X}")
            continue
        settings = t.application.contactless
        assert settings is not None, "only such applications are candidates"
        yield Note("decision", "application", candidate.aid.hex().upper(), f"{candidate.label} was selected")
        yield Note("decision", "kernel", _number(settings.kernel), "as the scheme of the application wants it")
        t.data[0x9F39] = CONTACTLESS_EMV
        outcome = yield from _kernel_of(settings)(t, settings)
        if outcome is not None:
            return outcome
    raise Ended("another_interface", "no_application", "The card has nothing that can be used over the air here.")


def _prepare(t: Transaction) -> Steps[None]:
    """Pre-processing: bar what this amount rules out, before the field is on."""
    yield Note("step", "pre-processing")
    allowed: list[TerminalApplication] = []
    for known in t.terminal.applications:
        settings = known.contactless
        if settings is not None and not _over(t.request.amount, _highest(settings)):
            allowed.append(known)
    if not allowed:
        yield Note("decision", "contactless", "not allowed", f"{t.request.amount} is over every limit")
        raise Ended("another_interface", "over_limit", "The amount is too high for a contactless card.")
    security = t.terminal.capabilities[2] & ~_NOT_OVER_THE_AIR
    capabilities = bytes((t.terminal.capabilities[0], t.terminal.air_cvms, security))
    t.terminal = replace(t.terminal, applications=tuple(allowed), capabilities=capabilities)
    t.begin()


# Dynamic data authentication by a command of its own is for the slot.
_NOT_OVER_THE_AIR = 0x40


def _highest(settings: Contactless) -> int | None:
    """The highest amount that anything is taken for."""
    if settings.taps_up_to is None or settings.device_taps_up_to is None:
        return None
    return max(settings.taps_up_to, settings.device_taps_up_to)


def _over(amount: int, limit: int | None) -> bool:
    return limit is not None and amount > limit


def _activate(t: Transaction) -> Steps[None]:
    yield Note("step", "activation")
    answer = yield PowerOn()
    if answer is Silence.COLLISION:
        raise Ended("terminated", "collision", "There are several cards in the field.")
    if isinstance(answer, Silence):
        raise Ended("removed", "card_removed", "The card left the field before it was read.")
    try:
        parse_ats(answer)
    except AtsError as error:
        raise Ended("try_again", "card_error", f"The card cannot be used: {error}.") from None


def _candidates(t: Transaction) -> Steps[list[Candidate]]:
    """The applications of the directory, in the order in which they are to be tried."""
    yield Note("step", "application selection")
    response = yield from t.exchange(select(PPSE), "SELECT 2PAY.SYS.DDF01")
    if not response.ok:
        why = f"The card has no directory for contactless payments ({response.sw:04X})."
        raise Ended("another_interface", "no_directory", why)
    found = [candidate for entry in _entries(response) if (candidate := _candidate(t, entry)) is not None]
    return sorted(found, key=lambda candidate: (_rank(t, candidate.aid), candidate.priority))


def _rank(t: Transaction, aid: bytes) -> int:
    """What the terminal itself thinks of an application; the card's priority counts after that."""
    if aid.startswith(t.terminal.prefer):
        return 0
    return 2 if aid.startswith(t.terminal.avoid) else 1


def _entries(response: Response) -> list[Tlv]:
    try:
        directory = tlv.find(response.data, DIRECTORY) or b""
        return [entry for entry in tlv.parse(directory) if entry.tag == ENTRY]
    except TlvError as error:
        raise Ended("terminated", "card_error", f"The directory of the card is damaged: {error}.") from None


def _candidate(t: Transaction, entry: Tlv) -> Candidate | None:
    try:
        objects = {item.tag: item.value for item in entry.children}
    except TlvError:
        return None
    aid = objects.get(0x4F, b"")
    known = matching(t, aid)
    if known is None or known.contactless is None:
        return None
    wanted = objects.get(0x9F2A, b"")
    # Absent, or beginning with zero: the kernel that goes with the scheme.
    if wanted and wanted[0] and wanted != known.contactless.kernel:
        return None
    return candidate_of(aid, known, objects)


def _kernel_of(settings: Contactless) -> KernelRun:
    return options_kernels.run if settings.kernel in BY_OPTIONS else cryptogram_kernels.run


def _number(kernel: bytes) -> str:
    """A kernel's identifier for people: 3, and 800124 for one of Canada's own."""
    return kernel.hex().upper().lstrip("0")
