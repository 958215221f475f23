"""The main job through the SDK: a virtual WisePOS E takes payments."""

from __future__ import annotations

import pytest
import stripe

from countertop.api.shape_problems import problems


@pytest.fixture
def client(bench):
    return bench.client()


def ask(client, reader, amount=1250, currency="usd", **options):
    intent = client.v1.payment_intents.create(
        {"amount": amount, "currency": currency, "payment_method_types": ["card_present"], **options}
    )
    client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
    return intent.id


def status(client, intent):
    return client.v1.payment_intents.retrieve(intent).status


def test_a_tap_is_approved_captured_and_refunded(bench, client):
    reader = bench.reader()
    intent = ask(client, reader, capture_method="manual")
    assert "$12.50" in reader.screen.text
    reader.tap("visa")
    assert status(client, intent) == "requires_capture"
    captured = client.v1.payment_intents.capture(intent)
    assert (captured.status, captured.amount_received) == ("succeeded", 1250)
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert (refund.status, refund.amount) == ("succeeded", 1250)
    charge = client.v1.charges.retrieve(captured.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (True, 1250)


def test_events_of_an_automatic_capture_sale(bench, client):
    reader = bench.reader()
    inbox = bench.inbox()
    intent = ask(client, reader)
    reader.tap()
    assert set(inbox.types) == {
        "payment_intent.created",
        "charge.succeeded",
        "charge.updated",
        "payment_intent.succeeded",
        "terminal.reader.action_succeeded",
    }
    assert status(client, intent) == "succeeded"


def test_events_of_a_decline(bench, client):
    reader = bench.reader()
    inbox = bench.inbox("charge.failed", "payment_intent.payment_failed", "terminal.reader.action_failed")
    ask(client, reader)
    reader.tap("charge_declined")
    assert set(inbox.types) == {"charge.failed", "payment_intent.payment_failed", "terminal.reader.action_failed"}


def test_the_charge_says_how_the_card_met_the_reader(bench, client, api):
    for how, card, method in (
        ("tap", "mastercard", "contactless_emv"),
        ("insert", "mastercard", "contact_emv"),
        ("tap", "mastercard_stripe_mode", "contactless_magstripe_mode"),
        ("swipe", "mastercard_stripe", "magnetic_stripe_track2"),
    ):
        reader = bench.reader()
        intent = ask(client, reader)
        getattr(reader, how)(card)
        charge = client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
        details = charge.payment_method_details.card_present
        assert (details.read_method, details.brand, details.last4) == (method, "mastercard", "4444")
        assert details.reader == reader.id
        if not method.endswith("emv"):
            assert details.receipt is None
        else:
            for name in ("application_cryptogram", "dedicated_file_name", "terminal_verification_results"):
                assert details.receipt[name] is not None
        raw = api.get(f"/v1/charges/{charge.id}").body
        assert problems("charge", raw) == []


def test_test_amounts_do_not_decide_about_a_card_that_is_typed_in(bench, client):
    intent = client.v1.payment_intents.create(
        {
            "amount": 1205,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert intent.status == "succeeded"


def test_the_same_intent_can_be_tried_again_after_a_decline(bench, client):
    reader = bench.reader()
    intent = ask(client, reader)
    reader.tap("charge_declined")
    client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent})
    reader.tap("visa")
    paid = client.v1.payment_intents.retrieve(intent)
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    assert len(client.v1.charges.list({"payment_intent": intent}).data) == 2


def test_a_second_action_replaces_one_that_waits_and_the_old_intent_stays(bench, client):
    reader = bench.reader()
    first = ask(client, reader, 1000)
    second = ask(client, reader, 2000)
    assert "$20.00" in reader.screen.text
    reader.tap()
    assert (status(client, first), status(client, second)) == ("requires_payment_method", "succeeded")


def test_cancel_action_sends_no_event_and_leaves_the_intent(bench, client):
    reader = bench.reader()
    intent = ask(client, reader)
    inbox = bench.inbox()
    assert client.v1.terminal.readers.cancel_action(reader.id).action is None
    assert inbox.types == []
    assert reader.state == "idle"
    assert status(client, intent) == "requires_payment_method"
    assert client.v1.terminal.readers.cancel_action(reader.id).action is None


def test_the_customer_cancels_with_the_button(bench, client):
    reader = bench.reader()
    intent = client.v1.payment_intents.create(
        {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
    )
    client.v1.terminal.readers.process_payment_intent(
        reader.id, {"payment_intent": intent.id, "process_config": {"enable_customer_cancellation": True}}
    )
    reader.press("cancel")
    action = client.v1.terminal.readers.retrieve(reader.id).action
    assert (action.status, action.failure_code, action.api_error) == ("failed", "customer_canceled", None)


def test_a_pin_card_asks_for_its_pin(bench, client):
    reader = bench.reader()
    intent = ask(client, reader)
    reader.insert("offline_pin_cvm")
    assert reader.state == "pin"
    reader.enter_pin("1234")
    assert status(client, intent) == "succeeded"
    assert reader.state in ("result", "remove_card")
    reader.remove_card()


def test_busy_while_the_card_of_the_last_sale_is_in_the_slot(bench, client):
    reader = bench.reader()
    ask(client, reader)
    reader.insert("visa")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader)
    assert caught.value.code == "terminal_reader_busy"
    reader.remove_card()
    ask(client, reader)


def test_offline_after_two_minutes_of_silence(bench, client):
    reader = bench.reader()
    assert client.v1.terminal.readers.retrieve(reader.id).status == "online"
    reader.fault("offline")
    bench.advance(minutes=3)
    seen = client.v1.terminal.readers.retrieve(reader.id)
    assert seen.status == "offline"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader)
    assert (caught.value.code, caught.value.http_status) == ("terminal_reader_offline", 400)
    assert [item.id for item in client.v1.terminal.readers.list({"status": "offline"}).data] == [reader.id]
    reader.fault("offline", False)
    assert client.v1.terminal.readers.retrieve(reader.id).status == "online"


def test_hardware_fault_refuses(bench, client):
    reader = bench.reader()
    reader.fault("hardware_fault")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader)
    assert caught.value.code == "terminal_reader_hardware_fault"


def test_a_device_out_of_its_box_is_registered_by_the_code_on_its_screen(bench, client):
    reader = bench.reader(simulated=False)
    seen = client.v1.terminal.readers.retrieve(reader.id)
    assert seen.device_type == "bbpos_wisepos_e"
    assert seen.serial_number.startswith("WSC5")
    intent = ask(client, reader)
    reader.tap()
    assert status(client, intent) == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="simulated"):
        client.v1.test_helpers.terminal.readers.present_payment_method(reader.id)


def test_wrong_currency_country_or_type_is_refused(bench, client):
    reader = bench.reader()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader, currency="eur")
    assert caught.value.param == "currency"
    intent = client.v1.payment_intents.create({"amount": 1250, "currency": "usd", "payment_method_types": ["card"]})
    with pytest.raises(stripe.InvalidRequestError, match="card_present"):
        client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
    bench.configure_account("sk_test_counter", country="GB")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader, currency="gbp")
    assert caught.value.code == "terminal_reader_invalid_location_for_payment"


def test_an_intent_that_is_paid_cannot_be_processed_again(bench, client):
    reader = bench.reader()
    intent = ask(client, reader)
    reader.tap()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent})
    assert caught.value.code == "intent_invalid_state"


def test_gb_reader_takes_pounds(make_bench):
    bench = make_bench(accounts={"sk_test_gb": "GB"})
    client = bench.client("sk_test_gb")
    reader = bench.reader(key="sk_test_gb")
    intent = ask(client, reader, currency="gbp")
    assert "£12.50" in reader.screen.text
    reader.tap("visa")
    assert status(client, intent) == "succeeded"


def test_an_uncaptured_sale_is_canceled_when_its_window_ends(bench, client):
    reader = bench.reader()
    intent = ask(client, reader, capture_method="manual")
    reader.tap("mastercard")
    bench.advance(hours=47)
    assert status(client, intent) == "requires_capture"
    bench.advance(hours=2)
    ended = client.v1.payment_intents.retrieve(intent)
    assert (ended.status, ended.cancellation_reason) == ("canceled", "automatic")


def test_a_reader_object_of_old_cannot_use_a_device_that_was_registered_anew(bench, client):
    reader = bench.reader(simulated=False)
    reader.press("pairing_code")
    code = bench.transact(lambda tx: bench.devices.state(tx, reader.serial).code)
    address = {"line1": "1 Main", "city": "X", "state": "CA", "postal_code": "94103", "country": "US"}
    other = bench.client("sk_test_two")
    place = other.v1.terminal.locations.create({"display_name": "B", "address": address})
    other.v1.terminal.readers.create({"registration_code": code, "location": place.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        ask(client, reader)
    assert caught.value.code == "terminal_reader_offline"


def test_an_amount_changed_while_the_reader_waits_is_not_charged(bench, client):
    reader = bench.reader()
    intent = ask(client, reader)
    client.v1.payment_intents.update(intent, {"amount": 99900})
    reader.tap("visa")
    assert client.v1.terminal.readers.retrieve(reader.id).action.failure_code == "intent_invalid_state"
    assert client.v1.charges.list().data == []


def test_a_card_of_a_kind_that_the_intent_does_not_take_is_not_charged(bench, client):
    reader = bench.reader()
    ask(client, reader)
    reader.insert("interac")
    if reader.state == "pin":
        reader.enter_pin("1234")
    action = client.v1.terminal.readers.retrieve(reader.id).action
    assert action.failure_code == "payment_intent_incompatible_payment_method"
    assert client.v1.charges.list().data == []


def test_a_busy_reader_can_be_deleted_and_the_world_be_snapshotted(bench, client):
    reader = bench.reader()
    ask(client, reader)
    client.v1.terminal.readers.delete(reader.id)
    assert bench.snapshot()
