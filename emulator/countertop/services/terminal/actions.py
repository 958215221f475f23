"""What a server asks of a reader: process a payment, cancel (terminal.md §1.4, §2.3)."""

from __future__ import annotations

from typing import Any

from countertop.accounts import CURRENCY_OF
from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.gateway import CancelAction, Gateway, StartAction
from countertop.services.terminal.pairing import DIRECTORY

KIND = "terminal.reader"
RUNNING = "_reader_action"
"""Rows ``{id: serial, action, account, reader, type, intent, answer}``: what a device is busy with."""
IN_PERSON = ("card_present", "interac_present")
BUSY = "terminal_reader_busy"
REFUSALS = {
    BUSY: "Reader is currently busy processing another request, or a card was left in it.",
    "terminal_reader_offline": "Reader is currently offline, please ensure the reader is powered on and connected "
    "to the internet before retrying your request.",
    "terminal_reader_timeout": "The reader did not acknowledge the request in time. It may have received it: retry.",
    "terminal_reader_hardware_fault": "Reader has a hardware fault and cannot take payments. Please contact support.",
}


def operations(gateway: Gateway) -> Operations:
    """The action operations of /v1/terminal/readers/{reader}."""
    one = "/v1/terminal/readers/{reader}"
    return {
        f"POST {one}/process_payment_intent": processor(gateway),
        f"POST {one}/cancel_action": canceller(gateway),
    }


def processor(gateway: Gateway) -> Handler:
    """POST …/process_payment_intent: the reader shows the amount and waits for a card."""

    def process(call: Call) -> Document:
        reader = call.fetch(KIND, call.path["reader"], param="reader", in_path=True)
        check_usable(gateway, call.tx, reader)
        intent = call.fetch("payment_intent", call.params["payment_intent"], param="payment_intent")
        config = call.params.get("process_config") or {}
        _check_intent(intent)
        _check_place(call, reader, intent)
        _check_tipping(config, intent)
        shown = {name: value for name, value in config.items() if name != "allow_redisplay"}
        details: Document = {"payment_intent": intent["id"]}
        if shown:
            details["process_config"] = shown
        reader["action"] = {
            "api_error": None,
            "failure_code": None,
            "failure_message": None,
            "process_payment_intent": details,
            "status": "in_progress",
            "type": "process_payment_intent",
        }
        serial, action = reader["serial_number"], call.ids.text(16)
        running: dict[str, Any] = {
            "id": serial,
            "action": action,
            "account": call.account.id,
            "reader": reader["id"],
            "type": "process_payment_intent",
            "intent": intent["id"],
            "amount": intent["amount"],
            "currency": intent["currency"],
            "answer": None,
        }
        call.tx.put("", RUNNING, running, created=call.now)
        call.save(reader)
        start = StartAction(
            action,
            "process_payment_intent",
            intent["amount"],
            intent["currency"],
            bool(config.get("enable_customer_cancellation")),
        )
        gateway.to_device(call.tx, serial, start)
        return call.fetch(KIND, reader["id"])

    return process


def canceller(gateway: Gateway) -> Handler:
    """POST …/cancel_action: back to the splash screen; no event, and the intent stays as it is."""

    def cancel(call: Call) -> Document:
        reader = call.fetch(KIND, call.path["reader"], param="reader", in_path=True)
        serial = reader["serial_number"]
        running = call.tx.get("", RUNNING, serial)
        if running is not None and running["reader"] == reader["id"]:
            # A reader that died in mid-payment is reset by this call and by nothing else (§2.4): only busy refuses.
            if gateway.devices.refusal(call.tx, serial) == BUSY:
                raise ApiError(400, "invalid_request_error", REFUSALS[BUSY], code=BUSY)
            call.tx.delete("", RUNNING, serial)
            gateway.to_device(call.tx, serial, CancelAction(running["action"]))
        reader["action"] = None
        return call.save(reader)

    return cancel


def check_usable(gateway: Gateway, tx: Any, reader: Document) -> None:
    """Raises ApiError 400 ``terminal_reader_*`` when the device cannot take a request now."""
    entry = tx.get("", DIRECTORY, reader["serial_number"])
    # A device that was registered anew obeys its new reader object only; the old one never comes online again.
    is_ours = entry is not None and entry["reader"] == reader["id"]
    code = gateway.devices.refusal(tx, reader["serial_number"]) if is_ours else "terminal_reader_offline"
    if code is not None:
        raise ApiError(400, "invalid_request_error", REFUSALS[code], code=code)


def _check_intent(intent: Document) -> None:
    if intent["status"] != "requires_payment_method":
        raise invalid(
            f"This PaymentIntent has status {intent['status']}: it must be in requires_payment_method to be processed "
            "by a reader.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    if not any(kind in intent["payment_method_types"] for kind in IN_PERSON):
        raise invalid(
            "The PaymentIntent must have card_present in its payment_method_types to be processed by a reader.",
            param="payment_intent",
        )


def _check_place(call: Call, reader: Document, intent: Document) -> None:
    location = call.get("terminal.location", reader["location"]) if reader["location"] else None
    country = location["address"]["country"] if location else None
    if country != call.account.country:
        raise invalid(
            f"The reader's location is in {country}, the account in {call.account.country}: register the reader to "
            "a location in the account's country.",
            code="terminal_reader_invalid_location_for_payment",
        )
    local = CURRENCY_OF[call.account.country]
    if intent["currency"] != local:
        raise invalid(
            f"Readers in {country} take payments in {local}, this PaymentIntent is in {intent['currency']}.",
            param="currency",
        )


def _check_tipping(config: Document, intent: Document) -> None:
    eligible = (config.get("tipping") or {}).get("amount_eligible")
    if eligible is None:
        return
    if eligible < 0:
        raise invalid(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param="process_config[tipping][amount_eligible]",
        )
    if eligible > 0 and config.get("skip_tipping"):
        raise invalid(
            "You cannot give an amount eligible for tipping and skip tipping.",
            param="process_config[tipping][amount_eligible]",
        )
