"""What a person at the device can do, and when: present, type, press, pull the card out.

Each function raises ReaderError, with what to do instead, when the device is in no state for it.
"""

from __future__ import annotations

from countertop.cards import Interface, SimulatedCard
from countertop.errors import ReaderError
from countertop.gateway.messages import ReadMethod
from countertop.readers import authorization, chip, power, reading
from countertop.readers.state import SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

READ_METHODS: dict[Interface, ReadMethod] = {
    "insert": "contact_emv",
    "tap": "contactless_emv",
    "swipe": "magnetic_stripe_track2",
}
SHORTEST_PIN, LONGEST_PIN = 4, 12
# So many answers of a chip a reader waits for before it asks anything of anybody.
ANSWERS_WHILE_READING = 12

_NO_CARD_WANTED = {
    "off": ("is off", "Plug it in first."),
    "updating": ("installs software", "Let time pass until it has booted."),
    "cart": ("shows a cart", "Start a payment on it first (process_payment_intent)."),
    "form": ("shows a form", "Fill it in first."),
    "thanks": ("says thank you", "Start a payment on it first (process_payment_intent)."),
    "tipping": ("asks for a tip", "Use choose_tip(), or press no_tip."),
    "application": ("asks which network to use", "Use choose()."),
    "collected": ("holds a card", "Confirm the payment (confirm_payment_intent)."),
    "booting": ("is starting", "Let time pass until it has booted."),
    "pairing": ("shows a pairing code", "Register it first."),
    "idle": ("does not ask for a card", "Start a payment on it first (process_payment_intent)."),
    "reading": ("is reading a card", "Let time pass, or wait for the result."),
    "pin": ("asks for a PIN", "Use enter_pin()."),
    "authorizing": ("is authorizing a card", "Wait for the answer."),
    "result": ("shows the result of the last sale", "Start the next payment first."),
    "remove_card": ("asks for the card in its slot to be removed", "Use remove_card()."),
    "broken": ("has a hardware fault", "Clear the fault first."),
}


def may_present(turn: Turn, interface: Interface) -> ReadMethod:
    """How a card presented like this is read."""
    _wants_card(turn)
    method = READ_METHODS.get(interface)
    offered = turn.sku.model.input.interfaces
    if method is None or interface not in offered:
        raise ReaderError(
            f"The {turn.sku.model.title} takes no card by {interface!r}.", f"It takes: {', '.join(offered)}"
        )
    if interface == "swipe" and turn.sale.chip_failures >= chip.CHIP_TRIES:
        method = "magnetic_stripe_fallback"
    if turn.sale.insert_only and interface != "insert":
        raise ReaderError("The reader asks for the card to be inserted.", "Present it again with insert.")
    return method


def check_fits(card: SimulatedCard, interface: Interface) -> None:
    """Raises ReaderError for what nobody can do with this piece of plastic, or with a phone."""
    if card.wallet is not None and interface != "tap":
        raise ReaderError("A phone can only be held to the reader.", "Use tap.")
    if not card.chip and interface == "tap":
        raise ReaderError(f"{card.name} has nothing that could answer over the air.", "Use swipe.")


def present(turn: Turn, interface: Interface, card: SeenCard, *, at_once: bool) -> None:
    """Hold a card to the reader, put it in the slot, or swipe it."""
    may_present(turn, interface)
    timing = turn.sku.model.timing_ms
    reading_ms = {"tap": timing.reading_tap, "insert": timing.reading_insert, "swipe": timing.reading_swipe}[interface]
    if turn.slot is not None and turn.slot.chip is not None:
        reading_ms += turn.slot.chip.answer_ms * ANSWERS_WHILE_READING
    reading.read(turn, card, reading_ms, at_once=at_once)


def key_in(turn: Turn, card: SeenCard) -> None:
    """Type a card's number instead of presenting it; nothing of it takes time."""
    _wants_card(turn)
    turn.change_sale(pin_wanted="none")
    reading.read(turn, card, 0, at_once=True)


def enter_pin(turn: Turn, pin: str) -> None:
    """Type a PIN: a chip or the issuer judges it."""
    if turn.state.phase != "pin" or turn.sale.pin_digits:
        raise ReaderError("The reader does not ask for a PIN.", f"It is in the phase {turn.state.phase!r}.")
    if authorization.chip_is_lost(turn):
        chip.lost(turn)
    elif turn.slot is not None:
        chip.type_pin(turn, pin)
    else:
        authorization.pin_typed(turn, pin)


def remove_card(turn: Turn) -> None:
    """Pull the card out of the slot.

    Too early means that the reader wants it again; once the platform decides, that the payment fails.
    """
    if not turn.state.card_in_slot:
        raise ReaderError("There is no card in the reader's slot.", "Insert one first.")
    turn.change(card_in_slot=False)
    if turn.slot is not None:
        turn.slot.pull()
    match turn.state.phase:
        case "remove_card":
            wait(turn, turn.state.notice) if turn.state.sale is not None else power.rest(turn)
        case "authorizing" if turn.sale.asked:
            authorization.pulled(turn)
        case "reading" | "application" | "pin" | "authorizing":
            wait(turn, "removed_too_early")
        case "collected":
            power.rest(turn)


def check_pin(pin: str) -> None:
    """Raises ReaderError unless it is 4 to 12 digits.  The PIN itself is never repeated."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise ReaderError("A PIN has 4 to 12 digits.", "The test cards' PIN is 1234.")


def _wants_card(turn: Turn) -> None:
    if turn.state.phase != "waiting":
        says, hint = _NO_CARD_WANTED[turn.state.phase]
        raise ReaderError(f"The reader {says}.", hint)
