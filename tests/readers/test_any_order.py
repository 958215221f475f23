"""A reader in the hands of people and machines that do anything in any order."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from countertop.cards import all_cards
from countertop.errors import ReaderError
from countertop.gateway import (
    ActionEnded,
    AuthorizationAnswer,
    AuthorizationRequest,
    CancelAction,
    Cart,
    CartLine,
    InputChoice,
    InputField,
    InputsCollected,
    InputToggle,
    MethodCollected,
    Registered,
    StartAction,
    TipOffer,
    Unregistered,
)
from countertop.readers.faults import FAULTS

PROMPTS = {
    "off": {"off"},
    "booting": {"wait"},
    "updating": {"wait"},
    "pairing": {"pair"},
    "idle": {"none"},
    "cart": {"cart"},
    "form": {"form"},
    "thanks": {"thanks"},
    "tipping": {"tip"},
    "waiting": {"card", "insert"},
    "reading": {"wait"},
    "application": {"choose"},
    "pin": {"pin"},
    "collected": {"wait"},
    "authorizing": {"wait"},
    "result": {"approved", "declined"},
    "remove_card": {"remove"},
    "broken": {"fault"},
}
# Phases that time alone ends; the others wait for a person or for the platform.
TIMED = {"booting", "updating", "pairing", "form", "thanks", "tipping", "waiting", "reading", "application", "pin",
         "collected", "result"}  # fmt: skip
STILL = {"off", "idle", "cart", "broken"}
WITH_AMOUNT = {"tipping", "waiting", "reading", "application", "pin", "collected", "authorizing", "result"}
WITH_CARD = {"reading", "application", "pin", "collected", "authorizing", "result", "remove_card"}
CARDS = sorted(card.name for card in all_cards())
NUMBERS = sorted(card.number for card in all_cards())
CODES = ["card_declined", "offline_pin_required", "online_or_offline_pin_required", None]
# Cards that ask for something: a PIN of either kind, a network, another interface; and one that does not.
EAGER = ["offline_pin_cvm", "online_pin_cvm", "eftpos_au_visa_debit", "jcb", "visa"]
NETWORKS = ("eftpos_au", "cartes_bancaires", "girocard")
BUTTONS = ["cancel", "pairing_code", "help", "no_tip", "custom", "tip_1", "tip_3", "tip_9", "submit", "skip", "choice_1",
           "choice_2", "toggle_1", "toggle_0", "choice_x", "visa", "eftpos_au", "cartes_bancaires", ""]  # fmt: skip
FORMS = (
    InputField("signature", "Sign here", required=True),
    InputField("email", "Your email", "For the receipt", toggles=(InputToggle("News", None, False),)),
    InputField("selection", "Bag?", choices=(InputChoice("y", "Yes"), InputChoice("n", "No")), required=True),
    InputField("phone", "Phone", skip_button="Not now"),
)
TYPES = ["process_payment_intent", "process_setup_intent", "refund_payment", "collect_payment_method",
         "confirm_payment_intent", "collect_inputs", "set_reader_display"]  # fmt: skip
SALES = ["process_payment_intent", "refund_payment", "collect_payment_method"]
HOUR_MS = 3_600_000
# The same examples on every run; a wider search is a matter of changing these figures.
SETTINGS = settings(max_examples=150, stateful_step_count=50, deadline=None, derandomize=True, database=None)


def action_of(kind: str, action: str, amount: int, *, cancel: bool, timeout: int, tip: bool, collected: str | None):
    return StartAction(
        action,
        kind,
        0 if kind == "process_setup_intent" else amount,
        "usd",
        cancel,
        timeout,
        tip=TipOffer(amount, (100, 200, 300), (10, 20, 30)) if tip else None,
        cart=Cart("usd", (CartLine("Tea", 1, amount),) * 9, amount, 7) if kind == "set_reader_display" else None,
        inputs=FORMS if kind == "collect_inputs" else (),
        collected=collected,
        choice_networks=NETWORKS,
    )


def test_no_order_of_events_confuses_a_reader(make_rig):
    class AnyOrder(RuleBasedStateMachine):
        @initialize(
            device=st.sampled_from(["simulated", "bbpos_wisepos_e", "verifone_ux700"]),
            country=st.sampled_from(["US", "GB", "FR", "AU"]),
        )
        def begin(self, device, country):
            self.rig = make_rig()
            self.rig.answer = self.decide
            self.actions: list[str] = []
            if device == "simulated":
                self.serial = self.rig.simulated(country)
            else:
                sold_everywhere = "US" if device == "verifone_ux700" else country
                self.serial = self.rig.registered(sold_everywhere, model=device)

        def decide(self, request: AuthorizationRequest) -> AuthorizationAnswer | None:
            # The platform is asked about the action that runs, and no other.
            assert request.action == self.actions[-1]
            approved, code, later = self.plan
            return None if later else AuthorizationAnswer(request.action, approved, code, "Words.")

        plan = (True, None, False)

        def attempt(self, act, *args, **kwargs) -> bool:
            """Whether it was allowed."""
            try:
                act(self.serial, *args, **kwargs)
            except ReaderError as refusal:
                assert refusal.hint, "every refusal says what to do instead"
                return False
            return True

        # --- the platform ---

        @rule(
            kind=st.sampled_from(TYPES),
            amount=st.integers(0, 10**7),
            cancel=st.booleans(),
            timeout=st.sampled_from([1, 60_000, HOUR_MS]),
            tip=st.booleans(),
        )
        def start(self, kind, amount, cancel, timeout, tip):
            if self.rig.refusal(self.serial) is not None or self.rig.state(self.serial).reader is None:
                return
            held = self.rig.phase(self.serial) == "collected"
            collected = self.actions[-1] if self.actions else None
            action = f"action_{len(self.actions)}"
            self.actions.append(action)
            message = action_of(kind, action, amount, cancel=cancel, timeout=timeout, tip=tip, collected=collected)
            self.rig.send(self.serial, message)
            phase = self.rig.phase(self.serial)
            if kind == "confirm_payment_intent":
                assert held or self.rig.ended()[-1].failure_code == "timed_out"
                assert phase in (
                    {"pin", "authorizing", "result", "waiting"} if held else {"idle", "remove_card", "booting"}
                )
            else:
                shown = {"collect_inputs": "form", "set_reader_display": "cart"}.get(
                    kind, "tipping" if tip else "waiting"
                )
                assert phase in (shown, "remove_card")

        @rule(approved=st.booleans(), code=st.sampled_from(CODES), later=st.booleans())
        def plan_answer(self, approved, code, later):
            self.plan = (approved, code, later)

        @rule(back=st.integers(1, 3), approved=st.booleans())
        def answer_late(self, back, approved):
            if len(self.actions) >= back:
                self.rig.send(self.serial, AuthorizationAnswer(self.actions[-back], approved, "card_declined", "W."))

        @rule(back=st.integers(1, 3))
        def cancel(self, back):
            if len(self.actions) >= back:
                self.rig.send(self.serial, CancelAction(self.actions[-back]))

        @rule(there=st.booleans())
        def register(self, there):
            if not self.rig.state(self.serial).simulated:
                self.rig.send(self.serial, Registered("tmr_2", "Shop") if there else Unregistered())

        @rule(
            number=st.sampled_from(NUMBERS),
            tip=st.sampled_from([None, 0, 500, -1]),
            keyed=st.sampled_from([None, (1, 2031)]),
        )
        def present_number(self, number, tip, keyed):
            self.attempt(lambda serial: self.rig.do(serial, "present_number", number, tip=tip, keyed=keyed))

        @rule(how=st.sampled_from(["skip", "fill", "time_out"]))
        def helpers_for_forms(self, how):
            shown = self.rig.phase(self.serial) == "form"
            if how == "time_out":
                done = self.attempt(self.rig.do, "time_out_inputs")
            else:
                done = self.attempt(self.rig.do, "complete_inputs", skip_optional=how == "skip")
            assert done == shown

        # --- people ---

        @rule(
            how=st.sampled_from(["tap", "insert", "swipe", "key"]),
            card=st.sampled_from(CARDS),
            once=st.booleans(),
        )
        def present(self, how, card, once):
            self.attempt(self.rig.present, how, card, at_once=once)

        @rule(pin=st.sampled_from(["1234", "9999", "12", "123456"]))
        def enter_pin(self, pin):
            self.attempt(self.rig.enter_pin, pin)

        @rule()
        def remove_card(self):
            there = self.rig.state(self.serial).card_in_slot
            assert self.attempt(self.rig.remove_card) == there

        @rule(button=st.sampled_from(BUTTONS))
        def press(self, button):
            there = button in self.rig.screen(self.serial).buttons
            pressed = self.attempt(self.rig.press, button)
            assert pressed == there or button == "pairing_code"
            assert button != "help" or not pressed

        @rule(which=st.integers(0, 7))
        def press_what_is_there(self, which):
            there = self.rig.screen(self.serial).buttons
            if there:
                self.press(there[which % len(there)])

        @rule(amount=st.sampled_from([-1, 0, 1, 250, 10**9]))
        def choose_tip(self, amount):
            self.attempt(self.rig.do, "choose_tip", amount)

        @rule(network=st.sampled_from(["visa", "mastercard", "eftpos_au", "amex"]))
        def choose(self, network):
            self.attempt(self.rig.do, "choose", network)

        @rule(
            value=st.sampled_from(["", "a@b.co", "+14155550100", "12", "y", "<svg></svg>", "x" * 600]),
            submit=st.booleans(),
        )
        def enter(self, value, submit):
            self.attempt(self.rig.do, "enter", value, submit=submit)

        @rule(index=st.integers(-1, 2))
        def toggle(self, index):
            self.attempt(self.rig.do, "toggle", index)

        def serve(self, how, card):
            """Do what the screen asks for, as a customer in a hurry would, and wait a moment."""
            match self.rig.screen(self.serial).prompt:
                case "card" | "insert":
                    self.attempt(self.rig.present, how, card)
                case "tip":
                    self.rig.press(self.serial, "tip_1")
                case "pin":
                    self.attempt(self.rig.enter_pin, "1234")
                case "choose":
                    self.rig.press(self.serial, self.rig.screen(self.serial).buttons[0])
                case "form":
                    self.rig.do(self.serial, "complete_inputs", skip_optional=False)
                case "remove":
                    self.rig.remove_card(self.serial)
                case "wait":
                    self.rig.advance(1_000)

        @rule(how=st.sampled_from(["insert", "tap"]), card=st.sampled_from(EAGER), steps=st.integers(1, 6))
        def serve_a_few_steps(self, how, card, steps):
            for _ in range(steps):
                self.serve(how, card)

        @rule(kind=st.sampled_from(SALES), card=st.sampled_from(EAGER), steps=st.integers(1, 5))
        def begin_a_sale(self, kind, card, steps):
            self.repair()
            self.start(kind, 1250, True, HOUR_MS, False)
            for _ in range(steps):
                self.serve("insert", card)

        # --- power, faults, time ---

        def repair(self):
            for name in FAULTS:
                self.attempt(self.rig.fault, name, on=False)
            if not self.rig.state(self.serial).plugged:
                self.rig.do(self.serial, "plug")
            if self.rig.state(self.serial).card_in_slot:
                self.rig.remove_card(self.serial)
            self.rig.advance(3_000)
            if self.rig.phase(self.serial) == "pairing":
                self.rig.send(self.serial, Registered("tmr_2", "Shop"))

        @rule(hand=st.sampled_from(["plug", "unplug"]))
        def pull_the_plug(self, hand):
            plugged = self.rig.state(self.serial).plugged
            assert self.attempt(self.rig.do, hand) == (plugged == (hand == "unplug"))

        @rule(version=st.sampled_from(["2.43.0.0", "", "new version"]))
        def install(self, version):
            self.attempt(self.rig.do, "install", version)

        @rule(name=st.sampled_from(sorted(FAULTS)), on=st.booleans())
        def fault(self, name, on):
            self.attempt(self.rig.fault, name, on)

        @rule(
            name=st.sampled_from(sorted(FAULTS)),
            wait=st.sampled_from([-1, 0, 1, 5_000]),
            last=st.sampled_from([None, 0, 1, 90_000]),
        )
        def plan_fault(self, name, wait, last):
            self.attempt(self.rig.do, "plan_fault", name, self.rig.clock.now_ms() + wait, last)

        @rule(milliseconds=st.sampled_from([1, 400, 900, 3_000, 30_000, 60_000, HOUR_MS, 8 * HOUR_MS]))
        def advance(self, milliseconds):
            self.rig.advance(milliseconds)

        @rule()
        def restart(self):
            self.rig.restart()

        # --- what always holds ---

        @invariant()
        def the_screen_agrees_with_the_state(self):
            state, screen = self.rig.state(self.serial), self.rig.screen(self.serial)
            assert screen.prompt in PROMPTS[state.phase]
            if state.phase in WITH_AMOUNT:
                assert (screen.amount is None) == (state.sale.type == "process_setup_intent")
            assert screen.pin_dots == (state.sale.pin_digits if state.phase == "pin" else 0)
            assert len(screen.buttons) == len(screen.captions) == len(set(screen.buttons))
            assert len({len(line) for line in screen.text.splitlines()}) == 1
            if not state.connected and state.phase not in ("off", "booting", "broken") and screen.prompt != "approved":
                assert screen.footer

        @invariant()
        def every_phase_has_a_way_out(self):
            state = self.rig.state(self.serial)
            if state.phase in TIMED:
                assert state.due_ms is not None
                assert state.due_ms <= self.rig.clock.now_ms() + HOUR_MS
            if state.phase in STILL:
                assert state.due_ms is None
            if state.phase == "remove_card":
                assert state.card_in_slot
            if state.phase == "authorizing":
                assert (state.due_ms is None) == (state.sale.asked and not state.cut)
            if state.phase not in WITH_CARD:
                assert not state.card_in_slot
            if state.phase in ("off", "booting", "idle", "pairing", "updating", "thanks", "broken"):
                assert state.sale is None

        @invariant()
        def an_action_ends_at_most_once_and_only_if_it_ran(self):
            ended = [message.action for message in self.rig.said(ActionEnded)]
            assert len(set(ended)) == len(ended)
            assert set(ended) <= set(self.actions)
            for kind in (InputsCollected, MethodCollected):
                told = [message.action for message in self.rig.said(kind)]
                assert len(set(told)) == len(told)

        @invariant()
        def a_refused_device_says_why(self):
            state, refusal = self.rig.state(self.serial), self.rig.refusal(self.serial)
            assert refusal in (
                None,
                *(f"terminal_reader_{why}" for why in ("offline", "busy", "timeout", "hardware_fault")),
            )
            assert (refusal == "terminal_reader_offline") == (not state.connected)
            if state.phase == "broken" and state.connected:
                assert refusal == "terminal_reader_hardware_fault"

        @invariant()
        def the_device_beats_while_it_is_connected(self):
            seen = self.rig.fleet.last_seen_ms(self.serial)
            if self.rig.state(self.serial).connected:
                assert seen is not None
                assert 0 <= self.rig.clock.now_ms() - seen < 30_000

        def teardown(self):
            # Whatever happened: repaired, emptied, plugged in, left alone or called off, it comes to rest.
            if not hasattr(self, "rig"):
                return
            self.rig.advance(100_000)  # planned faults are through
            self.rig.answer = lambda request: AuthorizationAnswer(request.action, True)
            self.repair()
            state = self.rig.state(self.serial)
            if state.phase == "authorizing" and state.sale.asked:
                self.rig.send(self.serial, AuthorizationAnswer(state.sale.action, True))
            if self.rig.state(self.serial).card_in_slot:
                self.rig.remove_card(self.serial)
            if self.rig.phase(self.serial) == "cart":
                self.rig.send(self.serial, CancelAction(self.actions[-1]))
            self.rig.advance(HOUR_MS + 30_000)
            if self.rig.phase(self.serial) == "booting":  # its nightly minute has come
                self.rig.advance(15_000)
            assert self.rig.phase(self.serial) in ("idle", "pairing")
            assert self.rig.refusal(self.serial) == (
                None if self.rig.phase(self.serial) == "idle" else "terminal_reader_busy"
            )
            assert self.rig.state(self.serial).inbox == self.rig.state(self.serial).outbox == ()

    run_state_machine_as_test(AnyOrder, settings=SETTINGS)
