"""A card pulled out at each command of a contact sale: intent, charge, trace and reader end as docs/readers.md says."""

import pytest

from countertop.cards import Presentation, find_card

# Of the commands of a sale, the last is the second GENERATE AC; the issuer is asked right before it.
LAST = "GENERATE AC (2nd)"


@pytest.fixture(scope="module")
def positions() -> int:
    """How many commands a sale has."""
    from countertop.bench import Bench

    with Bench() as bench:
        bench.configure_account("sk_test_counter", country="US")
        reader = bench.reader()
        intent = bench.call(
            "POST", "/v1/payment_intents", {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
        )
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
        reader.insert("visa")
        names = [entry["name"] for entry in bench.trace()["entries"] if entry["kind"] == "apdu"]
    assert names[0] == "answer to reset"
    assert names[-1] == LAST
    return len(names) - 1


def test_every_position(till, positions):
    assert positions > 10
    for position in range(positions):
        last = position == positions - 1
        intent = till.process()
        till.hands.insert("visa", [f"pulled_after:{position}"])
        action = till.action()
        charges = till.client.v1.charges.list({"payment_intent": intent}).data
        assert till.status(intent) == "requires_payment_method", position
        assert charges == [], position
        if last:
            # The bank had approved: that is reversed, and the action is over.
            assert (action.status, action.failure_code) == ("failed", "card_removed")
            trace = till.bench.trace(intent)
            assert trace["outcome"] == "removed"
            assert [entry["name"] for entry in trace["entries"] if entry["kind"] == "host"] == [
                "authorization",
                "authorization response",
                "reversal",
                "reversal response",
            ]
            till.bench.advance(seconds=10)
        else:
            # Nobody was asked: the reader wants the card again, and the sale goes on.
            assert (action.status, till.hands.state) == ("in_progress", "waiting"), position
            assert "removed too early" in till.hands.screen.text
        again = intent
        if last:
            till.readers.process_payment_intent(till.id, {"payment_intent": intent})
        till.hands.insert("visa")
        assert till.status(again) == "succeeded", position
        (charge,) = till.client.v1.charges.list({"payment_intent": again}).data
        assert charge.payment_method_details.card_present.receipt.terminal_verification_results == "0000008000"
        trace = till.bench.trace(again)
        ends = [entry["name"] for entry in trace["entries"] if entry["kind"] == "outcome"]
        assert ends[-1] == "approved"
        assert last or ends == ["removed", "approved"]
        till.hands.remove_card()


def test_the_card_remembers_the_transactions_that_came_to_nothing(till):
    till.process()
    till.hands.insert("visa", ["pulled_after:8"])
    till.hands.insert("visa")
    numbers = [entry["response"] for entry in till.bench.trace()["entries"] if entry.get("name") == "GENERATE AC (2nd)"]
    assert "9F36020002" in numbers[0], "the second transaction of this card"


def test_pulled_by_hand_while_the_pin_is_wanted(open_till):
    till = open_till("GB")
    intent = till.process()
    till.hands.insert("offline_pin_cvm")
    assert till.hands.state == "pin"
    till.hands.remove_card()
    assert (till.hands.state, till.action().status) == ("waiting", "in_progress")
    till.hands.insert("offline_pin_cvm")
    till.hands.enter_pin("1234")
    assert till.status(intent) == "succeeded"


def test_pulled_while_a_script_runs_after_the_last_word(till, positions):
    till.bench.issuer_script("visa", "block_application")
    intent = till.process()
    till.hands.insert("visa", [f"pulled_after:{positions}"])
    assert till.status(intent) == "succeeded", "the card has given its TC"
    trace = till.bench.trace(intent)
    assert trace["outcome"] == "approved"
    assert [entry["result"] for entry in trace["entries"] if entry["name"] == "script"] == ["failed"]


@pytest.mark.parametrize("how", ["tap", "insert", "helper"])
def test_an_insert_that_was_never_committed(till, how):
    intent = till.process()
    shown = Presentation("insert", find_card("visa"))

    def fails(tx):
        till.bench.devices.present(tx, till.hands.serial, shown)
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        till.bench.transact(fails)
    assert till.hands.state == "waiting"
    if how == "helper":
        till.present()
    else:
        getattr(till.hands, how)("visa")
    assert till.status(intent) == "succeeded"


def test_a_pin_that_was_never_committed_wants_the_card_once_more(open_till):
    till = open_till("GB")
    intent = till.process()
    till.hands.insert("offline_pin_cvm")

    def fails(tx):
        till.bench.devices.enter_pin(tx, till.hands.serial, "1234")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        till.bench.transact(fails)
    assert till.hands.state == "pin"
    till.hands.enter_pin("1234")
    assert "try again" in till.hands.screen.text
    till.hands.remove_card()
    till.hands.insert("offline_pin_cvm")
    till.hands.enter_pin("1234")
    assert till.status(intent) == "succeeded"
