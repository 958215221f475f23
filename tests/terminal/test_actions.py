"""Every action of a reader through the SDK (terminal.md §1.4, §2.3–§2.6)."""

from __future__ import annotations

import pytest
import stripe

from countertop.api.shape_problems import problems

CART = {
    "type": "cart",
    "cart": {
        "currency": "usd",
        "line_items": [
            {"amount": 1000, "description": "Tea", "quantity": 2},
            {"amount": 250, "description": "Scone", "quantity": 1},
        ],
        "tax": 100,
        "total": 1350,
    },
}


def shape(api, till):
    return problems("terminal.reader", api.get(f"/v1/terminal/readers/{till.id}").body)


class TestCollectAndConfirm:
    def collect(self, till, **options):
        intent = till.intent(**options)
        till.readers.collect_payment_method(till.id, {"payment_intent": intent.id})
        return intent.id

    def test_collected_then_confirmed(self, bench, till, api):
        intent = self.collect(till)
        inbox = bench.inbox("terminal.reader.action_updated", "terminal.reader.action_succeeded")
        till.present()
        action = till.action()
        assert (action.type, action.status) == ("collect_payment_method", "succeeded")
        method = action.collect_payment_method.payment_method
        assert (method.object, method.type, method.card_present.last4) == ("payment_method", "card_present", "4242")
        seen = till.intents.retrieve(intent)
        assert (seen.status, seen.payment_method) == ("requires_confirmation", method.id)
        assert till.client.v1.charges.list().data == []
        assert inbox.types == ["terminal.reader.action_updated"]
        till.readers.confirm_payment_intent(till.id, {"payment_intent": intent})
        bench.advance(seconds=5)
        action = till.action()
        assert (action.type, action.status) == ("confirm_payment_intent", "succeeded")
        assert till.status(intent) == "succeeded"
        assert inbox.types == ["terminal.reader.action_updated", "terminal.reader.action_succeeded"]
        assert shape(api, till) == []

    def test_the_window_of_thirty_seconds(self, bench, till):
        intent = self.collect(till)
        till.hands.tap()
        assert till.status(intent) == "requires_confirmation"
        bench.advance(seconds=29)
        assert till.status(intent) == "requires_confirmation"
        bench.advance(seconds=2)
        seen = till.intents.retrieve(intent)
        assert (seen.status, seen.payment_method) == ("requires_payment_method", None)
        assert till.hands.state == "idle"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.confirm_payment_intent(till.id, {"payment_intent": intent})
        assert caught.value.code == "intent_invalid_state"

    def test_nothing_collected(self, till):
        intent = till.intent()
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.confirm_payment_intent(till.id, {"payment_intent": intent.id})
        assert caught.value.code == "intent_invalid_state"

    def test_another_reader_holds_no_card_for_it(self, bench, till):
        intent = self.collect(till)
        till.present()
        other = bench.reader()
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.confirm_payment_intent(other.id, {"payment_intent": intent})
        assert caught.value.code == "intent_invalid_state"

    def test_a_new_action_takes_the_place_of_the_collected_card(self, bench, till):
        first = self.collect(till)
        till.present()
        second = till.process()
        assert till.status(first) == "requires_payment_method"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.confirm_payment_intent(till.id, {"payment_intent": first})
        assert caught.value.code == "intent_invalid_state"
        assert till.hands.state == "waiting"
        assert till.status(second) == "requires_payment_method"
        assert till.client.v1.charges.list().data == []

    def test_declined_at_confirmation(self, bench, till):
        intent = self.collect(till)
        till.present("4000000000009995")
        till.readers.confirm_payment_intent(till.id, {"payment_intent": intent})
        bench.advance(seconds=5)
        action = till.action()
        assert (action.failure_code, action.api_error.decline_code) == ("card_declined", "insufficient_funds")
        assert till.status(intent) == "requires_payment_method"

    def test_canceled_between_the_two(self, bench, till):
        intent = self.collect(till)
        till.present()
        assert till.readers.cancel_action(till.id).action is None
        assert till.status(intent) == "requires_confirmation"
        till.intents.cancel(intent)
        bench.advance(minutes=1)
        assert till.status(intent) == "canceled"


class TestSetup:
    def test_a_card_is_saved(self, bench, till, api):
        customer = till.client.v1.customers.create({"name": "Ada"})
        setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"], "customer": customer.id})
        till.readers.process_setup_intent(till.id, {"setup_intent": setup.id, "allow_redisplay": "always"})
        assert "generated_card" not in till.action().process_setup_intent
        inbox = bench.inbox()
        till.present("5555555555554444")
        action = till.action()
        assert (action.status, "allow_redisplay" in action.process_setup_intent) == ("succeeded", False)
        saved = till.client.v1.payment_methods.retrieve(action.process_setup_intent.generated_card)
        assert (saved.type, saved.card.last4, saved.customer) == ("card", "4444", customer.id)
        assert saved.allow_redisplay == "always"
        assert saved.card.generated_from.payment_method_details.type == "card_present"
        assert saved.card.generated_from.setup_attempt.startswith("setatt_")
        assert till.client.v1.setup_intents.retrieve(setup.id).status == "succeeded"
        assert set(inbox.types) >= {
            "setup_intent.succeeded",
            "payment_method.attached",
            "terminal.reader.action_succeeded",
        }
        assert shape(api, till) == []
        again = till.client.v1.payment_intents.create(
            {"amount": 500, "currency": "usd", "customer": customer.id, "payment_method": saved.id, "confirm": True,
             "off_session": True, "payment_method_types": ["card"]}
        )  # fmt: skip
        assert again.status == "succeeded"

    def test_a_setup_that_is_over_is_refused(self, till):
        setup = till.client.v1.setup_intents.create({"payment_method_types": ["card_present"]})
        till.client.v1.setup_intents.cancel(setup.id)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.process_setup_intent(till.id, {"setup_intent": setup.id, "allow_redisplay": "limited"})
        assert caught.value.code == "intent_invalid_state"

    def test_a_payment_with_future_usage_needs_consent_and_saves_the_card(self, till):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.process(setup_future_usage="off_session")
        assert caught.value.param == "process_config[allow_redisplay]"
        intent = till.process(setup_future_usage="off_session", config={"allow_redisplay": "always"})
        till.present()
        charge = till.intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
        saved = charge.payment_method_details.card_present.generated_card
        assert till.client.v1.payment_methods.retrieve(saved).allow_redisplay == "always"

    def test_japan_saves_after_a_payment_only(self, open_till):
        till = open_till("JP")
        with pytest.raises(stripe.InvalidRequestError):
            till.client.v1.setup_intents.create({"payment_method_types": ["card_present"]})
        intent = till.process(setup_future_usage="off_session", config={"allow_redisplay": "always"})
        till.present()
        charge = till.intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
        assert charge.payment_method_details.card_present.generated_card.startswith("pm_")


class TestDisplay:
    def test_a_cart_stays_until_it_is_replaced_or_cancelled(self, bench, till, api):
        inbox = bench.inbox()
        shown = till.readers.set_reader_display(till.id, CART)
        assert (shown.action.type, shown.action.status) == ("set_reader_display", "in_progress")
        assert shown.action.set_reader_display.to_dict() == CART
        text = till.hands.screen.text
        for part in ("Tea", "Scone", "$13.50", "$1.00"):
            assert part in text
        assert shape(api, till) == []
        bench.advance(hours=2)
        assert "Tea" in till.hands.screen.text
        till.readers.cancel_action(till.id)
        assert (till.hands.state, till.action(), inbox.types) == ("idle", None, [])

    def test_a_payment_replaces_the_cart(self, till):
        till.readers.set_reader_display(till.id, CART)
        intent = till.process()
        till.present()
        assert till.status(intent) == "succeeded"

    @pytest.mark.parametrize(
        ("change", "param"),
        [
            ({"currency": "xxx"}, "currency"),
            ({"total": 10**12}, "cart[total]"),
            ({"tax": -(10**12)}, "cart[tax]"),
            (
                {"line_items": [{"amount": 1, "description": "x", "quantity": 0}]},
                "cart[line_items][0][quantity]",
            ),
            (
                {"line_items": [{"amount": 2**70, "description": "x", "quantity": 1}]},
                "cart[line_items][0][amount]",
            ),
        ],
    )
    def test_carts_that_no_screen_can_show(self, till, change, param):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.readers.set_reader_display(till.id, {"type": "cart", "cart": CART["cart"] | change})
        assert (caught.value.http_status, caught.value.param) == (400, param)
        assert till.action() is None

    def test_a_cart_of_ten_thousand_lines_is_refused(self, till):
        for count, status in ((2_000, 400), (10_000, 413)):
            lines = [{"amount": 1, "description": "x", "quantity": 1}] * count
            with pytest.raises(stripe.StripeError) as caught:
                till.readers.set_reader_display(till.id, {"type": "cart", "cart": CART["cart"] | {"line_items": lines}})
            assert caught.value.http_status == status
        assert till.action() is None


FORMS = [
    {"type": "signature", "custom_text": {"title": "Sign"}, "required": True},
    {
        "type": "selection",
        "custom_text": {"title": "Bag?", "description": "Paper"},
        "selection": {"choices": [{"id": "y", "text": "Yes", "style": "primary"}, {"id": "n", "text": "No"}]},
    },
    {
        "type": "email",
        "custom_text": {"title": "Mail"},
        "toggles": [{"title": "News", "default_value": "enabled"}, {"description": "Terms"}],
    },
    {"type": "phone", "custom_text": {"title": "Phone"}},
    {"type": "numeric", "custom_text": {"title": "Postcode"}},
]


class TestInputs:
    def collect(self, till, inputs=FORMS, **options):
        return till.readers.collect_inputs(till.id, {"inputs": inputs, **options})

    def test_filled_by_the_helper(self, bench, till, api):
        started = self.collect(till, metadata={"order": "7"})
        first = started.action.collect_inputs.inputs[0].to_dict()
        assert (first["type"], first["required"], first["signature"]) == ("signature", True, {"value": None})
        assert started.action.collect_inputs.metadata.to_dict() == {"order": "7"}
        inbox = bench.inbox()
        done = till.helpers.succeed_input_collection(till.id, {"skip_non_required_inputs": "none"}).action
        assert (done.status, inbox.types) == ("succeeded", ["file.created", "terminal.reader.action_succeeded"])
        inputs = done.collect_inputs.inputs
        assert [entry.skipped for entry in inputs] == [False] * 5
        file = till.client.v1.files.retrieve(inputs[0].signature.value)
        assert (file.purpose, file.type) == ("customer_signature", "svg")
        assert file.expires_at - file.created == 7 * 86_400
        assert inputs[1].selection.id in ("y", "n")
        assert "@" in inputs[2].email.value
        assert [toggle.value for toggle in inputs[2].toggles] == ["enabled", "disabled"]
        assert inputs[3].phone.value.startswith("+")
        assert inputs[4].numeric.value.isdigit()
        assert shape(api, till) == []

    def test_optional_ones_skipped_by_the_helper(self, till):
        self.collect(till)
        inputs = till.helpers.succeed_input_collection(
            till.id, {"skip_non_required_inputs": "all"}
        ).action.collect_inputs
        assert [entry.skipped for entry in inputs.inputs] == [False, True, True, True, True]
        assert inputs.inputs[2].email.value is None

    def test_timed_out_by_the_helper(self, bench, till):
        self.collect(till)
        inbox = bench.inbox()
        action = till.helpers.timeout_input_collection(till.id).action
        assert (action.status, action.failure_code, action.api_error) == ("failed", "timed_out", None)
        assert inbox.types == ["terminal.reader.action_failed"]

    def test_by_hand_and_two_minutes_of_patience(self, bench, till):
        self.collect(till, [FORMS[2], FORMS[1]])
        till.hands.toggle(1)
        till.hands.enter("ada@example.com")
        bench.advance(seconds=119)
        till.hands.enter("n")
        inputs = till.action().collect_inputs.inputs
        assert (inputs[0].email.value, [toggle.value for toggle in inputs[0].toggles]) == (
            "ada@example.com",
            ["enabled", "enabled"],
        )
        assert (inputs[1].selection.id, inputs[1].selection.text) == ("n", "No")
        bench.advance(seconds=4)
        assert till.hands.state == "idle"
        self.collect(till)
        bench.advance(seconds=121)
        assert till.action().failure_code == "timed_out"

    @pytest.mark.parametrize(
        ("inputs", "param"),
        [
            ([FORMS[0]] * 6, "inputs"),
            ([{**FORMS[0], "custom_text": {"title": "x" * 41}}], "inputs[0][custom_text][title]"),
            (
                [{**FORMS[0], "custom_text": {"title": "x", "description": "y" * 101}}],
                "inputs[0][custom_text][description]",
            ),
            (
                [{**FORMS[1], "custom_text": {"title": "x", "description": "y" * 501}}],
                "inputs[0][custom_text][description]",
            ),
            ([{"type": "selection", "custom_text": {"title": "x"}}], "inputs[0][selection][choices]"),
            ([{**FORMS[0], "toggles": [{"title": "t"}] * 5}], "inputs[0][toggles]"),
            (
                [{**FORMS[0], "toggles": [{"title": "t" * 26, "description": "d"}]}],
                "inputs[0][toggles][0]",
            ),
            ([{**FORMS[0], "toggles": [{"default_value": "enabled"}]}], "inputs[0][toggles][0][title]"),
            (
                [{**FORMS[0], "custom_text": {"title": "x", "skip_button": "s" * 15}}],
                "inputs[0][custom_text][skip_button]",
            ),
        ],
    )
    def test_limits(self, till, inputs, param):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            self.collect(till, inputs)
        assert (caught.value.http_status, caught.value.param) == (400, param)

    def test_a_long_description_is_fine_for_a_selection(self, till):
        self.collect(till, [{**FORMS[1], "custom_text": {"title": "x", "description": "y" * 500}}])
        assert till.hands.state == "form"

    def test_helpers_with_nothing_to_fill(self, till):
        for helper in (till.helpers.succeed_input_collection, till.helpers.timeout_input_collection):
            with pytest.raises(stripe.InvalidRequestError):
                helper(till.id)


class TestTipping:
    def test_chosen_on_the_screen(self, till):
        till.tipping(usd={"percentages": [15, 20, 25]})
        intent = till.process(1000)
        assert till.hands.state == "tipping"
        assert "20%" in till.hands.screen.text
        till.hands.press("tip_2")
        assert "$12.00" in till.hands.screen.text
        till.hands.tap()
        seen = till.intents.retrieve(intent)
        assert (seen.amount, seen.amount_received, seen.amount_details.tip.amount) == (1200, 1200, 200)

    def test_fixed_amounts_below_the_threshold(self, till):
        till.tipping(usd={"percentages": [15, 20, 25], "fixed_amounts": [100, 200, 300], "smart_tip_threshold": 2000})
        till.process(1999)
        assert "%" not in till.hands.screen.text
        till.process(2000)
        assert "15%" in till.hands.screen.text

    @pytest.mark.parametrize("config", [{"skip_tipping": True}, {"tipping": {"amount_eligible": 0}}])
    def test_skipped(self, till, config):
        till.tipping(usd={"percentages": [15, 20, 25]})
        till.process(1000, config=config)
        assert till.hands.state == "waiting"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.present(amount_tip=100)
        assert caught.value.param == "amount_tip"

    def test_eligible_amount(self, till):
        till.tipping(usd={"percentages": [10, 20, 30]})
        intent = till.process(2000, config={"tipping": {"amount_eligible": 1000}})
        till.hands.press("tip_1")
        till.hands.tap()
        assert till.intents.retrieve(intent).amount == 2100

    @pytest.mark.parametrize(
        "config",
        [
            {"tipping": {"amount_eligible": -1}},
            {"tipping": {"amount_eligible": 5000}},
            {"tipping": {"amount_eligible": 500}, "skip_tipping": True},
        ],
    )
    def test_eligible_amounts_that_cannot_be(self, till, config):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.process(1000, config=config)
        assert caught.value.param == "process_config[tipping][amount_eligible]"

    @pytest.mark.parametrize("tip", [-1, 10**12])
    def test_tips_that_cannot_be(self, till, tip):
        till.process(1000)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.present(amount_tip=tip)
        assert caught.value.param == "amount_tip"


class TestFaults:
    def test_a_command_that_is_not_acknowledged(self, till):
        till.hands.fault("timeout")
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.process()
        assert caught.value.code == "terminal_reader_timeout"
        assert (till.action(), till.hands.state) == (None, "idle")

    def test_a_command_that_was_received_all_the_same(self, till):
        till.hands.fault("timeout_received")
        with pytest.raises(stripe.InvalidRequestError) as caught:
            till.process()
        assert caught.value.code == "terminal_reader_timeout"
        assert (till.action().status, till.hands.state) == ("in_progress", "waiting")
        till.hands.fault("timeout_received", False)
        till.hands.tap()
        assert till.action().status == "succeeded"

    def test_the_network_is_lost_while_authorizing(self, bench, till):
        intent = till.process()
        till.hands.fault("network_lost")
        till.hands.tap()
        assert till.status(intent) == "succeeded"
        assert till.action().status == "in_progress"
        bench.advance(minutes=10)
        assert till.action().status == "in_progress"
        till.hands.fault("network_lost", False)
        bench.advance(minutes=1)
        action = till.action()
        assert (action.status, action.failure_code, action.api_error) == ("failed", "connection_error", None)
        again = till.process()
        till.hands.tap()
        assert till.status(again) == "succeeded"

    def test_only_cancel_resets_a_stuck_action(self, bench, till):
        till.process()
        till.hands.fault("network_lost")
        till.hands.tap()
        assert till.readers.cancel_action(till.id).action is None
        till.hands.fault("network_lost", False)
        bench.advance(minutes=1)
        assert till.action() is None


class TestMobileReaders:
    def test_they_are_not_registered_by_a_code(self, bench, till):
        place = till.readers.retrieve(till.id).location
        with pytest.raises(stripe.InvalidRequestError):
            till.readers.create({"registration_code": "simulated-m2", "location": place})


def test_old_software_leaves_api_error_null(bench, till):
    """terminal.md §1.4: readers below 2.42."""
    account = bench.account("sk_test_counter").id

    def downgrade(tx):
        row = tx.get(account, "terminal.reader", till.id)
        tx.put(account, "terminal.reader", row | {"device_sw_version": "2.41.2.0"}, created=0)

    bench.transact(downgrade)
    till.process()
    action = till.present("4000000000000002").action
    assert (action.failure_code, action.api_error) == ("card_declined", None)
