"""Every test card (terminal.md §3.1) and every test amount (§3.2), through the SDK, on readers of several countries."""

from __future__ import annotations

import pytest
from documented_cards import AMOUNTS, COUNTRIES, DECLINES, NOT_TAKEN

from countertop.cards import all_cards

CVM = {
    "offline_pin_cvm": "offline_pin",
    "offline_pin_sca_retry": "offline_pin",
    "online_pin_cvm": "online_pin",
    "online_pin_sca_retry": "online_pin",
}


def only_by_interac(card):
    return card.networks == ("interac",)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_every_card(open_till, country, card):
    till = open_till(country)
    if only_by_interac(card) and country != "CA":
        intent = till.process()
        action = till.present(card.number).action
        assert (action.status, till.status(intent)) == ("failed", "requires_payment_method")
        return
    types = ["card_present", "interac_present"] if country == "CA" else ["card_present"]
    intent = till.process(types=types)
    kind = "interac_present" if only_by_interac(card) else "card_present"
    action = till.present(card.number, kind).action
    seen = till.intents.retrieve(intent, {"expand": ["latest_charge"]})
    if country in NOT_TAKEN.get(card.name, ()):
        assert (action.failure_code, action.api_error.decline_code) == ("card_declined", "card_not_supported")
        assert seen.status == "requires_payment_method"
        return
    if card.name in DECLINES:
        code, decline_code = DECLINES[card.name]
        assert (action.status, action.failure_code, action.api_error.type) == ("failed", code, "card_error")
        assert action.api_error.decline_code == decline_code
        assert (seen.status, seen.last_payment_error.decline_code) == ("requires_payment_method", decline_code)
        return
    assert (action.status, seen.status) == ("succeeded", "succeeded"), action
    details = seen.latest_charge.payment_method_details[kind]
    assert details.last4 == card.last4
    if card.name in CVM:
        assert details.receipt.cardholder_verification_method == CVM[card.name]
    if card.name.endswith("sca_retry"):
        charges = till.client.v1.charges.list({"payment_intent": intent}).data
        assert [charge.status for charge in charges] == ["succeeded", "failed"]
        assert charges[1].payment_method_details.card_present.read_method == "contactless_emv"


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(("amount", "ends"), AMOUNTS.items())
def test_every_amount(open_till, country, amount, ends):
    till = open_till(country)
    intent = till.process(amount)
    action = till.present().action
    if ends is None:
        assert (action.status, till.status(intent)) == ("succeeded", "succeeded")
        return
    code, decline_code = ends
    assert (action.failure_code, action.api_error.decline_code) == (code, decline_code)
    error = till.intents.retrieve(intent).last_payment_error
    assert (error.code, error.decline_code, error.type) == (code, decline_code, "card_error")


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(("amount", "code"), [(1202, "offline_pin_required"), (1203, "online_or_offline_pin_required")])
def test_amounts_that_want_a_pin(open_till, country, amount, code):
    """A customer who is there types 1234; in a market without PIN the decline stays."""
    till = open_till(country, simulated=False)
    intent = till.process(amount)
    till.hands.tap()
    if country == "US":
        assert (till.action().failure_code, till.status(intent)) == (code, "requires_payment_method")
        return
    if till.hands.state == "waiting":
        assert "nsert" in till.hands.screen.text
        till.hands.insert()
    assert till.hands.state == "pin"
    till.hands.enter_pin("1234")
    assert (till.action().status, till.status(intent)) == ("succeeded", "succeeded")
    charges = till.client.v1.charges.list({"payment_intent": intent}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]
    assert charges[1].failure_code == code
    assert charges[0].payment_method_details.card_present.receipt.cardholder_verification_method.endswith("_pin")


def test_two_rightmost_digits_of_a_currency_without_decimals(open_till):
    till = open_till("JP")
    intent = till.process(105)
    assert till.present().action.api_error.decline_code == "generic_decline"
    assert till.status(intent) == "requires_payment_method"


@pytest.mark.parametrize("card", [card for card in all_cards() if card.name in DECLINES], ids=lambda card: card.name)
def test_decline_cards_on_setup_intents(till, card):
    setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"]})
    till.readers.process_setup_intent(till.id, {"setup_intent": setup.id, "allow_redisplay": "always"})
    action = till.present(card.number).action
    assert (action.status, action.failure_code) == ("failed", "setup_intent_authentication_failure")
    seen = till.client.v1.setup_intents.retrieve(setup.id)
    assert (seen.status, seen.last_setup_error.code) == (
        "requires_payment_method",
        "setup_intent_authentication_failure",
    )


def test_the_refund_that_fails_later(bench, till):
    intent = till.process()
    till.present("4000000000005126")
    refund = till.client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    inbox = bench.inbox("refund.failed")
    bench.advance(minutes=5)
    seen = till.client.v1.refunds.retrieve(refund.id)
    assert (seen.status, seen.failure_reason, inbox.types) == (
        "failed",
        "expired_or_canceled_card",
        ["refund.failed"],
    )


def test_a_number_keyed_in(till):
    intent = till.process(types=["card_present", "card"])
    till.helpers.present_payment_method(
        till.id, {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030}}
    )
    charge = till.intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
    assert (charge.payment_method_details.type, charge.payment_method_details.card.exp_year) == ("card", 2030)
