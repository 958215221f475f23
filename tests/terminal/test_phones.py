"""Phones and watches at the reader: what they need of their holder, and what the API tells of them afterwards."""

import pytest

from countertop.cards import find_card
from countertop.errors import ConfigurationError, CountertopError

WALLETS = ("apple_pay", "google_pay", "samsung_pay")


def details(till, intent):
    (charge,) = till.charges(intent)
    return charge.payment_method_details.card_present


@pytest.mark.parametrize("wallet", WALLETS)
@pytest.mark.parametrize("card", ["visa", "mastercard", "amex", "discover"])
def test_a_wallet(till, wallet, card):
    phone = till.bench.phone(wallet, card)
    intent = till.process()
    till.hands.tap(phone)
    seen = details(till, intent)
    assert (till.status(intent), seen.read_method, seen.network) == ("succeeded", "contactless_emv", card)
    assert seen.wallet.type == wallet
    assert seen.last4 == phone.last4 != find_card(card).last4, "the device has a number of its own"
    # Without a limit nobody has to be verified here; kernels 3 and 6 say all the same what the device did.
    assert seen.receipt.cardholder_verification_method == ("approval" if card in ("visa", "discover") else "none")


def test_a_card_is_no_wallet(till):
    intent = till.process()
    till.hands.tap("visa")
    assert getattr(details(till, intent), "wallet", None) is None


def test_two_phones_have_two_numbers_and_the_card_one_account(till):
    numbers = {till.bench.phone(wallet).last4 for wallet in WALLETS} | {find_card("visa").last4}
    assert len(numbers) == 4
    references = set()
    for held in (till.bench.phone("apple_pay"), till.bench.phone("google_pay"), "visa"):
        intent = till.process()
        till.hands.tap(held)
        answers = "".join(e["response"] for e in till.bench.trace(intent)["entries"] if e["kind"] == "apdu")
        references.add(answers.split("9F241D")[1][:58] if "9F241D" in answers else None)
        till.bench.advance(seconds=10)
    assert len(references) == 1


def test_a_locked_phone(till):
    phone = till.bench.phone(locked=True)
    intent = till.process()
    till.hands.tap(phone)
    assert (till.action().status, till.hands.state) == ("in_progress", "waiting")
    assert "phone" in till.hands.screen.text.lower()
    assert till.hands.signals.tone == "alert"
    assert till.charges(intent) == []
    phone.unlock()
    till.hands.tap(phone)
    assert till.status(intent) == "succeeded"


def test_a_phone_that_stays_locked_can_be_left_for_a_card(till):
    intent = till.process()
    till.hands.tap(till.bench.phone(locked=True))
    till.hands.tap("mastercard")
    assert details(till, intent).last4 == "4444"


@pytest.mark.parametrize(("mcc", "pays"), [("4111", True), ("5734", False)])
def test_express_mode_pays_at_the_gates_of_transport_only(bench, open_till, mcc, pays):
    till = open_till("GB", simulated=False)
    bench.configure_account(till.key, mcc=mcc)
    phone = bench.phone(locked=True)
    phone.express = True
    intent = till.process(250)
    till.hands.tap(phone)
    assert till.status(intent) == ("succeeded" if pays else "requires_payment_method")
    if pays:
        assert details(till, intent).receipt.cardholder_verification_method == "none"


@pytest.mark.parametrize("country", ["GB", "DE", "AU", "US"])
@pytest.mark.parametrize("card", ["visa", "mastercard"])
def test_a_phone_pays_any_amount(open_till, country, card):
    till = open_till(country, simulated=False)
    intent = till.process(99_900)
    till.hands.tap(till.bench.phone("apple_pay", card))
    verified = country != "US" or card == "visa"
    assert till.status(intent) == "succeeded"
    assert details(till, intent).receipt.cardholder_verification_method == ("approval" if verified else "none")


def test_saved_cards_of_phones_are_for_this_use_only(till):
    """A device's number is no number to charge later as one likes (terminal.md §2.5)."""
    customer = till.client.v1.customers.create({"name": "Ada"})
    intent = till.process(customer=customer.id, setup_future_usage="off_session", config={"allow_redisplay": "always"})
    till.hands.tap(till.bench.phone())
    generated = details(till, intent).generated_card
    method = till.client.v1.payment_methods.retrieve(generated)
    assert (method.type, method.allow_redisplay) == ("card", "limited")
    assert method.card.generated_from.payment_method_details.card_present.wallet.type == "apple_pay"


@pytest.mark.parametrize(
    ("wallet", "card", "words"),
    [
        ("apple_pay", "interac", "interac"),
        ("apple_pay", "visa_stripe", "visa_stripe"),
        ("apple_pay", "apple_pay:visa", "apple_pay:visa"),
        ("purse", "visa", "purse"),
        ("", "visa", "apple_pay"),
        ("apple_pay", "", ""),
        ("apple_pay", "4242" * 30, ""),
    ],
)
def test_what_no_phone_holds(bench, wallet, card, words):
    with pytest.raises(CountertopError) as raised:
        bench.phone(wallet, card)
    assert words in str(raised.value)
    assert "4242424242424242" not in str(raised.value)


def test_phones_have_no_slot_and_no_stripe(till):
    till.process()
    for how in (till.hands.insert, till.hands.swipe):
        with pytest.raises((ConfigurationError, CountertopError)):
            how("apple_pay:visa")
        assert till.hands.state == "waiting"


def test_a_refund_goes_to_the_device_that_paid(till):
    intent = till.process()
    till.hands.tap(till.bench.phone())
    refund = till.client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
