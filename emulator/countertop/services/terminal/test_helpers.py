"""Test helpers on simulated readers: do what a customer would (terminal.md §1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from countertop.api.errors import ApiError, card_error, invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.cards.catalog import DEFAULT_CARD, DEFAULT_INTERAC_CARD, UnknownCard, find_card
from countertop.errors import ReaderError
from countertop.gateway import Gateway
from countertop.services.terminal import checks
from countertop.services.terminal.commands import OFFLINE, Commands, refused
from countertop.services.terminal.running import KIND, of_device

TAKES_CARDS = (
    "process_payment_intent",
    "collect_payment_method",
    "confirm_payment_intent",
    "process_setup_intent",
    "refund_payment",
)
UNATTENDED = (OFFLINE, "terminal_reader_hardware_fault")
"""States in which no card can be taken; in the others the customer finds out."""
LARGEST_TIP = 99_999_999


def operations(gateway: Gateway, commands: Commands) -> Operations:
    """The operations of /v1/test_helpers/terminal/readers/{reader}."""
    one = "POST /v1/test_helpers/terminal/readers/{reader}"
    return {
        f"{one}/present_payment_method": presenter(gateway, commands),
        f"{one}/succeed_input_collection": inputs_filler(gateway, commands),
        f"{one}/timeout_input_collection": inputs_neglecter(gateway, commands),
    }


def presenter(gateway: Gateway, commands: Commands) -> Handler:
    """POST …/present_payment_method: completes the pending action; a decline is a 200 with a failed action."""

    def present(call: Call) -> Document:
        reader, row = _pending(gateway, commands, call, TAKES_CARDS, "a payment method to be presented")
        tip = call.params.get("amount_tip")
        _check_tip(row, tip)
        number, keyed = _card(call, row)
        with _refusals():
            gateway.devices.present_number(call.tx, reader["serial_number"], number, tip=tip, keyed=keyed)
        return call.fetch(KIND, reader["id"])

    return present


def inputs_filler(gateway: Gateway, commands: Commands) -> Handler:
    """POST …/succeed_input_collection: fills the forms, or skips those that may be skipped."""

    def fill(call: Call) -> Document:
        reader, _ = _pending(gateway, commands, call, ("collect_inputs",), "inputs to be entered")
        skip = call.params.get("skip_non_required_inputs") == "all"
        with _refusals():
            gateway.devices.complete_inputs(call.tx, reader["serial_number"], skip_optional=skip)
        return call.fetch(KIND, reader["id"])

    return fill


def inputs_neglecter(gateway: Gateway, commands: Commands) -> Handler:
    """POST …/timeout_input_collection: nobody touches the form until its time is over."""

    def neglect(call: Call) -> Document:
        reader, _ = _pending(gateway, commands, call, ("collect_inputs",), "inputs to be entered")
        with _refusals():
            gateway.devices.time_out_inputs(call.tx, reader["serial_number"])
        return call.fetch(KIND, reader["id"])

    return neglect


@contextmanager
def _refusals() -> Iterator[None]:
    """What the device says no to is a 400."""
    try:
        yield
    except ReaderError as error:
        raise invalid(str(error)) from None


def _pending(
    gateway: Gateway, commands: Commands, call: Call, types: tuple[str, ...], what: str
) -> tuple[Document, Document]:
    reader = checks.reader_of(call)
    if not reader["device_type"].startswith("simulated_"):
        raise invalid("This test helper only works on simulated readers; this one is a device: use its hands.")
    commands.device_of(call.tx, reader)
    code = gateway.devices.refusal(call.tx, reader["serial_number"])
    if code in UNATTENDED:
        raise refused(code)
    row = of_device(call.tx, reader["serial_number"])
    if row is None or row["reader"] != reader["id"] or row["type"] not in types:
        raise invalid(f"The reader has no action that is waiting for {what}.")
    return reader, row


def _check_tip(row: Document, tip: int | None) -> None:
    if tip is None:
        return
    if "skips_tip" not in row:
        raise invalid("Only a payment has a tip: leave amount_tip out.", param="amount_tip")
    if row["skips_tip"]:
        raise invalid("The action skips tipping: leave amount_tip out.", param="amount_tip")
    if not 0 <= tip <= LARGEST_TIP - row["amount"]:
        raise invalid(
            f"This value must be between 0 and {LARGEST_TIP - row['amount']}.",
            code="parameter_invalid_integer",
            param="amount_tip",
        )


def _card(call: Call, row: Document) -> tuple[str, tuple[int, int] | None]:
    """The number to present, and the expiry of one that is keyed in."""
    params = call.params
    types = call.fetch("payment_intent", row["intent"])["payment_method_types"] if "intent" in row else []
    only_interac = row["type"] == "refund_payment" or types == ["interac_present"]
    kind = params.get("type") or ("interac_present" if only_interac else "card_present")
    for other in ("card", "card_present", "interac_present"):
        if other != kind and other in params:
            raise invalid(f"The type is {kind}, so {other} cannot be given.", param=other)
    if kind == "card":
        return _keyed(params.get("card"))
    number = (params.get(kind) or {}).get("number")
    if number is None:
        number = find_card(DEFAULT_CARD if kind == "card_present" else DEFAULT_INTERAC_CARD).number
    return _known(number, f"{kind}[number]"), None


def _keyed(card: Document | None) -> tuple[str, tuple[int, int]]:
    if card is None:
        raise invalid("Missing required param: card.", code="parameter_missing", param="card")
    if not 1 <= card["exp_month"] <= 12:
        raise card_error("Your card's expiration month is invalid.", "invalid_expiry_month", param="card[exp_month]")
    if not 1970 <= card["exp_year"] <= 9999:
        raise card_error("Your card's expiration year is invalid.", "invalid_expiry_year", param="card[exp_year]")
    return _known(card["number"], "card[number]"), (card["exp_month"], card["exp_year"])


def _known(number: str, param: str) -> str:
    try:
        return find_card(number).number
    except UnknownCard as error:
        raise _incorrect(str(error), param) from None


def _incorrect(message: str, param: str) -> ApiError:
    return card_error(message, "incorrect_number", param=param)
