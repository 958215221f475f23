"""What an inserted card leaves on the charge: every member from the chip and its issuer (terminal.md §2.8)."""

import pytest

from countertop.cards import all_cards, find_card
from countertop.emv.tlv import parse

AIDS = {
    "visa": "A0000000031010",
    "mastercard": "A0000000041010",
    "amex": "A00000002501",
    "discover": "A0000001523010",
    "diners": "A0000001523010",
    "jcb": "A0000000651010",
    "unionpay": "A000000333010102",
    "interac": "A0000002771010",
    "eftpos_au": "A00000038410",
    "cartes_bancaires": "A0000000421010",
    "girocard": "A0000003591010028001",
}


def paid(till, card: str, pin: bool = False, **options):
    intent = till.process(**options)
    till.hands.insert(card)
    if till.hands.state == "application":
        till.hands.choose("eftpos_au")
    if till.hands.state == "pin":
        till.hands.enter_pin("1234")
    charge = till.client.v1.charges.list({"payment_intent": intent}).data[0]
    till.hands.remove_card()
    till.bench.advance(seconds=10)
    return charge


def test_a_visa_card_in_the_slot(till):
    card = paid(till, "visa").payment_method_details.card_present
    receipt = card.receipt
    assert receipt.application_preferred_name == "Visa Credit"
    assert receipt.dedicated_file_name == "A0000000031010"
    assert receipt.authorization_response_code == "3030"
    assert receipt.terminal_verification_results == "0000008000"
    assert receipt.transaction_status_information == "E800"
    assert receipt.cardholder_verification_method == "none"
    assert receipt.account_type == "credit"
    assert len(receipt.application_cryptogram) == 16
    assert (card.read_method, card.network, card.brand) == ("contact_emv", "visa", "visa")
    assert card.preferred_locales == ["en"]
    objects = {item.tag: item.value for item in parse(bytes.fromhex(card.emv_auth_data))}
    assert objects[0x8A] == b"00"
    assert len(objects[0x91]) == 8


def test_the_cryptogram_is_another_one_each_time(till):
    first, second = paid(till, "visa"), paid(till, "visa")
    names = [charge.payment_method_details.card_present.receipt.application_cryptogram for charge in (first, second)]
    assert names[0] != names[1]


def test_a_decline_has_a_receipt_too(till):
    charge = paid(till, "charge_declined_insufficient_funds")
    receipt = charge.payment_method_details.card_present.receipt
    assert charge.status == "failed"
    assert receipt.authorization_response_code == "3531"
    assert receipt.dedicated_file_name == "A0000000031010"


@pytest.mark.parametrize(
    ("country", "card", "method", "tvr"),
    [
        ("SG", "offline_pin_cvm", "offline_pin", "0000008000"),
        ("AU", "online_pin_cvm", "online_pin", "0000048000"),
    ],
)
def test_pins(open_till, country, card, method, tvr):
    receipt = paid(open_till(country), card).payment_method_details.card_present.receipt
    assert (receipt.cardholder_verification_method, receipt.terminal_verification_results) == (method, tvr)


@pytest.mark.parametrize("name", [card.name for card in all_cards() if card.effect == "standard"])
def test_every_test_card_has_a_chip(open_till, name):
    card = find_card(name)
    home = {"CA": "CA", "AU": "AU", "FR": "FR", "DE": "DE", "JP": "JP"}.get(card.country, "US")
    till = open_till(home)
    types = ["card_present", "interac_present"] if home == "CA" else ["card_present"]
    charge = paid(till, name, types=types)
    details = charge.payment_method_details
    read = details.interac_present if details.type == "interac_present" else details.card_present
    expected = "A0000000980840" if name == "visa_us_common_debit" else AIDS[read.network or "visa"]
    if card.networks[0] == "girocard":
        expected = AIDS["girocard"]  # declined on this reader, but read all the same
    assert read.receipt.dedicated_file_name.startswith(expected)
    assert read.last4 == card.last4
    assert read.receipt.application_cryptogram


def test_three_wrong_pins_block_the_card_for_good(open_till):
    till = open_till("GB")
    intent = till.process()
    till.hands.insert("offline_pin_cvm")
    for left in (2, 1):
        till.hands.enter_pin("9999")
        assert "Wrong PIN" in till.hands.screen.text
        assert till.hands.state == "pin", left
    till.hands.enter_pin("9999")
    assert (till.action().status, till.action().failure_code) == ("failed", "pin_try_exceeded")
    assert till.status(intent) == "requires_payment_method"
    till.hands.remove_card()
    till.bench.advance(seconds=10)
    till.process()
    till.hands.insert("offline_pin_cvm")
    assert till.hands.state != "pin", "its PIN stays blocked"
    assert till.action().status == "failed"


def test_a_wrong_online_pin_is_the_issuers_decline(open_till):
    till = open_till("AU")
    intent = till.process()
    till.hands.insert("online_pin_cvm")
    till.hands.enter_pin("9999")
    assert till.action().failure_code == "card_declined"
    error = till.intents.retrieve(intent).last_payment_error
    assert error.decline_code == "incorrect_pin"


def test_a_bad_cryptogram_is_declined_for_that_reason(till):
    intent = till.process()
    till.hands.insert("visa", ["wrong_arqc"])
    assert till.status(intent) == "requires_payment_method"
    checks = {entry["name"]: entry for entry in till.bench.trace(intent)["entries"] if entry["kind"] == "decision"}
    assert checks["issuer: cryptogram"]["result"] == "wrong"


def test_a_replayed_counter_is_declined(till):
    assert paid(till, "visa").status == "succeeded"
    intent = till.process()
    till.hands.insert("visa", ["replayed_atc"])
    assert till.status(intent) == "requires_payment_method"


def test_a_chip_that_cannot_be_read_falls_back_to_its_stripe(till):
    intent = till.process()
    till.hands.insert("visa", ["mute"])
    assert "try again" in till.hands.screen.text
    till.hands.remove_card()
    till.hands.insert("visa", ["bad_atr"])
    assert "swipe" in till.hands.screen.text
    till.hands.remove_card()
    till.hands.swipe("visa")
    charge = till.client.v1.charges.list({"payment_intent": intent}).data[0]
    assert charge.payment_method_details.card_present.read_method == "magnetic_stripe_fallback"


@pytest.mark.parametrize("fault", ["card_blocked", "application_blocked"])
def test_blocked_cards_are_not_taken(till, fault):
    intent = till.process()
    till.hands.insert("visa", [fault])
    assert till.status(intent) == "requires_payment_method"
    assert till.action().status == "in_progress"
    till.hands.remove_card()
    till.hands.insert("mastercard")
    assert till.status(intent) == "succeeded"


def test_no_pan_is_in_any_trace(open_till):
    till = open_till("SG")
    for card in ("visa", "offline_pin_cvm"):
        paid(till, card)
        text = str(till.bench.trace())
        assert find_card(card).number not in text
        assert "241234FFFFFFFFFF" not in text, "the PIN block of an offline PIN"
        assert "apdu" in text


def test_a_slow_chip_takes_its_time(till):
    intent = till.process()
    before = till.bench.clock.now_ms()
    till.hands.insert("visa", ["slow"])
    assert till.status(intent) == "succeeded"
    assert till.bench.clock.now_ms() - before > 30_000


def test_a_changed_amount_is_in_the_cryptogram(till):
    """The chip covers what the customer sees, tip included."""
    till.tipping(usd={"percentages": [10, 20, 30]})
    intent = till.process(5000)
    till.hands.press("tip_1")
    till.hands.insert("visa")
    assert till.intents.retrieve(intent).amount == 5500
    fields = next(entry["fields"] for entry in till.bench.trace(intent)["entries"] if entry["kind"] == "host")
    assert fields["4 amount, transaction"] == "000000005500"
    assert "9F0206000000005500" in fields["55 ICC data"]


def test_a_chip_is_collected_and_confirmed(open_till):
    till = open_till("GB")
    intent = till.intent()
    till.readers.collect_payment_method(till.id, {"payment_intent": intent.id})
    till.hands.insert("offline_pin_cvm")
    method = till.action().collect_payment_method.payment_method
    assert method.card_present.preferred_locales == ["en"]
    till.readers.confirm_payment_intent(till.id, {"payment_intent": intent.id})
    till.bench.advance(seconds=2)
    assert till.hands.state == "pin"
    till.hands.enter_pin("1234")
    charge = till.client.v1.charges.list({"payment_intent": intent.id}).data[0]
    receipt = charge.payment_method_details.card_present.receipt
    assert (receipt.cardholder_verification_method, charge.payment_method) == ("offline_pin", method.id)


def test_a_chip_is_saved_and_its_wrong_answer_is_not(till):
    def save(*faults: str):
        setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"]})
        till.readers.process_setup_intent(till.id, {"setup_intent": setup.id, "allow_redisplay": "always"})
        till.hands.insert("visa", faults)
        done = till.client.v1.setup_intents.retrieve(setup.id)
        if till.bench.transact(lambda tx: till.bench.devices.state(tx, till.hands.serial)).card_in_slot:
            till.hands.remove_card()
        till.bench.advance(seconds=10)
        return done

    assert save().status == "succeeded"
    assert save("wrong_arqc").status == "requires_payment_method"
    assert till.action().status == "failed"
    last = save("pulled_after:12")
    assert last.status == "requires_payment_method"
    assert till.action().failure_code == "card_removed"


def test_the_same_card_in_two_readers_pays_twice_and_goes_on(open_till):
    till = open_till("GB")
    other = till.bench.reader(key=till.key)
    first = till.process()
    till.hands.insert("offline_pin_cvm")
    second = till.intent()
    till.readers.process_payment_intent(other.id, {"payment_intent": second.id})
    other.insert("offline_pin_cvm")
    other.enter_pin("1234")
    assert till.status(second.id) == "succeeded"
    till.hands.enter_pin("1234")
    assert till.status(first) == "succeeded"
    till.hands.remove_card()
    till.bench.advance(seconds=10)
    assert paid(till, "offline_pin_cvm").status == "succeeded"


def test_no_number_of_a_card_that_was_pulled_out_is_in_the_trace_of_another(till):
    intent = till.process()
    till.hands.insert("visa", ["pulled_after:8"])
    for position in range(3, 9):
        till.hands.insert("mastercard", [f"pulled_after:{position}"])
    till.hands.insert("visa")
    text = str(till.bench.trace(intent))
    assert "mastercard" in text.lower() or "A0000000041010" in text
    for card in ("visa", "mastercard"):
        assert find_card(card).number not in text


def test_an_online_only_terminal_approves_nothing_by_itself(till):
    till.process()
    till.hands.fault("offline")
    till.hands.insert("discover")
    till.hands.fault("offline", False)
    assert till.action().failure_code == "connection_error"
    assert till.bench.trace()["outcome"] == "declined"


def test_a_lost_answer_leaves_no_false_outcome(open_till):
    till = open_till("US", simulated=False)
    intent = till.process()
    till.hands.fault("network_lost")
    till.hands.insert("visa")
    till.bench.advance(minutes=1)
    till.hands.fault("network_lost", False)
    assert till.status(intent) == "succeeded"
    trace = till.bench.trace(intent)
    assert trace["outcome"] == "unfinished"
    assert [entry["result"] for entry in trace["entries"] if entry["name"] == "issuer's answer"] == ["never heard"]
