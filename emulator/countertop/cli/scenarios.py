"""How each event is made to happen: a short story in API calls and hands on a reader.

Every scenario returns the id of the object that the event is about.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from countertop.accounts import shop_address
from countertop.errors import WaitExpired

if TYPE_CHECKING:
    from countertop.client import ServerClient

Scenario = Callable[["ServerClient"], str]

AMOUNT = 2_000
PATIENCE_S = 30.0
LABEL = "countertop trigger"


def _intent(client: ServerClient, *, method: str | None = None, **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"amount": AMOUNT, "currency": "usd", "payment_method_types": ["card"], **params}
    if method is not None:
        body |= {"payment_method": method, "confirm": True}
    made: dict[str, Any] = client.call("POST", "/v1/payment_intents", body)
    return made


def intent_created(client: ServerClient) -> str:
    """An intent that nobody pays."""
    return str(_intent(client)["id"])


def intent_succeeded(client: ServerClient) -> str:
    """A card that works."""
    return str(_intent(client, method="pm_card_visa")["id"])


def intent_failed(client: ServerClient) -> str:
    """A card that is declined."""
    from countertop.client import RequestRefused

    made = _intent(client)
    try:
        client.call(
            "POST",
            f"/v1/payment_intents/{made['id']}/confirm",
            {"payment_method": "pm_card_visa_chargeDeclined"},
        )
    except RequestRefused as error:
        if error.status != 402:
            raise
    return str(made["id"])


def intent_canceled(client: ServerClient) -> str:
    """An intent is given up."""
    made = _intent(client)
    client.call("POST", f"/v1/payment_intents/{made['id']}/cancel")
    return str(made["id"])


def intent_capturable(client: ServerClient) -> str:
    """A card is authorized, and not yet charged."""
    return str(_intent(client, method="pm_card_visa", capture_method="manual")["id"])


def charge_succeeded(client: ServerClient) -> str:
    """The charge of a paid intent."""
    return str(_intent(client, method="pm_card_visa")["latest_charge"])


def charge_failed(client: ServerClient) -> str:
    """The charge of a declined intent."""
    intent = client.call("GET", f"/v1/payment_intents/{intent_failed(client)}")
    return str(intent["latest_charge"])


def charge_captured(client: ServerClient) -> str:
    """An authorized intent is captured."""
    intent = intent_capturable(client)
    return str(client.call("POST", f"/v1/payment_intents/{intent}/capture")["latest_charge"])


def refund_created(client: ServerClient) -> str:
    """A charge is given back."""
    return str(client.call("POST", "/v1/refunds", {"charge": charge_succeeded(client)})["id"])


def charge_refunded(client: ServerClient) -> str:
    """A charge is given back."""
    charge = charge_succeeded(client)
    client.call("POST", "/v1/refunds", {"charge": charge})
    return charge


def customer_created(client: ServerClient) -> str:
    """A customer signs up."""
    return str(client.call("POST", "/v1/customers", {"name": "Ada Lovelace", "email": "ada@example.com"})["id"])


def customer_updated(client: ServerClient) -> str:
    """A customer changes the name."""
    customer = customer_created(client)
    client.call("POST", f"/v1/customers/{customer}", {"name": "Ada King"})
    return customer


def customer_deleted(client: ServerClient) -> str:
    """A customer leaves."""
    customer = customer_created(client)
    client.call("DELETE", f"/v1/customers/{customer}")
    return customer


def method_attached(client: ServerClient) -> str:
    """A customer's card is kept."""
    params = {"customer": customer_created(client)}
    return str(client.call("POST", "/v1/payment_methods/pm_card_visa/attach", params)["id"])


def reader_succeeded(client: ServerClient) -> str:
    """A sale on a reader of its own."""
    return _sale(client, "visa")


def reader_failed(client: ServerClient) -> str:
    """A declined sale on a reader of its own."""
    return _sale(client, "charge_declined")


def _sale(client: ServerClient, card: str) -> str:
    reader = _reader(client)
    currency = client.call("GET", "/v1/account")["default_currency"]
    intent = _intent(client, payment_method_types=["card_present"], currency=currency)
    client.call("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": intent["id"]})
    client.present(reader, "tap", card)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        action = client.call("GET", f"/v1/terminal/readers/{reader}")["action"]
        if action is None or action["status"] != "in_progress":
            return reader
        time.sleep(0.05)
    raise WaitExpired(f"The sale on {reader} did not end within {PATIENCE_S:g} s.", "Is the clock frozen?")


def _reader(client: ServerClient) -> str:
    for reader in client.pages("/v1/terminal/readers"):
        if reader["label"] == LABEL:
            return str(reader["id"])
    country = client.call("GET", "/v1/account")["country"]
    address = shop_address(country)
    location = client.call("POST", "/v1/terminal/locations", {"display_name": LABEL, "address": address})
    params = {"registration_code": "simulated-wpe", "location": location["id"], "label": LABEL}
    return str(client.call("POST", "/v1/terminal/readers", params)["id"])


SCENARIOS: Final[dict[str, Scenario]] = {
    "charge.captured": charge_captured,
    "charge.failed": charge_failed,
    "charge.refunded": charge_refunded,
    "charge.succeeded": charge_succeeded,
    "customer.created": customer_created,
    "customer.deleted": customer_deleted,
    "customer.updated": customer_updated,
    "payment_intent.amount_capturable_updated": intent_capturable,
    "payment_intent.canceled": intent_canceled,
    "payment_intent.created": intent_created,
    "payment_intent.payment_failed": intent_failed,
    "payment_intent.succeeded": intent_succeeded,
    "payment_method.attached": method_attached,
    "refund.created": refund_created,
    "terminal.reader.action_failed": reader_failed,
    "terminal.reader.action_succeeded": reader_succeeded,
}
