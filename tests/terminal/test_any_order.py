"""A reader in any order of calls, hands, faults and time: what the API shows agrees with the device."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from countertop.api.shape_problems import problems
from countertop.bench import Bench, CallFailed
from countertop.cards import Presentation, all_cards
from countertop.errors import ReaderError
from countertop.readers.faults import FAULTS
from countertop.services.terminal.running import RUNNING

KEY = "sk_test_any"
RUNNING_PHASES = {"tipping", "waiting", "reading", "application", "pin", "authorizing", "form", "cart"}
DOCUMENTED = {
    "terminal_reader_busy", "terminal_reader_offline", "terminal_reader_timeout", "terminal_reader_hardware_fault",
    "intent_invalid_state", "charge_not_refundable", "charge_already_refunded", "resource_missing", None,
}  # fmt: skip


class AnyOrder(RuleBasedStateMachine):
    """A Canadian counter: tips, Interac, PIN cards; calls as a server makes them, hands as people have them."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(accounts={KEY: "CA"})
        self.reader = self.bench.reader(key=KEY, simulated=False)
        self.intents: list[str] = []
        default = self.call("GET", "/v1/terminal/configurations", {"is_account_default": True})["data"][0]["id"]
        self.call("POST", f"/v1/terminal/configurations/{default}", {"tipping": {"cad": {"percentages": [15]}}})

    def teardown(self) -> None:
        self.bench.close()

    def call(self, method: str, path: str, params: Any = None) -> Any:
        return self.bench.call(method, path, params or {}, key=KEY)

    def act(self, action: str, params: Any = None) -> None:
        try:
            self.call("POST", f"/v1/terminal/readers/{self.reader.id}/{action}", params)
        except CallFailed as failed:
            assert failed.status == 400, failed
            assert failed.error.get("code") in DOCUMENTED, failed.error

    def hand(self, act: Any) -> None:
        try:
            act()
        except ReaderError as refused:
            assert refused.message

    # --- calls --------------------------------------------------------------------------------------------------

    @rule(amount=st.sampled_from([1250, 1201, 1202, 1203, 20_000]), manual=st.booleans())
    def make_intent(self, amount: int, manual: bool) -> None:
        options = {"card_present": {"capture_method": "manual_preferred"}} if manual else {}
        params = {"amount": amount, "currency": "cad", "payment_method_types": ["card_present", "interac_present"]}
        made = self.call("POST", "/v1/payment_intents", params | {"payment_method_options": options})
        self.intents = [*self.intents, made["id"]][-3:]

    @precondition(lambda self: self.intents)
    @rule(
        which=st.integers(0, 2),
        action=st.sampled_from(["process_payment_intent", "collect_payment_method", "confirm_payment_intent"]),
    )
    def pay(self, which: int, action: str) -> None:
        self.act(action, {"payment_intent": self.intents[which % len(self.intents)]})

    @precondition(lambda self: self.intents)
    @rule(which=st.integers(0, 2), amount=st.sampled_from([100, 101]))
    def refund(self, which: int, amount: int) -> None:
        self.act("refund_payment", {"payment_intent": self.intents[which % len(self.intents)], "amount": amount})

    @rule()
    def save_card(self) -> None:
        made = self.call("POST", "/v1/setup_intents", {"payment_method_types": ["card_present"]})
        self.act("process_setup_intent", {"setup_intent": made["id"], "allow_redisplay": "always"})

    @rule()
    def ask_form(self) -> None:
        self.act("collect_inputs", {"inputs": [{"type": "text", "custom_text": {"title": "Name"}}] * 2})

    @rule()
    def show_cart(self) -> None:
        lines = [{"amount": 100, "description": "Tea", "quantity": 1}]
        self.act("set_reader_display", {"type": "cart", "cart": {"currency": "cad", "line_items": lines, "total": 100}})

    @rule()
    def cancel(self) -> None:
        self.act("cancel_action")

    # --- people -------------------------------------------------------------------------------------------------

    @rule(how=st.sampled_from(["tap", "insert", "swipe"]), card=st.sampled_from(all_cards()), wait=st.booleans())
    def present(self, how: Any, card: Any, wait: bool) -> None:
        if wait:
            self.hand(lambda: getattr(self.reader, how)(card.name))
            return
        shown = Presentation(how, card)
        self.hand(lambda: self.bench.transact(lambda tx: self.bench.devices.present(tx, self.reader.serial, shown)))

    @rule(pin=st.sampled_from(["1234", "9999"]))
    def type_pin(self, pin: str) -> None:
        self.hand(lambda: self.reader.enter_pin(pin))

    @rule()
    def remove(self) -> None:
        self.hand(self.reader.remove_card)

    @rule()
    def press_any_button(self) -> None:
        for button in self.reader.screen.buttons[:1]:
            self.hand(lambda b=button: self.reader.press(b))

    @rule(value=st.sampled_from(["Ada", ""]))
    def fill(self, value: str) -> None:
        self.hand(lambda: self.reader.enter(value))

    @rule(name=st.sampled_from(sorted(FAULTS)), on=st.booleans())
    def fault(self, name: str, on: bool) -> None:
        self.hand(lambda: self.reader.fault(name, on))

    @rule(seconds=st.sampled_from([1, 5, 40, 130, 4_000]))
    def wait(self, seconds: int) -> None:
        self.bench.advance(seconds=seconds)

    # --- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def api_agrees_with_device(self) -> None:
        seen = self.call("GET", f"/v1/terminal/readers/{self.reader.id}")
        # The SDK's enum of api_error.code lacks the codes of soft declines, which the service sends (terminal.md §3.2).
        assert [said for said in problems("terminal.reader", seen) if "_pin_required" not in said] == []
        device = self.bench.transact(lambda tx: self.bench.devices.state(tx, self.reader.serial))
        row = self.bench.transact(lambda tx: tx.get("", RUNNING, self.reader.serial))
        action = seen["action"]
        in_progress = action is not None and action["status"] == "in_progress"
        assert in_progress == (row is not None), (action, row)
        if device.phase in RUNNING_PHASES and device.connected and device.sale is not None and not device.outbox:
            assert in_progress, (device.phase, action)
            assert device.sale.action == row["action"]
            assert device.sale.type == action["type"]
        if action is not None:
            assert set(action) == {"api_error", "failure_code", "failure_message", "status", "type", action["type"]}
            assert (action["failure_code"] is not None) == (action["status"] == "failed")

    @invariant()
    def money_agrees(self) -> None:
        for name in self.intents:
            intent = self.call("GET", f"/v1/payment_intents/{name}")
            charges = self.call("GET", "/v1/charges", {"payment_intent": name})["data"]
            approved = [charge for charge in charges if charge["status"] == "succeeded"]
            assert len(approved) == (1 if intent["status"] in ("succeeded", "requires_capture") else 0)
            if approved:
                assert approved[0]["amount"] == intent["amount"]


AnyOrder.TestCase.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
TestAnyOrder = AnyOrder.TestCase
