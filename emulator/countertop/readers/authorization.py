"""PIN and authorization: (pin) → authorizing → result, and again with a PIN when the issuer wants one.

A chip's kernel asks for the PIN and has the last word; what is said here of typing PINs is about stripes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from countertop.emv.kernel import Outcome, Silence
from countertop.gateway import ActionEnded, AuthorizationAnswer, AuthorizationRequest, CardCompleted
from countertop.gateway.messages import Cvm
from countertop.readers import chip, chip_data, pin_pad
from countertop.readers.ending import CARD_PULLED, NO_CONNECTION, fail, show_result
from countertop.readers.slot import CardAsked, Prompt
from countertop.readers.state import SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

# How long a device waits for an answer on a network that is gone (assumed).
PATIENCE_MS = 30_000
PIN_WANTED = "1A"
"""Field 39 of an issuer that wants the same payment again with its holder verified (SCA)."""
RETRIED = ("contact_emv", "contactless_emv")
WITH_A_KERNEL = ("contact_emv", "contactless_emv", "contactless_magstripe_mode")
"""How cards are read that talk with a kernel."""


def ask_pin(turn: Turn) -> None:
    """After a swipe: ask for the PIN that goes to the issuer.  Who is not watched types the right one at once."""
    turn.change(phase="pin", notice=None, due_ms=turn.sale.deadline_ms)
    if turn.sale.at_once:
        pin_typed(turn, turn.room.right_pin())


def pin_typed(turn: Turn, pin: str) -> None:
    """The PIN is complete; whether it is right the issuer says."""
    pin_pad.take(turn, pin)
    turn.trail.prompt(turn.now_ms, "PIN", f"{len(pin)} digits")
    turn.change_sale(pin_digits=len(pin), card=replace(held(turn), cvm=turn.sale.pin_wanted))
    turn.change(notice=None, due_ms=turn.worked(turn.sku.model.timing_ms.pin))


def ask(turn: Turn) -> None:
    """Ask the platform; without a network the sale ends here."""
    if chip_is_lost(turn):
        chip.lost(turn)
        return
    if not turn.state.connected:
        if turn.slot is not None:
            turn.slot.go_on(None)  # the card hears that the issuer cannot be asked
        fail(turn, "connection_error", NO_CONNECTION)
        return
    turn.change_sale(asked=True)
    turn.change(due_ms=None)
    card = chip_data.card_read(turn)
    if card.emv or card.track:
        turn.trail.step(turn.now_ms, ASKING)
    turn.send(AuthorizationRequest(turn.sale.action, card, turn.sale.tip))
    if "network_lost" in turn.state.faults:
        cut_off(turn)
    elif turn.state.card_in_slot and turn.strikes("card_pulled_authorizing"):
        # The answer is on its way; what it finds is an empty slot.
        _leave(turn)


ASKING = "asking the issuer"
"""The step of the trace behind which the network's messages belong."""


def cut_off(turn: Turn) -> None:
    """The network drops; whoever waits for an answer waits in vain, and gives up after a while."""
    turn.change(cut=True)
    if turn.state.phase == "authorizing" and turn.sale.asked:
        turn.change(due_ms=turn.after(PATIENCE_MS))


def unheard(turn: Turn) -> None:
    """No answer will come any more: the sale is lost for the device, though it may be authorized all the same."""
    if turn.state.phase == "authorizing" and turn.sale.asked:
        if turn.slot is not None:
            turn.trail.decision(turn.now_ms, "issuer's answer", "never heard", "what the issuer approved stands")
        fail(turn, "connection_error", NO_CONNECTION)


def pulled(turn: Turn) -> None:
    """The card left the slot while the platform was asked in vain."""
    _leave(turn)
    fail(turn, "card_removed", CARD_PULLED)


def answered(turn: Turn, answer: AuthorizationAnswer) -> None:
    """The platform's decision; one about another action, or that nobody waits for, is dropped."""
    sale = turn.state.sale
    if sale is None or sale.action != answer.action or turn.state.phase != "authorizing" or not sale.asked:
        return
    slot = turn.slot
    if slot is not None:
        if slot.told is None:
            _chip_says(turn, answer, chip.tell(turn, answer))
        return
    if sale.track:
        turn.send(CardCompleted(sale.action, answer.approved, trace=turn.trail.take()))
    _decided(turn, answer, answer.approved, answer.message, {})


def card_said(turn: Turn, number: int, answer: bytes | Silence) -> None:
    """A card on somebody's bench answered; an answer that nobody waits for any more is not heard."""
    slot = turn.slot
    event = None if slot is None else slot.card_said(number, answer)
    if slot is None or event is None:
        return
    if slot.told is not None:
        _chip_says(turn, slot.told, event)
    else:
        chip.follow(turn, event)


def _chip_says(turn: Turn, answer: AuthorizationAnswer, event: Prompt | Outcome) -> None:
    """The chip has heard the issuer's answer; its last word may still be on its way."""
    slot = chip.slot_of(turn)
    if isinstance(event, CardAsked):
        slot.told = answer
        turn.change(due_ms=turn.after(chip.CARD_PATIENCE_MS))
        return
    assert isinstance(event, Outcome), "nothing is wanted of anybody once the issuer has answered"
    slot.told = None
    chip.report(turn, answer, event)
    approved, message = answer.approved, answer.message
    if event.result == "removed":
        turn.change(card_in_slot=False)
        if approved:
            fail(turn, "card_removed", CARD_PULLED)
            return
    elif approved and event.result != "approved":
        approved, message = False, chip.CARD_DECLINED
    _decided(turn, answer, approved, message, event.data)


def _decided(
    turn: Turn, answer: AuthorizationAnswer, approved: bool, message: str | None, said: Mapping[int, bytes]
) -> None:
    """Show it, or ask for the PIN that the issuer wants.  ``said``: the data objects of the card."""
    wanted = "none" if answer.approved else _pin_after(turn, answer)
    if wanted != "none":
        _retry(turn, wanted, said)
        return
    show_result(turn, approved, None if approved else message)
    turn.send(ActionEnded(turn.sale.action, approved, trace=turn.trail.take()))


def hurry(turn: Turn) -> None:
    """Run PIN and authorization of an unwatched sale without their delays, up to the question to the platform."""
    if turn.state.sale is None or not turn.sale.at_once:
        return
    if turn.state.phase == "pin" and turn.sale.pin_digits:
        chip.authorize(turn)
    if turn.state.phase == "authorizing" and not turn.sale.asked:
        ask(turn)


def chip_is_lost(turn: Turn) -> bool:
    """Whether a chip is being read, as the rows say, of which the slot knows nothing."""
    return held(turn).read_method in WITH_A_KERNEL and turn.slot is None


def held(turn: Turn) -> SeenCard:
    """The card of the running sale, in phases that have one."""
    assert turn.sale.card is not None, f"no card was read while the reader is {turn.state.phase}"
    return turn.sale.card


def _leave(turn: Turn) -> None:
    turn.change(card_in_slot=False)
    if turn.slot is not None:
        turn.slot.pull()


def _pin_after(turn: Turn, answer: AuthorizationAnswer) -> Cvm:
    """The PIN to ask for after this decline, ``none`` when the decline is final.

    It depends on what the issuer takes, on the country, and on a customer who is there to type it: one whom nobody
    watches knows the PIN of a card that wants one, and no other.
    """
    card = held(turn)
    if answer.response_code != PIN_WANTED or card.cvm != "none" or card.read_method not in RETRIED:
        return "none"
    if turn.sale.at_once and (turn.room.held is None or turn.room.held.card.cvm == "none"):
        return "none"
    to_the_issuer = turn.sku.pin == "online" and answer.code == "online_or_offline_pin_required"
    return "online_pin" if to_the_issuer else "offline_pin"


def _retry(turn: Turn, wanted: Cvm, said: Mapping[int, bytes]) -> None:
    """Ask again with a PIN: on the same tap when the issuer checks it, else with the card in the slot.

    ``said``: the data objects of the card.
    """
    turn.change_sale(asked=False, pin_wanted=wanted, pin_digits=0, pin_block=())
    if turn.state.card_in_slot:
        turn.slot = turn.slot or turn.room.put_in(turn)
        chip.begin(turn, wanted)
    elif wanted == "online_pin" and turn.slot is not None:
        chip.begin_again(turn, said)
    elif turn.sale.at_once:
        chip.insert(turn)
        chip.begin(turn, wanted)
    else:
        turn.change_sale(insert_only=True)
        wait(turn, "insert_for_pin")
        return
    hurry(turn)
