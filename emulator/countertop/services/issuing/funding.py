"""Money for cards: funding instructions, the test helper that funds at once, and top-ups (issuing.md §9.2, §9.3).

Both ways work in every currency, for every account: what differs from Stripe here is on purpose.
"""

from __future__ import annotations

from countertop.api.catalog import load
from countertop.api.errors import invalid
from countertop.api.lists import page_of
from countertop.api.render import encode
from countertop.api.scope import Call, Document, Listing, Operations, Result, Scope
from countertop.api.shape import complete
from countertop.iso_codes import CURRENCIES
from countertop.services.changes import unset
from countertop.services.generic import operation_for
from countertop.services.issuing import issuing_balance
from countertop.services.issuing.bank_addresses import COUNTRIES, TYPE_OF, address_for

TOPUP = "topup"
TOPUPS = "POST /v1/topups"
OBJECT = "funding_instructions"
ROWS = "_issuing_funding"
"""Rows ``{id: currency, type}``: which instructions an account has asked for."""
MADE = frozenset(("source", "payment_method", "payment_method_options"))


def operations(_room: object) -> Operations:
    """Funding instructions, the helper that follows them, and top-ups with ``destination_balance``."""
    return {
        "POST /v1/issuing/funding_instructions": create_instructions,
        "GET /v1/issuing/funding_instructions": list_instructions,
        "POST /v1/test_helpers/issuing/fund_balance": fund_balance,
        TOPUPS: create_topup,
    }


def fund(scope: Scope, amount: int, currency: str, *, source: str | None = None) -> Document:
    """Add ``amount`` minor units to the Issuing balance; returns the balance transaction."""
    return issuing_balance.book(scope, "topup", amount, currency, source, "Funds for the Issuing balance")


def create_instructions(call: Call) -> Document:
    """POST /v1/issuing/funding_instructions: the same for the same currency, however often."""
    currency, kind = _currency(call), call.params["bank_transfer"]["type"]
    if call.params["funding_type"] != "bank_transfer":
        raise invalid("Invalid funding_type: must be bank_transfer", param="funding_type")
    if kind not in TYPE_OF.values():
        raise invalid(
            f"Invalid bank_transfer[type]: must be one of {', '.join(sorted(TYPE_OF.values()))}",
            param="bank_transfer[type]",
        )
    call.tx.put(call.account.id, ROWS, {"id": currency, "type": kind}, created=call.now)
    return instructions(call, currency, kind)


def list_instructions(call: Call) -> Listing:
    """GET /v1/issuing/funding_instructions."""
    rows = [call.tx.get(call.account.id, ROWS, name) for name, _ in call.tx.each(call.account.id, ROWS)]
    shown = [(row["id"], encode(instructions(call, row["id"], row["type"]))) for row in rows if row is not None]
    return page_of(call, OBJECT, shown)


def fund_balance(call: Call) -> Document:
    """POST /v1/test_helpers/issuing/fund_balance: as if somebody had followed the instructions."""
    currency, amount = _currency(call), call.params["amount"]
    if amount <= 0:
        raise invalid("amount must be greater than 0.", code="parameter_invalid_integer", param="amount")
    fund(call, amount, currency)
    row = call.tx.get(call.account.id, ROWS, currency)
    return instructions(call, currency, row["type"] if row is not None else _usual_type(currency))


def instructions(scope: Scope, currency: str, kind: str) -> Document:
    """The bank details to send money of a currency to."""
    return {
        "object": OBJECT,
        "bank_transfer": {
            "country": COUNTRIES[kind],
            "financial_addresses": [address_for(kind, scope.account, currency)],
            "type": kind,
        },
        "currency": currency,
        "funding_type": "bank_transfer",
        "livemode": False,
    }


def create_topup(call: Call) -> Result:
    """POST /v1/topups: one for the Issuing balance succeeds at once, any other is as without Issuing."""
    destination = call.params.get("destination_balance")
    if destination is None:
        endpoint = next(one for one in load().endpoints if one.operation == TOPUPS)
        generic = operation_for(endpoint)
        assert generic is not None, "every v1 endpoint has a generic operation"
        return generic(call)
    if destination != "issuing":
        raise invalid("Invalid destination_balance: must be issuing", param="destination_balance")
    currency, amount = _currency(call), call.params["amount"]
    if amount <= 0:
        raise invalid("amount must be greater than 0.", code="parameter_invalid_integer", param="amount")
    given = {name: value for name, value in unset(call.params).items() if name not in MADE | {"destination_balance"}}
    topup = complete(
        TOPUP,
        given
        | {
            "id": call.new_id(TOPUP),
            "object": TOPUP,
            "created": call.now,
            "currency": currency,
            "expected_availability_date": call.now,
            "livemode": False,
            "status": "pending",
        },
    )
    call.save(topup, "topup.created")
    topup = topup | {
        "balance_transaction": fund(call, amount, currency, source=topup["id"])["id"],
        "status": "succeeded",
    }
    return call.save(topup, "topup.succeeded")


def _currency(call: Call) -> str:
    currency = str(call.params["currency"]).lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency[:20]}.", param="currency")
    return currency


def _usual_type(currency: str) -> str:
    return TYPE_OF.get(currency, "us_bank_transfer")
