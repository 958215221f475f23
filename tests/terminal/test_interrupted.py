"""Sales that are interrupted, swapped or changed in the middle: nobody pays with another's card, nothing gets stuck."""

from __future__ import annotations

import pytest
import stripe

from countertop.bench import CallFailed


def collect(till, card="visa", how="insert", **options):
    intent = till.intent(**options).id
    till.readers.collect_payment_method(till.id, {"payment_intent": intent})
    getattr(till.hands, how)(card)
    return intent


def confirm(till, intent):
    till.readers.confirm_payment_intent(till.id, {"payment_intent": intent})


def refused(call, code="intent_invalid_state"):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    assert caught.value.code == code


class TestConfirmationsThatComeToNothing:
    @pytest.fixture
    def at_pin(self, till):
        intent = collect(till, "offline_pin_cvm")
        confirm(till, intent)
        assert (till.hands.state, till.status(intent)) == ("pin", "requires_confirmation")
        return intent

    def test_replaced(self, till, at_pin):
        till.process()
        assert till.status(at_pin) == "requires_payment_method"

    def test_cancelled(self, till, at_pin):
        till.readers.cancel_action(till.id)
        assert till.status(at_pin) == "requires_payment_method"

    def test_reader_deleted(self, till, at_pin):
        till.readers.delete(till.id)
        assert till.status(at_pin) == "requires_payment_method"

    def test_reader_broken(self, bench, till, at_pin):
        till.hands.fault("hardware_fault")
        till.hands.fault("hardware_fault", False)
        bench.advance(minutes=1)
        till.process()
        assert till.status(at_pin) == "requires_payment_method"

    def test_card_swapped_at_the_pin(self, till, at_pin):
        till.hands.remove_card()
        till.hands.tap("mastercard")
        seen = till.intents.retrieve(at_pin, {"expand": ["latest_charge", "payment_method"]})
        assert seen.payment_method.card_present.last4 == "4444"
        assert seen.latest_charge.payment_method_details.card_present.last4 == "4444"
        assert seen.latest_charge.payment_method == seen.payment_method.id


class TestCollectedCards:
    def test_a_method_set_by_the_server_is_not_what_the_reader_confirms(self, till, bench):
        intent = collect(till, "visa", "tap", types=["card_present", "card"])
        till.intents.update(intent, {"payment_method": "pm_card_mastercard"})
        refused(lambda: confirm(till, intent))
        bench.advance(minutes=1)
        assert till.intents.retrieve(intent).payment_method is not None
        assert till.client.v1.charges.list().data == []

    def test_voided_by_cancel(self, till):
        intent = collect(till, how="tap")
        till.readers.cancel_action(till.id)
        assert till.hands.state == "idle"
        assert till.status(intent) == "requires_confirmation"
        refused(lambda: confirm(till, intent))

    def test_another_readers_collection_is_left_alone(self, bench, till):
        intent = collect(till, "offline_pin_sca_retry", "tap")
        confirm(till, intent)
        bench.advance(seconds=5)
        assert till.status(intent) == "requires_payment_method"
        other = bench.reader()
        till.readers.collect_payment_method(other.id, {"payment_intent": intent})
        other.tap("visa")
        till.readers.cancel_action(till.id)
        assert till.status(intent) == "requires_confirmation"
        till.readers.confirm_payment_intent(other.id, {"payment_intent": intent})
        bench.advance(seconds=5)
        assert till.status(intent) == "succeeded"

    def test_its_tip_goes_with_its_card(self, till):
        till.tipping(usd={"percentages": [15, 20, 25]})
        intent = till.intent(1000, types=["card_present", "card"]).id
        till.readers.collect_payment_method(till.id, {"payment_intent": intent})
        till.present(amount_tip=300)
        paid = till.intents.confirm(intent, {"payment_method": "pm_card_mastercard"})
        assert (paid.status, paid.amount) == ("succeeded", 1000)

    def test_a_card_read_by_a_reader_cannot_be_used_again(self, till):
        first = till.process()
        till.present()
        method = till.intents.retrieve(first).payment_method
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.intent(99_900, payment_method=method, confirm=True)
        assert caught.value.param == "payment_method"


class TestForms:
    @pytest.mark.parametrize("helper", ["succeed_input_collection", "timeout_input_collection"])
    def test_helpers_without_a_form_on_the_glass(self, bench, till, helper):
        till.readers.collect_inputs(till.id, {"inputs": [{"type": "text", "custom_text": {"title": "Name"}}]})
        till.hands.fault("hardware_fault")
        till.hands.fault("hardware_fault", False)
        bench.advance(minutes=1)
        assert till.action().status == "in_progress"
        refused(lambda: getattr(till.helpers, helper)(till.id), None)


class TestDevices:
    def test_one_that_boots_at_the_instant_of_a_restore_comes_up(self, bench):
        reader = bench.reader(simulated=False)
        reader.fault("hardware_fault")
        reader.fault("hardware_fault", False)
        assert reader.state == "booting"
        bench.restore(bench.snapshot())
        bench.advance(minutes=1)
        assert reader.state == "idle"

    def test_a_code_that_left_the_screen_registers_nothing(self, bench, till, open_till):
        other = open_till("GB", simulated=False)
        other.hands.press("pairing_code")
        code = bench.transact(lambda tx: bench.devices.state(tx, other.hands.serial).code)
        other.hands.press("cancel")
        place = till.readers.retrieve(till.id).location
        refused(lambda: till.readers.create({"registration_code": code, "location": place}), "resource_missing")

    def test_a_fault_does_not_make_a_running_authorization_cancellable(self, bench, till):
        from countertop.cards import Presentation, find_card

        till.process()
        shown = Presentation("tap", find_card("visa"))
        bench.transact(lambda tx: bench.devices.present(tx, till.hands.serial, shown))
        till.hands.fault("timeout")
        refused(lambda: till.readers.cancel_action(till.id), "terminal_reader_busy")
        till.hands.fault("timeout", False)

    def test_a_cancel_that_does_not_arrive(self, till):
        till.process()
        till.hands.fault("timeout")
        refused(lambda: till.readers.cancel_action(till.id), "terminal_reader_timeout")
        assert (till.action().status, till.hands.state) == ("in_progress", "waiting")


class TestConsent:
    def test_an_intent_that_is_to_be_used_again_all_of_a_sudden(self, till):
        intent = till.process()
        till.intents.update(intent, {"setup_future_usage": "off_session"})
        till.hands.tap()
        assert (till.action().failure_code, till.status(intent)) == ("intent_invalid_state", "requires_payment_method")

    def test_a_customer_deleted_while_the_reader_waits(self, till):
        customer = till.client.v1.customers.create({"name": "Ada"}).id
        setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"], "customer": customer})
        till.readers.process_setup_intent(till.id, {"setup_intent": setup.id, "allow_redisplay": "always"})
        till.client.v1.customers.delete(customer)
        made = till.present().action.process_setup_intent.generated_card
        assert till.client.v1.payment_methods.retrieve(made).customer is None


def test_interac_is_not_made_manual_at_confirmation(open_till):
    canada = open_till("CA")
    intent = canada.intent(types=["card_present", "interac_present", "card"]).id
    with pytest.raises(stripe.InvalidRequestError):
        canada.intents.confirm(intent, {"payment_method": "pm_card_visa", "capture_method": "manual"})


def test_one_payment_method_per_create_and_confirm(till):
    till.intent(types=["card"], payment_method="pm_card_visa", confirm=True)
    assert len(till.client.v1.payment_methods.list().data) == 1


def test_a_loaded_charge_without_details_is_refused_a_refund(bench):
    charge = {"id": "ch_x", "object": "charge", "amount": 5, "amount_captured": 5, "amount_refunded": 0,
              "captured": True, "currency": "usd", "status": "succeeded", "payment_method_details": None,
              "payment_method": None, "payment_intent": None}  # fmt: skip
    bench.load([charge])
    with pytest.raises(CallFailed) as caught:
        bench.call("POST", "/v1/refunds", {"charge": "ch_x"})
    assert caught.value.status == 400


def test_loaded_currencies_stay_in_the_balance(bench, till):
    loaded = [
        {"id": f"txn_{currency}", "object": "balance_transaction", "net": 700, "amount": 700, "fee": 0,
         "currency": currency, "available_on": 1, "created": 1, "type": "charge"}
        for currency in ("usd", "eur")
    ]  # fmt: skip
    bench.load(loaded)
    till.process()
    till.present()
    available = {entry["currency"]: entry["amount"] for entry in bench.call("GET", "/v1/balance")["available"]}
    assert available == {"usd": 700, "eur": 700}
