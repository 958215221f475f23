"""What makes a device change: a message from the platform, time, the network coming back."""

from __future__ import annotations

from countertop.emv.kernel import Silence
from countertop.gateway import (
    AuthorizationAnswer,
    CancelAction,
    Configured,
    Registered,
    StartAction,
    ToDevice,
    Unregistered,
)
from countertop.readers import authorization, chip, form, mailbox, power, reading, sale, upkeep
from countertop.readers.ending import NOBODY_CAME, give_up
from countertop.readers.turn import Turn


def receive(turn: Turn, message: ToDevice) -> None:
    """Take a message from the platform."""
    if not turn.state.connected:
        entry = mailbox.for_device(message)
        if entry is not None:
            turn.change(inbox=(*turn.state.inbox, entry))
        return
    match message:
        case Registered():
            power.registered(turn, message)
        case Unregistered():
            power.unregistered(turn)
        case Configured():
            power.configured(turn, message)
        case StartAction():
            sale.start(turn, message)
        case CancelAction():
            sale.cancel(turn, message.action)
        case AuthorizationAnswer():
            authorization.answered(turn, message)


def tick(turn: Turn) -> None:
    """The phase's time is over."""
    if turn.slot is not None and turn.slot.asked is not None:
        authorization.card_said(turn, turn.slot.asked.number, Silence.MUTE)
        return
    match turn.state.phase:
        case "booting":
            power.booted(turn)
            reconnected(turn)
        case "pairing":
            power.code_expired(turn)
        case "updating":
            upkeep.installed(turn)
        case "tipping" | "waiting" | "application" | "remove_card":
            give_up(turn, "timed_out", NOBODY_CAME)
        case "form":
            form.time_out(turn)
        case "reading":
            reading.read_done(turn)
        case "pin":
            if turn.sale.pin_digits:
                chip.authorize(turn)
            else:
                give_up(turn, "timed_out", NOBODY_CAME)
        case "authorizing":
            authorization.unheard(turn) if turn.sale.asked else authorization.ask(turn)
        case "result" | "thanks" | "collected":
            power.rest(turn)
        case "off" | "idle" | "cart" | "broken":
            turn.change(due_ms=None)


def reconnected(turn: Turn) -> None:
    """The wire works again: say what could not be said, then hear what was missed."""
    if not turn.state.connected:
        return
    outbox, inbox = turn.state.outbox, turn.state.inbox
    turn.change(outbox=(), inbox=())
    for entry in outbox:
        turn.send(mailbox.said(entry))
    for entry in inbox:
        receive(turn, mailbox.heard(entry))
