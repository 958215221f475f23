"""A card taken away at each command of a tap: nothing was asked or taken, the reader wants a card, and the sale goes on.

No kernel here asks the card anything after the issuer, so that a tap is never torn behind its authorization.
"""

import pytest

CARDS = {
    "kernel 3": "visa",
    "kernel 2": "mastercard",
    "kernel 2 in stripe mode": "mastercard_stripe_mode",
    "kernel 4": "amex",
    "kernel 6": "discover",
    "a phone, kernel 3": "apple_pay:visa",
    "a phone, kernel 2": "google_pay:mastercard",
}


def commands(trace) -> list[str]:
    return [entry["name"] for entry in trace["entries"] if entry["kind"] == "apdu"]


@pytest.fixture(params=CARDS.values(), ids=CARDS)
def card(request):
    return request.param


@pytest.fixture
def positions(till, card) -> int:
    """How many commands a tap with this card has, without its answer to select."""
    till.process()
    till.hands.tap(card)
    names = commands(till.bench.trace())
    till.bench.advance(seconds=10)
    assert names[0] == "answer to select"
    return len(names) - 1


def test_every_position(till, card, positions):
    assert positions >= 3
    for position in range(positions):
        intent = till.process()
        till.hands.tap(card, [f"pulled_after:{position}"])
        assert till.status(intent) == "requires_payment_method", position
        assert till.charges(intent) == [], position
        assert (till.action().status, till.hands.state) == ("in_progress", "waiting"), position
        assert "again" in till.hands.screen.text.lower(), till.hands.screen.text
        assert (till.hands.signals.tone, "tap" in till.hands.signals.armed) == ("alert", True)
        till.hands.tap(card)
        assert till.status(intent) == "succeeded", position
        assert len(till.charges(intent)) == 1
        entries = till.bench.trace(intent)["entries"]
        assert [entry["name"] for entry in entries if entry["kind"] == "outcome"] == ["removed", "approved"]
        assert [entry["name"] for entry in entries if entry["kind"] == "host"] == [
            "authorization",
            "authorization response",
        ]
        till.bench.advance(seconds=10)


def test_the_card_remembers_what_came_to_nothing(till):
    """Every torn tap that got as far as that costs the card a transaction counter; the issuer takes what follows."""
    counters = []
    for _ in range(2):
        intent = till.process()
        # PPSE, application and processing options; kernel 3's cryptogram is in the last of them.
        till.hands.tap("visa", ["pulled_after:2"])
        till.hands.tap("visa")
        assert till.status(intent) == "succeeded"
        answers = [entry["response"] for entry in till.bench.trace(intent)["entries"] if entry["kind"] == "apdu"]
        (counter,) = {answer.split("9F3602")[1][:4] for answer in answers if "9F3602" in answer}
        counters.append(int(counter, 16))
        till.bench.advance(seconds=10)
    assert counters[0] < counters[1]


def test_twice_taken_away_the_reader_wants_the_chip(till):
    intent = till.process()
    for _ in range(2):
        till.hands.tap("visa", ["pulled_after:2"])
    assert "nsert" in till.hands.screen.text
    till.hands.insert("visa")
    assert till.status(intent) == "succeeded"
    assert till.charges(intent)[0].payment_method_details.card_present.read_method == "contact_emv"


def test_another_card_may_follow_the_one_that_was_taken_away(till):
    intent = till.process()
    till.hands.tap("visa", ["pulled_after:2"])
    till.hands.tap("mastercard")
    (charge,) = till.charges(intent)
    assert charge.payment_method_details.card_present.last4 == "4444"


def test_a_card_taken_away_after_the_last_command_has_paid(till, card, positions):
    intent = till.process()
    till.hands.tap(card, [f"pulled_after:{positions}"])
    assert till.status(intent) == "succeeded", "nothing more is asked of it"


def test_cancelled_after_a_torn_tap(till):
    intent = till.process()
    till.hands.tap("visa", ["pulled_after:2"])
    till.readers.cancel_action(till.id)
    assert till.status(intent) == "requires_payment_method"
    assert till.hands.state == "idle"
    again = till.process()
    till.hands.tap("visa")
    assert till.status(again) == "succeeded"


@pytest.mark.parametrize("fault", ["mute", "slow"])
def test_cards_with_other_faults(till, fault):
    intent = till.process()
    till.hands.tap("visa", [fault])
    if till.hands.state == "waiting":
        till.hands.tap("visa")
    assert till.status(intent) == "succeeded"
