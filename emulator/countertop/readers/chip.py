"""A chip in the slot or over the air: what its kernel wants becomes phases of the sale, what it found out the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from countertop.emv.kernel import (
    ApplicationRead,
    ChooseApplication,
    EnterPin,
    GoOnline,
    OnlineAnswer,
    Outcome,
)
from countertop.errors import ReaderError
from countertop.gateway import AuthorizationAnswer, CardCompleted, MethodCollected
from countertop.gateway.messages import Cvm
from countertop.readers import chip_data, pin_pad
from countertop.readers.ending import CARD_PULLED, NO_CONNECTION, fail
from countertop.readers.slot import CardAsked, Prompt, Slot
from countertop.readers.terminals import DOMESTIC, network_of
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

CARD_DECLINED = "The card declined the payment."
PIN_TRIES = "The PIN was entered incorrectly too many times."
# What the screen says of a card that the kernel can do nothing with; the sale waits for another.
NOTICES = {
    "card_blocked": "card_blocked",
    "no_application": "no_application",
    "cancelled": None,
    "collision": "one_card_only",
}
# So often the chip is tried before its stripe will do, and a tap before the chip.
CHIP_TRIES = TAP_TRIES = 2
# How long a card on somebody's bench may stay silent; its driver gives up long before.
CARD_PATIENCE_MS = 60_000
# What a card that does not tell is taken to allow.
PIN_TRIES_AT_FIRST = 3


def slot_of(turn: Turn) -> Slot:
    """The slot with the card of the running sale; asked for only when there is one."""
    assert turn.slot is not None, "a chip is in the slot"
    return turn.slot


def begin(turn: Turn, wanted: Cvm = "none") -> None:
    """Start a transaction with the card in the slot.  ``wanted``: the only PIN that will do."""
    turn.change(transactions=turn.state.transactions + 1)
    turn.change_sale(pin_block=(), track="")
    follow(turn, slot_of(turn).begin(turn.room.new_kernel(turn, wanted)))


def begin_again(turn: Turn, data: Mapping[int, bytes]) -> None:
    """Go on with the card of a tap that is long gone, and a PIN.  ``data``: what it said."""
    follow(turn, slot_of(turn).begin(turn.room.pin_kernel(turn, data)))


def go_on(turn: Turn, answer: object) -> None:
    """Answer what the kernel wanted."""
    follow(turn, slot_of(turn).go_on(answer))


def follow(turn: Turn, event: Prompt | Outcome) -> None:
    """Do what the kernel wants, as far as nobody has to be asked."""
    match event:
        case CardAsked():
            turn.change(notice=None, due_ms=turn.after(CARD_PATIENCE_MS))
        case ChooseApplication():
            _choose(turn, event)
        case ApplicationRead():
            turn.change_sale(card=chip_data.learnt(turn, event.data))
            if turn.sale.type == "collect_payment_method":
                hold(turn)
            else:
                go_on(turn, None)
        case EnterPin():
            _ask_pin(turn, event)
        case GoOnline():
            turn.change_sale(card=replace(chip_data.learnt(turn, event.data), cvm=chip_data.cvm_of(event.data)))
            if turn.sale.pin_digits:
                turn.change(notice=None, due_ms=turn.worked(turn.sku.model.timing_ms.pin))
            else:
                authorize(turn)
        case Outcome():
            _ended(turn, event)


def authorize(turn: Turn) -> None:
    """The device says so on its screen and is about to ask."""
    turn.change(phase="authorizing", notice=None, due_ms=turn.worked(turn.sku.model.timing_ms.authorizing))


# --- applications --------------------------------------------------------------------------------------------


def networks(turn: Turn) -> tuple[str, ...]:
    """The networks between which the cardholder chooses now."""
    return choices(turn.sale.choice_networks, slot_of(turn).networks, turn.sku.model.input.unsupported_networks)


def choices(asked: tuple[str, ...], on_card: tuple[str, ...], unsupported: list[str]) -> tuple[str, ...]:
    """Of the networks on a card, those that this reader knows, if one of them is to be chosen beside another."""
    # A card may have several applications of one network; they are one choice.
    known = tuple(dict.fromkeys(name for name in on_card if name not in unsupported))
    return known if len(known) > 1 and set(known) & set(asked) else ()


def choose_network(turn: Turn, network: str) -> None:
    """The cardholder chose; the kernel goes on with the application of this network."""
    turn.trail.prompt(turn.now_ms, "network", network)
    turn.change(phase="reading", notice=None, due_ms=None)
    go_on(turn, slot_of(turn).networks.index(network))


def _choose(turn: Turn, event: ChooseApplication) -> None:
    slot, sale = slot_of(turn), turn.sale
    slot.networks = tuple(network_of(candidate.aid) for candidate in event.candidates)
    turn.change_sale(card=replace(chip_data.unread("contact_emv"), networks=slot.networks))
    offered = networks(turn)
    if not offered:
        go_on(turn, _usual(turn, slot.networks))
    elif sale.at_once:
        go_on(turn, slot.networks.index(next(name for name in offered if name in sale.choice_networks)))
    else:
        turn.change(phase="application", notice=None, due_ms=sale.deadline_ms)


def _usual(turn: Turn, on_card: tuple[str, ...]) -> int:
    """The application to use when nobody is asked: the domestic one where it is to win, else the first other one."""
    domestic, unsupported = turn.sale.domestic_networks, turn.sku.model.input.unsupported_networks
    known = [name for name in on_card if name not in unsupported] or list(on_card)
    wins = next((name for name in known if name in domestic), None)
    other = next((name for name in known if name not in DOMESTIC), None)
    return on_card.index(wins or other or known[0])


# --- PIN -----------------------------------------------------------------------------------------------------


def type_pin(turn: Turn, pin: str) -> None:
    """A whole PIN was typed.  The card judges it at once, the issuer when it is asked."""
    slot = slot_of(turn)
    prompt = slot.next
    if not isinstance(prompt, EnterPin):
        raise ReaderError("The reader does not ask for a PIN.", f"It is in the phase {turn.state.phase!r}.")
    turn.trail.prompt(turn.now_ms, "PIN", f"{len(pin)} digits")
    turn.change_sale(pin_digits=len(pin))
    if prompt.where == "card":
        event = slot.go_on(pin)
    else:
        pin_pad.take(turn, pin)
        event = slot.go_on(True)
    follow(turn, event)


def _ask_pin(turn: Turn, event: EnterPin) -> None:
    left = PIN_TRIES_AT_FIRST if event.tries_left is None else event.tries_left
    wanted: Cvm = "offline_pin" if event.where == "card" else "online_pin"
    turn.change_sale(pin_wanted=wanted, pin_digits=0, pin_tries_left=left)
    notice = "wrong_pin" if event.again else None
    turn.change(phase="pin", notice=notice, due_ms=turn.sale.deadline_ms)
    if wanted == "online_pin" and not turn.room.reveal(chip_data.token_of(turn)).isdigit():
        # A PIN block is made of the PAN, and of somebody's own card that is not kept.
        turn.trail.decision(turn.now_ms, "PIN for the issuer", "passed over", "the PAN was truncated")
        go_on(turn, None)
    elif turn.sale.at_once:
        # Whom nobody watches types the right one; a card that is not ours has a holder who knows none.
        pin = slot_of(turn).right_pin
        type_pin(turn, pin) if pin and not event.again else go_on(turn, None)


# --- collected cards -----------------------------------------------------------------------------------------


def hold(turn: Turn) -> None:
    """Hold the card, a chip or a tapped one, for a while; the platform says when to go on."""
    if not turn.state.connected:
        fail(turn, "connection_error", NO_CONNECTION)
        return
    turn.change(
        phase="collected",
        notice=None,
        # Nobody waits for an unwatched customer's card to leave the slot; the kernel is not done with it yet.
        card_in_slot=turn.state.card_in_slot and not turn.sale.at_once,
        due_ms=turn.after(turn.sku.model.timing_ms.collected),
    )
    turn.send(MethodCollected(turn.sale.action, chip_data.card_read(turn), turn.sale.tip))


# --- ends ----------------------------------------------------------------------------------------------------


def tell(turn: Turn, answer: AuthorizationAnswer) -> Prompt | Outcome:
    """The issuer's decision goes to the chip, which has the last word."""
    # A platform that refuses by itself has no issuer's code; the card is to decline all the same.
    code = answer.response_code or ("00" if answer.approved else "05")
    return slot_of(turn).go_on(OnlineAnswer(answer.approved, code, bytes.fromhex(answer.emv)))


def report(turn: Turn, answer: AuthorizationAnswer, outcome: Outcome) -> None:
    """Tell the platform what the last word was."""
    approved = outcome.result == "approved"
    failure: tuple[str | None, str | None] = (None, None)
    if answer.approved and not approved:
        failure = ("card_removed", CARD_PULLED) if outcome.result == "removed" else ("card_declined", CARD_DECLINED)
    emv = chip_data.final(outcome.data)
    turn.send(CardCompleted(turn.sale.action, approved, emv, *failure, turn.trail.take()))


def lost(turn: Turn) -> None:
    """Memory and rows disagree about the card at the reader: it is wanted once more."""
    turn.slot = None
    wait(turn, "chip_unreadable" if turn.state.card_in_slot else "present_again")


def insert(turn: Turn) -> None:
    """An unwatched customer puts the card that was tapped into the slot."""
    turn.slot = turn.room.put_in(turn)
    turn.change_sale(card=chip_data.unread("contact_emv"))
    turn.change(card_in_slot=True)


def _ended(turn: Turn, outcome: Outcome) -> None:
    """The transaction ended before anybody was asked."""
    match outcome.result:
        case "removed" if not slot_of(turn).over_the_air:
            turn.change(card_in_slot=False)
            wait(turn, "removed_too_early")
        case "removed" | "try_again":
            failures = turn.sale.tap_failures + 1
            turn.change_sale(tap_failures=failures)
            wait(turn, "insert_card" if failures >= TAP_TRIES else "present_again")
        case "another_interface":
            if turn.sale.at_once:
                insert(turn)
                begin(turn)
            else:
                wait(turn, "insert_card")
        case "see_phone":
            wait(turn, "see_phone")
        case "declined":
            tries = outcome.reason == "pin_try_exceeded"
            fail(turn, *(("pin_try_exceeded", PIN_TRIES) if tries else ("card_declined", CARD_DECLINED)))
        case "fallback":
            failures = turn.sale.chip_failures + 1
            turn.change_sale(chip_failures=failures)
            swipes = failures >= CHIP_TRIES and "swipe" in turn.sku.model.input.interfaces
            wait(turn, "swipe_instead" if swipes else "chip_unreadable")
        case _:
            wait(turn, NOTICES.get(outcome.reason, "chip_unreadable"))
