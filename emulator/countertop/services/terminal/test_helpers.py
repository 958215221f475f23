"""Test helpers on simulated readers: present a card as a customer would (terminal.md §1.4)."""

from __future__ import annotations

from countertop.api.errors import ApiError, card_error, invalid, not_implemented
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.cards.catalog import DEFAULT_CARD, DEFAULT_INTERAC_CARD, UnknownCard, find_card
from countertop.gateway import Gateway
from countertop.services.terminal.actions import KIND, RUNNING, check_usable


def operations(gateway: Gateway) -> Operations:
    """The operations of /v1/test_helpers/terminal/readers/{reader} that have something to act on."""
    return {"POST /v1/test_helpers/terminal/readers/{reader}/present_payment_method": presenter(gateway)}


def presenter(gateway: Gateway) -> Handler:
    """POST …/present_payment_method: completes the pending action; a decline is a 200 with a failed action."""

    def present(call: Call) -> Document:
        reader = call.fetch(KIND, call.path["reader"], param="reader", in_path=True)
        if not reader["device_type"].startswith("simulated_"):
            raise invalid("This test helper only works on simulated readers; this one is a device: use its hands.")
        check_usable(gateway, call.tx, reader)
        running = call.tx.get("", RUNNING, reader["serial_number"])
        if running is None or running["reader"] != reader["id"]:
            raise invalid("The reader has no action that is waiting for a payment method to be presented.")
        if call.params.get("amount_tip"):
            raise not_implemented("amount_tip: tipping on the reader")
        intent = call.fetch("payment_intent", running["intent"])
        number = _number(call.params, intent["payment_method_types"])
        gateway.devices.present_number(call.tx, reader["serial_number"], number)
        return call.fetch(KIND, reader["id"])

    return present


def _number(params: Document, types: list[str]) -> str:
    kind = params.get("type") or ("interac_present" if types == ["interac_present"] else "card_present")
    if kind == "card":
        raise not_implemented("present_payment_method with a card that is keyed in (MOTO)")
    given = (params.get(kind) or {}).get("number")
    param = f"{kind}[number]"
    if given is None:
        return find_card(DEFAULT_CARD if kind == "card_present" else DEFAULT_INTERAC_CARD).number
    try:
        return find_card(given).number
    except UnknownCard as error:
        raise _incorrect(str(error), param) from None


def _incorrect(message: str, param: str) -> ApiError:
    return card_error(message, "incorrect_number", param=param)
