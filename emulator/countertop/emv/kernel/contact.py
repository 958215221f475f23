"""The contact kernel: one transaction with a chip in the slot, from reset to the last word (EMV Book 3, Book 4).

A generator (see :mod:`countertop.emv.kernel.events`).  It ends in an :class:`Outcome` whatever the card answers; the
number of commands is bounded.
"""

from __future__ import annotations

from countertop.emv.atr import AtrError, check_emv, parse_atr
from countertop.emv.bits import ARQC, TC
from countertop.emv.kernel import (
    action,
    authentication,
    completion,
    reading,
    restrictions,
    risk,
    selection,
    verification,
)
from countertop.emv.kernel.events import ApplicationRead, Ended, Note, Outcome, PowerOn, Silence, Steps
from countertop.emv.kernel.terminal import Request, Terminal
from countertop.emv.kernel.transaction import Transaction


def contact(terminal: Terminal, request: Request) -> Steps[Outcome]:
    """Run one transaction.  Never raises for anything that a card, a cardholder or an issuer answers."""
    t = Transaction(terminal, request)
    try:
        outcome = yield from _run(t)
    except Ended as end:
        reverse = t.online and t.issuer_approved
        return Outcome(end.result, end.reason, end.why, t.online, reverse, t.values())
    return outcome


def _run(t: Transaction) -> Steps[Outcome]:
    yield from _reset(t)
    yield from selection.build_list(t)
    while True:
        yield from selection.choose(t)
        if (yield from reading.initiate(t)):
            break
        t.candidates = [other for other in t.candidates if other.aid != t.data[0x84]]
    yield from reading.read_records(t)
    yield ApplicationRead(t.values())
    yield from authentication.authenticate(t)
    yield from restrictions.restrict(t)
    yield from verification.verify(t)
    yield from risk.manage(t)
    wanted = yield from action.analyse(t)
    given = yield from completion.first(t, wanted)
    if completion.signature_failed(t):
        if given == ARQC:
            yield from completion.refuse(t)
        return _declined(t, "data_authentication_failed", "The card's signature is wrong.")
    if given == ARQC and t.terminal.quick_chip:
        approved = yield from completion.quick(t)
        return _finished_quickly(t, approved)
    if given == ARQC:
        given = yield from completion.online(t)
    else:
        t.data[0x8A] = completion.OFFLINE_APPROVED if given == TC else completion.OFFLINE_DECLINED
    return _finished(t, given)


def _reset(t: Transaction) -> Steps[None]:
    """Cold reset, and one warm reset for an ATR that EMV does not allow (Book 1 §8)."""
    yield Note("step", "reset")
    why = ""
    for warm in (False, True):
        answer = yield PowerOn(warm)
        if answer is Silence.REMOVED:
            raise Ended("removed", "card_removed", "The card was gone at its reset.")
        if answer is Silence.MUTE:
            why = "it does not answer to reset"
            continue
        try:
            check_emv(parse_atr(answer))
            return
        except AtrError as error:
            why = str(error)
            yield Note("decision", "ATR", "refused", why)
    raise Ended("fallback", "card_unreadable", f"The chip cannot be used: {why}.")


def _finished_quickly(t: Transaction, approved: bool) -> Outcome:
    if approved:
        return Outcome("approved", "approved", "Approved.", t.online, data=t.values())
    if t.online:
        return _declined(t, "declined_by_issuer", "The issuer declined.")
    return _declined(t, "unable_to_go_online", "The issuer could not be asked.")


def _finished(t: Transaction, given: int) -> Outcome:
    if completion.signature_failed(t):
        return _declined(t, "data_authentication_failed", "The card's last signature is wrong.")
    if given == TC:
        return Outcome("approved", "approved", "Approved.", t.online, data=t.values())
    if t.online and not t.issuer_approved:
        return _declined(t, "declined_by_issuer", "The issuer declined.")
    return _declined(t, completion.declined_because(t), "The card declined.")


def _declined(t: Transaction, reason: str, why: str) -> Outcome:
    return Outcome("declined", reason, why, t.online, t.online and t.issuer_approved, t.values())
