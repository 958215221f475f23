"""PaymentMethods: made from a card's number (which goes to the vault), listed, attached, detached."""

from __future__ import annotations

import re
from collections.abc import Callable

from countertop.api.errors import card_error, invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Call, Document, Handler, Listing, Operations, Scope
from countertop.api.shape import complete
from countertop.cards.catalog import UnknownCard, find_card
from countertop.cards.numbers import is_valid_number
from countertop.services.changes import merge
from countertop.services.payments import cards
from countertop.services.payments.method_objects import IN_PERSON, KIND, base, save_card
from countertop.services.payments.sales import Payments

NUMBERS = ("account_number", "iban", "number")
TEST_PREFIX = "pm_card_"
TOKEN_PREFIX = "tok_"
# Names of the API's documentation whose test card goes by another name here.
OTHER_NAMES = {"charge_customer_fail": "charge_declined", "us": "visa", "diners14": "diners_14digits"}
CAPITAL = re.compile("[A-Z]")


def operations(sales: Payments) -> Operations:
    """The operations of /v1/payment_methods."""
    one = "/v1/payment_methods/{payment_method}"
    return {
        "POST /v1/payment_methods": creator(sales),
        "GET /v1/payment_methods": list_methods,
        f"GET {one}": retrieve,
        f"POST {one}": update,
        f"POST {one}/attach": attacher(sales),
        f"POST {one}/detach": detach,
    }


def creator(sales: Payments) -> Handler:
    """POST /v1/payment_methods."""

    def create(call: Call) -> Document:
        if "payment_method" in call.params:
            raise invalid("Cloning a PaymentMethod needs a connected account (Stripe-Account).", param="payment_method")
        return make_card(sales, call, call.params)

    return create


def make_card(sales: Payments, call: Call, params: Document) -> Document:
    """A ``card`` PaymentMethod from its number; another type is stored as it was described."""
    kind = params.get("type", "card")
    method = base(call, kind, params)
    if kind != "card":
        method[kind] = _details(params.get(kind) or {})
        return call.save(complete(KIND, method))
    card = params.get("card")
    if not isinstance(card, dict):
        raise invalid("Missing required param: card.", code="parameter_missing", param="card")
    if "token" in card:
        number, month, year = _test_card(card["token"].removeprefix(TOKEN_PREFIX), call, "card[token]")
    else:
        for name in ("number", "exp_month", "exp_year"):
            if name not in card:
                raise invalid(f"Missing required param: card[{name}].", code="parameter_missing", param=f"card[{name}]")
        number, month, year = card["number"].replace(" ", ""), card["exp_month"], card["exp_year"]
    _check_card(call, number, month, year)
    return save_card(sales, call, method, _describe(sales, call, number, month, year))


def resolve(sales: Payments, call: Call, name: str) -> Document:
    """A payment method by id; ``pm_card_visa`` and its siblings make a fresh one, as in test mode."""
    if name.startswith(TEST_PREFIX) and call.get(KIND, name) is None:
        number, month, year = _test_card(name.removeprefix(TEST_PREFIX), call, "payment_method")
        return save_card(sales, call, base(call, "card"), _describe(sales, call, number, month, year))
    return call.fetch(KIND, name, param="payment_method")


def method_finder(sales: Payments) -> Callable[[Call, str], Document]:
    """:func:`resolve`, for families that know nothing of payments."""
    return lambda call, name: resolve(sales, call, name)


def read_method(sales: Payments, scope: Scope, kind: str, card: cards.Card) -> Document:
    """The ``card_present`` or ``interac_present`` PaymentMethod of a card that met a reader."""
    return save_card(sales, scope, base(scope, kind), card)


def list_methods(call: Call) -> Listing:
    """GET /v1/payment_methods."""
    if "customer" in call.params:
        call.fetch("customer", call.params["customer"], param="customer")
    return list_objects(call, KIND, where=filters_of(call, "customer", "type", "allow_redisplay"))


def retrieve(call: Call) -> Document:
    """GET /v1/payment_methods/{payment_method}."""
    return _of_path(call)


def update(call: Call) -> Document:
    """POST /v1/payment_methods/{payment_method}."""
    before = _of_path(call)
    after = complete(KIND, merge(before, call.params))
    return call.save(after, "payment_method.updated", before) if after != before else after


def attacher(sales: Payments) -> Handler:
    """POST /v1/payment_methods/{payment_method}/attach."""

    def attach(call: Call) -> Document:
        name = call.path["payment_method"]
        method = resolve(sales, call, name) if name.startswith(TEST_PREFIX) else _of_path(call)
        if "customer" not in call.params:
            raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
        customer = call.fetch("customer", call.params["customer"], param="customer")
        if method["type"] in IN_PERSON:
            raise invalid(
                "PaymentMethods of type card_present cannot be attached to customers: save the generated card.",
                param="payment_method",
            )
        if method["customer"] not in (None, customer["id"]):
            raise invalid("The payment method is already attached to a customer.")
        method["customer"] = customer["id"]
        return call.save(method, "payment_method.attached")

    return attach


def detach(call: Call) -> Document:
    """POST /v1/payment_methods/{payment_method}/detach."""
    method = _of_path(call)
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    before = dict(method)
    method["customer"] = None
    return call.save(method, "payment_method.detached", before)


def _details(given: Document) -> Document:
    """What a method of another type shows of itself: an account number only by its last four digits."""
    shown = {name: value for name, value in given.items() if name not in NUMBERS}
    for name in NUMBERS:
        if given.get(name):
            shown["last4"] = given[name][-4:]
    return shown


def _of_path(call: Call) -> Document:
    return call.fetch(KIND, call.path["payment_method"], param="payment_method", in_path=True)


def _describe(sales: Payments, call: Call, number: str, month: int, year: int) -> cards.Card:
    token = sales.vault.tokenize(call.tx, number)
    return cards.describe(sales.vault, call.account.id, number, token, month, year)


def _test_card(name: str, call: Call, param: str) -> tuple[str, int, int]:
    """Number and expiry of a ready-made test card: ``visa``, ``chargeDeclinedLostCard``,
    ``visa_chargeDeclinedLostCard``."""
    wanted = CAPITAL.sub(lambda found: "_" + found[0].lower(), name)
    for spelling in (wanted, wanted.removeprefix("visa_")):
        try:
            known = find_card(OTHER_NAMES.get(spelling, spelling))
        except UnknownCard:
            continue
        month, year = known.expiry(_year(call.now))
        return known.number, month, year
    noun, prefix = ("token", TOKEN_PREFIX) if param == "card[token]" else ("PaymentMethod", TEST_PREFIX)
    raise invalid(f"No such {noun}: '{prefix}{name}'", code="resource_missing", param=param)


def _check_card(call: Call, number: str, month: int, year: int) -> None:
    if not is_valid_number(number):
        raise card_error("Your card number is incorrect.", "incorrect_number", param="number")
    if not 1 <= month <= 12:
        raise card_error("Your card's expiration month is invalid.", "invalid_expiry_month", param="exp_month")
    if year < _year(call.now) or year > _year(call.now) + 50:
        raise card_error("Your card's expiration year is invalid.", "invalid_expiry_year", param="exp_year")


def _year(now: int) -> int:
    # Whole average years are exact enough here: an expiry year is compared, never computed with.
    return 1970 + int(now / 31_556_952)
