"""Magnetic stripes: cards that have nothing else, chips that failed, PINs by the service code, and what issuers say.

The table of outcomes is of our own making, from card-hardware.md D and terminal.md §2.8.
"""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countertop.cards import MagneticStripe, find_card
from countertop.cards.stripe import stripe_of

COUNTRIES = ("US", "CA", "GB", "AU", "DE")
TO_THE_ISSUER = {"AU", "DE"}
# Card · what its service code asks for.
STRIPES = {"visa_stripe": "none", "mastercard_stripe": "none", "mastercard_stripe_pin": "online PIN"}
ISSUER = ("approves", "declines", "cannot be asked")


def details(till, intent):
    return till.charges(intent)[0].payment_method_details.card_present


def fail_the_chip(till, card, times=2):
    for _ in range(times):
        till.hands.insert(card, ["mute"])
        till.hands.remove_card()


@pytest.mark.parametrize(("card", "issuer", "country"), list(itertools.product(STRIPES, ISSUER, COUNTRIES)))
def test_the_matrix_of_swipes(open_till, card, issuer, country):
    till = open_till(country, simulated=False)
    till.bench.issuer_down(issuer == "cannot be asked")
    intent = till.process(1205 if issuer == "declines" else 1250)
    till.hands.swipe(card)
    wants_pin = STRIPES[card] == "online PIN" and country in TO_THE_ISSUER
    assert (till.hands.state == "pin") == wants_pin
    if wants_pin:
        till.hands.enter_pin("1234")
    seen = details(till, intent)
    assert seen.read_method == "magnetic_stripe_track2"
    assert (seen.last4, seen.network) == (find_card(card).last4, find_card(card).brand)
    # No network stands in for an issuer whose card cannot prove what it is.
    ends = {
        "approves": "succeeded",
        "declines": "requires_payment_method",
        "cannot be asked": "requires_payment_method",
    }
    assert till.status(intent) == ends[issuer]
    error = till.intents.retrieve(intent).last_payment_error
    codes = {"approves": None, "declines": "generic_decline", "cannot be asked": "issuer_not_available"}
    assert (error and error.decline_code) == codes[issuer]
    assert seen.receipt is None or seen.receipt.dedicated_file_name is None


@pytest.mark.parametrize(
    ("card", "code", "issuer", "country"),
    list(itertools.product(("visa", "mastercard"), ("201", "206"), ISSUER, COUNTRIES)),
)
def test_the_matrix_of_fallback(open_till, card, code, issuer, country):
    till = open_till(country, simulated=False)
    till.bench.issuer_down(issuer == "cannot be asked")
    intent = till.process(1205 if issuer == "declines" else 1250)
    fail_the_chip(till, card)
    assert "wipe" in till.hands.screen.text
    till.hands.swipe(stripe_of(find_card(card), code, 2026))
    wants_pin = code == "206" and country in TO_THE_ISSUER
    assert (till.hands.state == "pin") == wants_pin
    if wants_pin:
        till.hands.enter_pin("1234")
    assert details(till, intent).read_method == "magnetic_stripe_fallback"
    assert till.status(intent) == ("succeeded" if issuer == "approves" else "requires_payment_method")
    decisions = {e["name"]: e["result"] for e in till.bench.trace(intent)["entries"] if e["kind"] == "decision"}
    assert (decisions["fallback"], decisions["service code"]) == ("allowed", code)
    assert decisions["CVM"] == ("online PIN" if wants_pin else "none")


@pytest.mark.parametrize("card", ["visa", "mastercard", "amex", "interac"])
def test_a_chip_card_is_not_swiped(till, card):
    intent = till.process()
    till.hands.swipe(card)
    assert (till.action().status, till.hands.state) == ("in_progress", "waiting")
    assert "nsert" in till.hands.screen.text
    assert till.charges(intent) == []


def test_a_chip_that_failed_once_has_to_be_tried_again(till):
    intent = till.process()
    fail_the_chip(till, "visa", times=1)
    till.hands.swipe("visa")
    assert till.charges(intent) == []
    fail_the_chip(till, "visa", times=1)
    till.hands.swipe("visa")
    assert details(till, intent).read_method == "magnetic_stripe_fallback"


def test_failed_chips_are_forgotten_with_the_sale(till):
    till.process()
    fail_the_chip(till, "visa")
    till.readers.cancel_action(till.id)
    intent = till.process()
    till.hands.swipe("visa")
    assert till.charges(intent) == []
    assert "nsert" in till.hands.screen.text


def test_a_wrong_pin_after_a_swipe(open_till):
    till = open_till("AU", simulated=False)
    intent = till.process()
    till.hands.swipe("mastercard_stripe_pin")
    till.hands.enter_pin("9999")
    assert till.status(intent) == "requires_payment_method"
    assert till.intents.retrieve(intent).last_payment_error.decline_code == "incorrect_pin"


def changed(stripe, at, digit):
    track = stripe.track_2
    return MagneticStripe("", track[:at] + digit + track[at + 1 :])


def test_a_stripe_with_another_verification_value_is_declined(till):
    """Its issuer made the value with a key that nobody else has (CVV, card-hardware.md G.9)."""
    good = stripe_of(find_card("visa_stripe"), "101", 2026)
    where = good.track_2.index("=") + 1 + 4 + 3 + 5
    for digit in "0123456789":
        spoilt = changed(good, where, digit)
        intent = till.process()
        till.hands.swipe(spoilt)
        status = "succeeded" if spoilt.track_2 == good.track_2 else "requires_payment_method"
        assert till.status(intent) == status, digit
        till.bench.advance(seconds=10)


@pytest.mark.parametrize(
    "stripe",
    [
        MagneticStripe(),
        MagneticStripe(track_2=";?"),
        MagneticStripe(track_2="no track"),
        MagneticStripe(track_2=";4242424242424242=?"),
        MagneticStripe(track_2=";4242424242424242=9999101?"),
        MagneticStripe(track_2=";" + "4" * 500 + "=30121010000000000000?"),
        MagneticStripe(track_1="%B4242424242424242^?"),
        MagneticStripe(track_3=";0142424242?"),
        MagneticStripe("\x00" * 79, "\uffff" * 40, "?" * 107),
    ],
)
def test_unreadable_stripes(till, stripe):
    intent = till.process()
    till.hands.swipe(stripe)
    assert (till.action().status, till.hands.state, till.charges(intent)) == ("in_progress", "waiting", [])
    assert "again" in till.hands.screen.text
    till.hands.swipe("visa_stripe")
    assert till.status(intent) == "succeeded"


def test_track_1_will_do_when_track_2_cannot_be_read(till):
    whole = stripe_of(find_card("visa_stripe"), "101", 2026)
    intent = till.process()
    till.hands.swipe(MagneticStripe(track_1=whole.track_1, track_2=";42?"))
    assert till.status(intent) == "succeeded"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=90), st.text(max_size=50), st.text(max_size=120))
def test_hostile_stripes(till, one, two, three):
    intent = till.process()
    till.hands.swipe(MagneticStripe(one, two, three))
    assert till.action().status in ("in_progress", "failed")
    assert till.status(intent) == "requires_payment_method"
    till.readers.cancel_action(till.id) if till.action().status == "in_progress" else till.bench.advance(seconds=10)


def test_the_number_on_a_stripe_is_nowhere_to_be_seen(till):
    intent = till.process()
    till.hands.swipe("visa_stripe")
    assert "4242424242424242" not in str(till.bench.trace(intent))
    assert "4242424242424242" not in str(till.charges(intent))


def test_a_swipe_of_a_saved_card(till):
    customer = till.client.v1.customers.create({"name": "Ada"})
    intent = till.process(customer=customer.id, setup_future_usage="off_session", config={"allow_redisplay": "always"})
    till.hands.swipe("visa_stripe")
    generated = details(till, intent).generated_card
    assert till.client.v1.payment_methods.retrieve(generated).card.last4 == "4242"
