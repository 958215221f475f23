"""Bank accounts saved as sources of a customer: verified by the two test deposits of test mode."""

from __future__ import annotations

from countertop.api.catalog import Catalog
from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Operations
from countertop.services.generic.shelf import Shelf

ONE = "/v1/customers/{customer}/sources/{id}"
# The amounts of the test deposits that verify a bank account in test mode (Stripe API reference, bank accounts).
TEST_DEPOSITS = [32, 45]


def operations(catalog: Catalog) -> Operations:
    """The one operation on sources that is more than storing them."""
    return {f"POST {ONE}/verify": verifier(Shelf(catalog.by_operation[f"GET {ONE}"]))}


def verifier(shelf: Shelf) -> Handler:
    """POST /v1/customers/{customer}/sources/{id}/verify."""

    def verify(call: Call) -> Document:
        source = shelf.find(call)
        if source["object"] != "bank_account":
            raise invalid(f"{source['id']} is not a bank account and needs no verification.", param="id")
        if source["status"] == "verified":
            raise invalid("This bank account has already been verified.", param="id")
        amounts = call.params.get("amounts")
        if amounts is None:
            raise invalid("Missing required param: amounts.", code="parameter_missing", param="amounts")
        if sorted(amounts) != TEST_DEPOSITS:
            raise invalid(
                "The amounts provided do not match the amounts that were sent to the bank account.", param="amounts"
            )
        source["status"] = "verified"
        shelf.keep(call, source, call.path["customer"])
        return source

    return verify
