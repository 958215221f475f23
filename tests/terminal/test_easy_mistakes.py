"""What is easy to get wrong, each point of terminal.md §7 (but no. 10, the hardware shop) through the SDK."""

from __future__ import annotations

import pytest
import stripe

from countertop.cards import Presentation, find_card

INTERAC = "4506445006931933"


def test_01_last_seen_at_is_milliseconds(bench, till):
    seen = till.readers.retrieve(till.id).last_seen_at
    assert abs(seen - bench.clock.now_ms()) < 120_000


def test_02_a_second_process_before_the_card_replaces_the_first(till):
    first, second = till.process(1000), till.process(2000)
    assert till.action().process_payment_intent.payment_intent == second
    till.present()
    assert (till.status(first), till.status(second)) == ("requires_payment_method", "succeeded")


def test_02_busy_only_while_a_card_is_being_processed(bench, till):
    till.process()
    shown = Presentation("tap", find_card("visa"))
    bench.transact(lambda tx: bench.devices.present(tx, till.hands.serial, shown))
    bench.advance(milliseconds=601)
    assert till.hands.state == "authorizing"
    for call in (lambda: till.process(), lambda: till.readers.cancel_action(till.id)):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call()
        assert (caught.value.http_status, caught.value.code) == (400, "terminal_reader_busy")
    bench.advance(seconds=2)
    assert till.action().status == "succeeded"


def test_03_cancel_action_sends_no_event_and_leaves_the_intent(bench, till):
    intent = till.process()
    before = till.intents.retrieve(intent).to_dict()
    inbox = bench.inbox()
    assert till.readers.cancel_action(till.id).action is None
    assert inbox.types == []
    assert till.intents.retrieve(intent).to_dict() == before


def test_04_connection_tokens_have_no_id_no_livemode_and_a_location_only_when_scoped(till):
    tokens = till.client.v1.terminal.connection_tokens
    plain = tokens.create().to_dict()
    assert set(plain) == {"object", "secret"}
    place = till.readers.retrieve(till.id).location
    assert set(tokens.create({"location": place}).to_dict()) == {"object", "secret", "location"}


def test_05_spelling_of_device_types(bench, till):
    assert till.readers.retrieve(till.id).device_type == "simulated_wisepos_e"
    assert till.readers.list({"device_type": "verifone_P400"}).data == []
    with pytest.raises(stripe.InvalidRequestError):
        till.readers.list({"device_type": "verifone_p400"})
    made = till.client.v1.terminal.configurations.create({"verifone_p400": {}, "name": "x"})
    assert made.id.startswith("tmc_")


def test_06_an_action_holds_only_its_own_hash_and_no_api_error_for_a_failure_at_the_reader(till):
    till.process(config={"enable_customer_cancellation": True})
    till.hands.press("cancel")
    action = till.action().to_dict()
    assert set(action) == {
        "api_error", "failure_code", "failure_message", "process_payment_intent", "status", "type",
    }  # fmt: skip
    assert (action["failure_code"], action["api_error"]) == ("customer_canceled", None)


def test_07_after_a_decline_the_intent_wants_a_payment_method_again(till):
    intent = till.process()
    till.present("4000000000000002")
    seen = till.intents.retrieve(intent)
    assert (seen.status, seen.last_payment_error.code) == ("requires_payment_method", "card_declined")


class TestInterac:
    """No. 8."""

    types = ["card_present", "interac_present"]

    @pytest.fixture
    def canada(self, open_till):
        return open_till("CA")

    def pay(self, canada, **options):
        intent = canada.process(types=self.types, **options)
        canada.present(INTERAC, "interac_present")
        return intent

    def test_08_manual_capture_means_decline(self, canada):
        options = {"card_present": {"capture_method": "manual_preferred"}}
        assert canada.status(self.pay(canada, payment_method_options=options)) == "succeeded"
        with pytest.raises(stripe.InvalidRequestError):
            canada.intent(types=self.types, capture_method="manual")

    def test_08_no_capture_afterwards(self, canada):
        intent = self.pay(canada)
        with pytest.raises(stripe.InvalidRequestError):
            canada.intents.capture(intent)
        with pytest.raises(stripe.InvalidRequestError):
            canada.intents.cancel(intent)

    def test_08_no_refund_online_but_in_person(self, canada):
        intent = self.pay(canada)
        with pytest.raises(stripe.InvalidRequestError, match="in person"):
            canada.client.v1.refunds.create({"payment_intent": intent})
        canada.readers.refund_payment(canada.id, {"payment_intent": intent, "amount": 500})
        assert "refund" not in canada.action().refund_payment
        canada.present(INTERAC, "interac_present")
        done = canada.action().refund_payment
        assert canada.client.v1.refunds.retrieve(done.refund).amount == 500

    @pytest.mark.parametrize("digits", ["01", "05", "55", "65", "75"])
    def test_08_partial_refunds_decline_by_their_last_digits(self, canada, digits):
        intent = self.pay(canada)
        canada.readers.refund_payment(canada.id, {"payment_intent": intent, "amount": int(f"5{digits}")})
        action = canada.present(INTERAC, "interac_present").action
        assert (action.status, "refund" in action.refund_payment) == ("failed", False)
        assert canada.client.v1.refunds.list({"payment_intent": intent}).data == []

    def test_08_another_card_gets_no_refund(self, canada):
        intent = self.pay(canada)
        canada.readers.refund_payment(canada.id, {"payment_intent": intent})
        assert canada.present("4242424242424242").action.status == "failed"

    def test_08_above_100_dollars_the_chip_is_wanted(self, open_till):
        canada = open_till("CA", simulated=False)
        intent = canada.process(10_001, types=self.types)
        canada.hands.tap("interac")
        assert "insert" in canada.hands.screen.text.lower()
        canada.hands.insert("interac")
        canada.hands.enter_pin("1234")
        details = canada.intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge.payment_method_details
        assert details.interac_present.read_method == "contact_emv"

    def test_08_other_brands_are_refunded_online(self, canada):
        intent = canada.process()
        canada.present()
        with pytest.raises(stripe.InvalidRequestError):
            canada.readers.refund_payment(canada.id, {"payment_intent": intent})
        assert canada.client.v1.refunds.create({"payment_intent": intent}).status == "succeeded"


class TestTips:
    """No. 9."""

    offer = {"usd": {"percentages": [15, 20, 25]}}

    def test_09_the_amount_changes_only_at_confirmation(self, till):
        till.tipping(**self.offer)
        intent = till.intent(1000)
        till.readers.collect_payment_method(till.id, {"payment_intent": intent.id})
        till.present(amount_tip=150)
        assert till.intents.retrieve(intent.id).amount == 1000
        till.readers.confirm_payment_intent(till.id, {"payment_intent": intent.id})
        till.bench.advance(seconds=5)
        paid = till.intents.retrieve(intent.id, {"expand": ["latest_charge"]})
        assert (paid.status, paid.amount, paid.amount_details.tip.amount) == ("succeeded", 1150, 150)
        charge = paid.latest_charge
        details = charge.payment_method_details.card_present
        assert (charge.amount, charge.amount_captured, details.amount_authorized) == (1150, 1150, 1150)

    def test_09_tip_is_empty_zero_or_an_amount(self, till):
        def tip_of(**options):
            intent = till.process(1000)
            till.present(**options)
            return till.intents.retrieve(intent).amount_details.to_dict().get("tip", {})

        assert tip_of() in ({}, None)
        till.tipping(**self.offer)
        assert tip_of() == {"amount": 0}
        assert tip_of(amount_tip=0) == {"amount": 0}
        assert tip_of(amount_tip=200) == {"amount": 200}

    def test_09_decline_digits_look_at_the_total(self, till):
        till.tipping(**self.offer)
        intent = till.process(1000)
        assert till.present(amount_tip=105).action.failure_code == "card_declined"
        assert till.intents.retrieve(intent).amount == 1000


def test_11_response_codes_are_the_hexadecimal_of_two_characters(till):
    intent = till.process()
    till.present()
    charge = till.intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
    assert charge.payment_method_details.card_present.receipt.authorization_response_code == "3030"


def test_12_japan_takes_kana_or_kanji_and_no_address(till):
    locations = till.client.v1.terminal.locations
    made = locations.create({"display_name_kana": "ミセ", "address_kana": {"line1": "1-1"}})
    assert made.address.country == "JP"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        locations.create({"display_name": "Shop", "address": {"country": "JP", "line1": "1-1"}})
    assert caught.value.param == "address"


def test_13_neither_a_readers_location_nor_a_locations_country_can_change(till):
    place = till.readers.retrieve(till.id).location
    with pytest.raises(stripe.InvalidRequestError) as caught:
        till.readers.update(till.id, {"location": place})
    assert caught.value.code == "parameter_unknown"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        till.client.v1.terminal.locations.update(place, {"address": {"country": "CA"}})
    assert caught.value.param == "address[country]"


def test_14_a_deleted_reader_carries_device_type_and_serial_number(till):
    serial = till.readers.retrieve(till.id).serial_number
    gone = till.readers.delete(till.id).to_dict()
    assert gone == {
        "id": till.id,
        "object": "terminal.reader",
        "deleted": True,
        "device_type": "simulated_wisepos_e",
        "serial_number": serial,
    }


def test_15_process_setup_intent_requires_allow_redisplay(till):
    setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"]})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        till.readers.process_setup_intent(till.id, {"setup_intent": setup.id})
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "allow_redisplay")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        till.readers.process_setup_intent(
            till.id, {"setup_intent": setup.id, "allow_redisplay": "always", "customer_consent_collected": True}
        )
    assert caught.value.code == "parameter_unknown"
