"""After a tap: the PIN for the issuer, the question to it, and what it said.  The card is gone by then."""

from __future__ import annotations

from collections.abc import Mapping

from countertop.emv import cvm
from countertop.emv.bits import TVR
from countertop.emv.kernel.completion import OFFLINE_APPROVED, OFFLINE_DECLINED, UNABLE_DECLINED
from countertop.emv.kernel.events import ApplicationRead, EnterPin, GoOnline, Note, Outcome, Steps
from countertop.emv.kernel.terminal import Request, Terminal
from countertop.emv.kernel.transaction import Transaction

ONLINE_PIN = bytes((cvm.ONLINE_PIN, cvm.ALWAYS, 0))
# The method, and that with the bit that lets the next rule be tried.
BY_ONLINE_PIN = (bytes((cvm.ONLINE_PIN,)), bytes((cvm.ONLINE_PIN | 0x40,)))


def go_online(t: Transaction) -> Steps[Outcome]:
    """Let the card go, ask for the PIN that is due, and then the issuer."""
    yield ApplicationRead(t.values())
    return (yield from _ask(t))


def approve(t: Transaction) -> Steps[Outcome]:
    """The card approved by itself."""
    t.data[0x8A] = OFFLINE_APPROVED
    yield ApplicationRead(t.values())
    return Outcome("approved", "approved", "Approved without the issuer.", data=t.values())


def decline(t: Transaction, reason: str, why: str) -> Outcome:
    """Nobody is asked any more."""
    t.data[0x8A] = OFFLINE_DECLINED
    return Outcome("declined", reason, why, data=t.values())


def with_pin(terminal: Terminal, request: Request, data: Mapping[int, bytes]) -> Steps[Outcome]:
    """The transaction of an earlier tap once more, with the PIN that its issuer wants (single tap and PIN).

    ``data``: the objects of that tap.  Its cryptogram stays what it was, so what it covers does too.
    """
    t = Transaction(terminal, request)
    t.tvr = TVR(int.from_bytes(data[0x95], "big"))
    t.data = dict(data)
    t.pin_due = True
    return (yield from _ask(t))


def _ask(t: Transaction) -> Steps[Outcome]:
    if t.pin_due:
        yield Note("step", "PIN for the issuer")
        entered = yield EnterPin("issuer")
        if not entered:
            yield Note("decision", "CVM", "failed", "no PIN was entered")
            return decline(t, "pin_not_entered", "No PIN was entered.")
        if t.data.get(0x9F34, b"")[:1] not in BY_ONLINE_PIN:
            t.data[0x9F34] = ONLINE_PIN
    yield Note("step", "online processing")
    answer = yield GoOnline(t.values())
    if answer is None:
        t.data[0x8A] = UNABLE_DECLINED
        yield Note("decision", "unable to go online", "declined", "the card wants the issuer's answer")
        return Outcome("declined", "unable_to_go_online", "The issuer could not be asked.", data=t.values())
    t.online, t.issuer_approved = True, answer.approved
    t.data[0x8A] = answer.response_code.encode("ascii", "replace")[:2].ljust(2, b" ")
    if answer.approved:
        return Outcome("approved", "approved", "Approved.", online=True, data=t.values())
    return Outcome("declined", "declined_by_issuer", "The issuer declined.", online=True, data=t.values())
