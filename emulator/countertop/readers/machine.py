"""What makes a device change: a message from the platform, time, the network coming back."""

from __future__ import annotations

from dataclasses import asdict

from countertop.gateway.messages import (
    ActionEnded,
    AuthorizationAnswer,
    CancelAction,
    Registered,
    StartAction,
    ToDevice,
    Unregistered,
)
from countertop.readers import power, sale
from countertop.readers.turn import Turn

# What the platform's wire keeps for a device that cannot hear; a start is refused there, an answer comes
# too late.
_KEPT: dict[str, type[Registered | Unregistered | CancelAction]] = {
    "Registered": Registered,
    "Unregistered": Unregistered,
    "CancelAction": CancelAction,
}


def receive(turn: Turn, message: ToDevice) -> None:
    """Take a message from the platform."""
    if not turn.state.connected:
        if type(message).__name__ in _KEPT:
            turn.change(inbox=(*turn.state.inbox, [type(message).__name__, asdict(message)]))
        return
    match message:
        case Registered():
            power.registered(turn, message)
        case Unregistered():
            power.unregistered(turn)
        case StartAction():
            sale.start(turn, message)
        case CancelAction():
            sale.cancel(turn, message.action)
        case AuthorizationAnswer():
            sale.answered(turn, message)


def tick(turn: Turn) -> None:
    """The phase's time is over."""
    match turn.state.phase:
        case "booting":
            power.booted(turn)
            reconnected(turn)
        case "pairing":
            power.code_expired(turn)
        case "waiting" | "remove_card":
            sale.give_up(turn, "timed_out", sale.NOBODY_CAME)
        case "reading":
            sale.read_done(turn)
        case "pin":
            if turn.sale.pin_digits:
                sale.authorize(turn)
            else:
                sale.give_up(turn, "timed_out", sale.NOBODY_CAME)
        case "authorizing":
            sale.ask(turn)
        case "result":
            power.rest(turn)
        case "idle" | "broken":
            turn.change(due_ms=None)


def reconnected(turn: Turn) -> None:
    """The wire works again: say what could not be said, then hear what was missed."""
    if not turn.state.connected:
        return
    outbox, inbox = turn.state.outbox, turn.state.inbox
    turn.change(outbox=(), inbox=())
    for _, fields in outbox:
        turn.send(ActionEnded(**fields))
    for kind, fields in inbox:
        receive(turn, _KEPT[kind](**fields))
