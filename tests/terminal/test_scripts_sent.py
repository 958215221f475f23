"""Scripts on their way to a chip: how many at a time, what is seen of them, and when they count as heard."""

import pytest

from countertop.errors import ConfigurationError, CountertopError
from countertop.network.iso8583 import encode, numbered


def paid(till, faults=()):
    intent = till.process()
    till.hands.insert("visa", list(faults))
    trace = till.bench.trace(intent)
    if till.hands.state in ("result", "remove_card"):
        till.hands.remove_card()
    till.bench.advance(seconds=10)
    return trace


def icc_data(trace) -> str:
    return "".join(
        value
        for entry in trace["entries"]
        if entry["kind"] == "host" and entry["name"] == "authorization response"
        for name, value in entry["fields"].items()
        if name.startswith("55")
    )


@pytest.fixture
def till(open_till):
    return open_till("GB", simulated=False)


def test_a_new_pin_is_not_to_be_seen(till):
    till.bench.issuer_script("visa", "change_pin", pin="4711")
    shown = icc_data(paid(till))
    at = shown.index("842400")
    assert set(shown[at + 10 : at + 26]) == {"*"}


def test_many_scripts_take_several_visits(till):
    for _ in range(12):
        till.bench.issuer_script("visa", "unblock_pin")
    seen = []
    for _ in range(12):
        trace = paid(till)
        fields = next(e["fields"] for e in trace["entries"] if e["name"] == "authorization response")
        sent = icc_data(trace).count("8424")
        assert encode(numbered(fields))
        seen.append(sent)
        if sum(seen) == 12:
            break
    assert sum(seen) == 12
    assert len(seen) > 1


def test_what_a_card_never_heard_is_sent_once_more(till):
    """Pulled out before the last word, it has heard nothing; the approval is reversed."""
    till.bench.issuer_script("visa", "unblock_pin")
    intent = till.process()
    count = commands_before_the_last_word(till)
    till.hands.insert("visa", [f"pulled_after:{count}"])
    assert till.bench.trace(intent)["outcome"] == "removed"
    till.bench.advance(seconds=10)
    assert "8424" in icc_data(paid(till))
    assert "8424" not in icc_data(paid(till)), "and then no more"


def commands_before_the_last_word(till) -> int:
    """How many commands a sale with this card has before the second GENERATE AC."""
    from countertop.bench import Bench

    with Bench() as other:
        other.configure_account(till.key, country=till.country)
        reader = other.reader(key=till.key)
        intent = other.call(
            "POST",
            "/v1/payment_intents",
            {"amount": 1250, "currency": "gbp", "payment_method_types": ["card_present"]},
            key=till.key,
        )
        other.call(
            "POST",
            f"/v1/terminal/readers/{reader.id}/process_payment_intent",
            {"payment_intent": intent["id"]},
            key=till.key,
        )
        reader.insert("visa")
        names = [entry["name"] for entry in other.trace()["entries"] if entry["kind"] == "apdu"]
    return names.index("GENERATE AC (2nd)") - 1


@pytest.mark.parametrize("card", ["visa_stripe", "apple_pay:visa"])
def test_cards_that_hear_no_scripts(bench, card):
    with pytest.raises(CountertopError):
        bench.issuer_script(card, "block_application")


def test_a_script_that_could_never_arrive(bench):
    with pytest.raises(ConfigurationError, match="never reach"):
        bench.issuer_script("visa", "unblock_application")


def test_the_limit_of_the_stand_in_is_in_whole_units(open_till):
    till = open_till("JP", simulated=True)
    till.bench.issuer_down()
    for amount, status in ((50, "succeeded"), (51, "requires_payment_method")):
        intent = till.process(amount)
        till.hands.tap("visa")
        assert till.status(intent) == status
        till.bench.advance(seconds=10)
