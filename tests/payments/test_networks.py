"""Which network a card runs on, and which cards a country takes (terminal.md §2.7, §5.1, §5.4)."""

from __future__ import annotations

import pytest

from countertop.services.payments.networks import choice_networks

PRESENT = ["card_present"]
INTERAC = ["card_present", "interac_present"]
CONTACT, CONTACTLESS = "contact_emv", "contactless_emv"


def network_of(charge):
    details = charge["payment_method_details"]
    return details[details["type"]]["network"]


def options(capture=None, priority=None):
    card = {"capture_method": capture} if capture else {}
    if priority:
        card["routing"] = {"requested_priority": priority}
    return {"payment_method_options": {"card_present": card}} if card else {}


# --- eftpos (AU) --------------------------------------------------------------------------------------------------

EFTPOS = [
    # capture, contact, cardholder's choice, requested priority -> network
    (None, CONTACTLESS, None, None, "eftpos_au"),
    (None, CONTACT, "eftpos_au", None, "eftpos_au"),
    (None, CONTACT, "visa", None, "visa"),
    (None, CONTACTLESS, None, "international", "visa"),
    ("manual_preferred", CONTACTLESS, None, None, "visa"),
    ("manual_preferred", CONTACT, "eftpos_au", None, "eftpos_au"),
    ("manual_preferred", CONTACT, "visa", None, "visa"),
    ("manual_preferred", CONTACTLESS, None, "domestic", "eftpos_au"),
    ("manual", CONTACTLESS, None, None, "visa"),
    ("manual", CONTACT, None, None, "visa"),
]


@pytest.mark.parametrize(("capture", "read", "choice", "priority", "network"), EFTPOS)
def test_routing_of_a_card_with_eftpos(till, counter, capture, read, choice, priority, network):
    shop = counter("AU")
    intent = till.intent(currency="aud", payment_method_types=PRESENT, **options(capture, priority))
    after, charge = shop.pay(intent, "eftpos_au_visa_debit", read=read, network=choice)
    assert network_of(charge) == network
    assert network_of(till.charge(after)) == network
    held = capture is not None and network == "visa"
    assert after["status"] == ("requires_capture" if held else "succeeded")


@pytest.mark.parametrize("capture", [None, "manual_preferred"])
def test_eftpos_alone_is_captured_at_once(till, counter, capture):
    intent = till.intent(currency="aud", payment_method_types=PRESENT, **options(capture))
    after, charge = counter("AU").pay(intent, "eftpos_au_debit")
    assert (after["status"], charge["captured"], network_of(charge)) == ("succeeded", True, "eftpos_au")
    assert till.post("/v1/refunds", payment_intent=after["id"])["status"] == "succeeded"


@pytest.mark.parametrize("how", [{"capture_method": "manual"}, options("manual")])
def test_a_single_message_cannot_be_held(till, counter, how):
    intent = till.intent(currency="aud", payment_method_types=PRESENT, **how)
    after, charge = counter("AU").pay(intent, "eftpos_au_debit")
    assert (after["status"], charge["failure_code"]) == ("requires_payment_method", "card_declined")
    assert charge["outcome"]["network_status"] == "not_sent_to_network"


def test_a_card_that_was_forced_onto_a_single_message_cannot_be_held_either(till, counter):
    intent = till.intent(currency="aud", payment_method_types=PRESENT, **options("manual", "domestic"))
    after, charge = counter("AU").pay(intent, "eftpos_au_visa_debit")
    assert (after["status"], network_of(charge)) == ("requires_payment_method", "eftpos_au")


@pytest.mark.parametrize("mcc", ["6010", "7297"])
def test_lines_of_business_without_eftpos(till, counter, mcc):
    intent = till.intent(currency="aud", payment_method_types=PRESENT)
    _, charge = counter("AU", mcc=mcc).pay(intent, "eftpos_au_visa_debit")
    assert network_of(charge) == "visa"


# --- whom the reader asks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "how", "asked"),
    [
        ("AU", {}, ("eftpos_au",)),
        ("AU", options("manual_preferred"), ("eftpos_au",)),
        ("AU", options("manual"), ()),
        ("AU", {"capture_method": "manual"}, ()),
        ("AU", options(priority="international"), ()),
        ("FR", options("manual", "international"), ("cartes_bancaires",)),
        ("DE", {}, ("girocard",)),
        ("US", {}, ()),
        ("CA", {}, ()),
    ],
)
def test_networks_that_a_cardholder_chooses_between(till, counter, country, how, asked):
    shop = counter(country)
    intent = till.intent(currency=shop.account.default_currency, payment_method_types=PRESENT, **how)
    assert choice_networks(intent, shop.account) == asked


# --- Cartes Bancaires and girocard --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "choice", "priority", "unsupported", "network"),
    [
        ("FR", None, None, (), "cartes_bancaires"),
        ("FR", None, "international", (), "visa"),
        ("FR", "cartes_bancaires", "international", (), "cartes_bancaires"),
        ("FR", "visa", "domestic", (), "visa"),
        ("FR", None, "domestic", ("cartes_bancaires", "girocard"), "visa"),
        ("DE", None, None, (), "visa"),
    ],
)
def test_routing_of_a_card_with_cartes_bancaires(till, counter, country, choice, priority, unsupported, network):
    intent = till.intent(
        currency="eur", payment_method_types=PRESENT, capture_method="manual", **options(priority=priority)
    )
    after, charge = counter(country).pay(
        intent, "cartes_bancaires_visa_debit", read=CONTACT, network=choice, unsupported=unsupported
    )
    assert network_of(charge) == network
    assert after["status"] == "requires_capture"


def test_girocard_needs_a_reader_that_knows_it(till, counter):
    shop = counter("DE")
    intent = till.intent(currency="eur", payment_method_types=PRESENT)
    failed, charge = shop.pay(intent, "girocard_debit", unsupported=("girocard",))
    assert failed["last_payment_error"]["decline_code"] == "card_not_supported"
    assert charge["status"] == "failed"
    paid, charge = shop.pay(failed, "girocard_debit", read=CONTACT)
    assert (paid["status"], network_of(charge)) == ("succeeded", "girocard")


# --- Interac ------------------------------------------------------------------------------------------------------


def test_interac_is_captured_at_once_and_its_details_lack_what_only_credit_has(till, counter):
    intent = till.intent(currency="cad", payment_method_types=INTERAC, **options("manual_preferred"))
    after, _ = counter("CA").pay(intent, "interac")
    charge = till.charge(after)
    assert (after["status"], charge["captured"]) == ("succeeded", True)
    details = charge["payment_method_details"]["interac_present"]
    assert (details["network"], details["receipt"]["account_type"]) == ("interac", "checking")
    for name in ("amount_authorized", "brand_product", "capture_before", "incremental_authorization_supported",
                 "overcapture_supported", "offline", "wallet"):  # fmt: skip
        assert name not in details
    one = f"/v1/payment_intents/{after['id']}"
    assert till.refused(f"{one}/capture") == (400, "payment_intent_unexpected_state")
    assert till.refused(f"{one}/cancel") == (400, "payment_intent_unexpected_state")
    assert till.refused("/v1/refunds", payment_intent=after["id"])[0] == 400


def test_interac_under_manual_capture_is_declined(till, counter):
    intent = till.intent(currency="cad", payment_method_types=INTERAC, **options("manual"))
    after, charge = counter("CA").pay(intent, "interac")
    assert after["status"] == "requires_payment_method"
    assert (charge["failure_code"], after["last_payment_error"]["decline_code"]) == ("card_declined", "generic_decline")


def test_interac_needs_its_type(till, counter):
    intent = till.intent(currency="cad", payment_method_types=PRESENT)
    problem = counter("CA").pay(intent, "interac")
    assert problem["code"] == "payment_intent_incompatible_payment_method"
    assert till.get(f"/v1/payment_intents/{intent['id']}") == intent


def test_other_cards_of_an_interac_intent_can_be_held(till, counter):
    intent = till.intent(currency="cad", payment_method_types=INTERAC, **options("manual_preferred"))
    after, _ = counter("CA").pay(intent, "visa")
    assert after["status"] == "requires_capture"


# --- brands by country --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "card", "taken"),
    [
        ("MY", "amex", False), ("MY", "visa", True), ("JP", "diners", False), ("JP", "discover", True),
        ("JP", "jcb", True), ("US", "unionpay", True), ("GB", "unionpay", False), ("SG", "discover", False),
        ("GB", "amex", True), ("FR", "jcb", False), ("NZ", "eftpos_au_debit", False), ("US", "girocard_debit", False),
        ("NZ", "eftpos_au_visa_debit", True), ("US", "interac", False),
    ],
)  # fmt: skip
def test_brands_that_a_country_takes(till, counter, country, card, taken):
    shop = counter(country)
    types = INTERAC if card == "interac" else PRESENT
    intent = till.intent(currency=shop.account.default_currency, payment_method_types=types)
    after, charge = shop.pay(intent, card)
    assert charge["paid"] is taken
    if not taken:
        assert after["last_payment_error"]["decline_code"] == "card_not_supported"
        till.charge(after)
