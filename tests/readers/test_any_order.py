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
    Registered,
    StartAction,
    Unregistered,
)

PROMPTS = {
    "booting": {"wait"},
    "pairing": {"pair"},
    "idle": {"none"},
    "waiting": {"card", "insert"},
    "reading": {"wait"},
    "pin": {"pin"},
    "authorizing": {"wait"},
    "result": {"approved", "declined"},
    "remove_card": {"remove"},
    "broken": {"fault"},
}
# Phases that time alone ends; the others wait for a person or for the platform.
TIMED = {"booting", "pairing", "waiting", "reading", "pin", "result"}
CARDS = sorted(card.name for card in all_cards())
CODES = ["card_declined", "offline_pin_required", "online_or_offline_pin_required", None]
# The same examples on every run; a wider search is a matter of changing these figures.
SETTINGS = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True, database=None)


def test_no_order_of_events_confuses_a_reader(make_rig):
    class AnyOrder(RuleBasedStateMachine):
        @initialize(country=st.sampled_from(["US", "GB", "FR"]), simulated=st.booleans())
        def begin(self, country, simulated):
            self.rig = make_rig()
            self.rig.answer = self.decide
            self.answers: list[AuthorizationAnswer | None] = []
            self.actions: list[str] = []
            self.serial = self.rig.simulated(country) if simulated else self.rig.registered(country)

        def decide(self, request: AuthorizationRequest) -> AuthorizationAnswer | None:
            # The platform is asked about the action that runs, and no other.
            assert request.action == self.actions[-1]
            approved, code, later = self.plan
            return None if later else AuthorizationAnswer(request.action, approved, code, "Words.")

        plan = (True, None, False)

        def attempt(self, act, *args, **kwargs):
            refusal = None
            try:
                act(self.serial, *args, **kwargs)
            except ReaderError as error:
                refusal = error
            assert refusal is None or refusal.hint, "every refusal says what to do instead"

        @rule(
            amount=st.integers(0, 10**7),
            cancel=st.booleans(),
            timeout=st.sampled_from([1, 60_000, 3_600_000]),
        )
        def start(self, amount, cancel, timeout):
            if self.rig.refusal(self.serial) is None and self.rig.state(self.serial).reader is not None:
                action = f"action_{len(self.actions)}"
                self.actions.append(action)
                message = StartAction(action, "process_payment_intent", amount, "usd", cancel, timeout)
                self.rig.send(self.serial, message)
                assert self.rig.phase(self.serial) in ("waiting", "remove_card")

        @rule(approved=st.booleans(), code=st.sampled_from(CODES), later=st.booleans())
        def plan_answer(self, approved, code, later):
            self.plan = (approved, code, later)

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
            self.attempt(self.rig.remove_card)

        @rule(button=st.sampled_from(["cancel", "pairing_code", "help"]))
        def press(self, button):
            self.attempt(self.rig.press, button)

        @rule(name=st.sampled_from(["offline", "hardware_fault"]), on=st.booleans())
        def fault(self, name, on):
            self.rig.fault(self.serial, name, on)

        @rule(milliseconds=st.sampled_from([1, 400, 900, 3_000, 60_000, 3_600_000]))
        def advance(self, milliseconds):
            self.rig.advance(milliseconds)

        @rule()
        def restart(self):
            self.rig.restart()

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

        @invariant()
        def the_screen_agrees_with_the_state(self):
            state, screen = self.rig.state(self.serial), self.rig.screen(self.serial)
            assert screen.prompt in PROMPTS[state.phase]
            if state.phase in ("waiting", "reading", "pin", "authorizing", "result"):
                assert screen.amount is not None
            assert screen.pin_dots == (state.sale.pin_digits if state.phase == "pin" else 0)
            assert len({len(line) for line in screen.text.splitlines()}) == 1
            if not state.connected and state.phase not in ("booting", "broken") and screen.prompt != "approved":
                assert screen.footer

        @invariant()
        def every_phase_has_a_way_out(self):
            state = self.rig.state(self.serial)
            if state.phase in TIMED:
                assert state.due_ms is not None
                assert state.due_ms <= self.rig.clock.now_ms() + 3_600_000
            if state.phase in ("idle", "broken"):
                assert state.due_ms is None
            if state.phase == "remove_card":
                assert state.card_in_slot
            if state.phase == "authorizing":
                assert state.sale.asked == (state.due_ms is None)
            if state.phase not in ("reading", "pin", "authorizing", "result", "remove_card"):
                assert not state.card_in_slot

        @invariant()
        def an_action_ends_at_most_once_and_only_if_it_ran(self):
            ended = [message.action for message in self.rig.said(ActionEnded)]
            assert len(set(ended)) == len(ended)
            assert set(ended) <= set(self.actions)

        @invariant()
        def the_device_beats_while_it_is_connected(self):
            seen = self.rig.fleet.last_seen_ms(self.serial)
            if self.rig.state(self.serial).connected:
                assert seen is not None
                assert 0 <= self.rig.clock.now_ms() - seen < 30_000

        def teardown(self):
            # Whatever happened: repaired, emptied and left alone, it comes to rest within the hour.
            if not hasattr(self, "rig"):
                return
            for name in ("offline", "hardware_fault"):
                self.rig.fault(self.serial, name, on=False)
            state = self.rig.state(self.serial)
            if state.phase == "authorizing" and state.sale.asked:
                self.rig.send(self.serial, AuthorizationAnswer(state.sale.action, True))
            self.rig.answer = lambda request: AuthorizationAnswer(request.action, True)
            if self.rig.state(self.serial).card_in_slot:
                self.rig.remove_card(self.serial)
            self.rig.advance(3_600_000 + 10_000)
            assert self.rig.phase(self.serial) in ("idle", "pairing")
            assert self.rig.state(self.serial).inbox == self.rig.state(self.serial).outbox == ()

    run_state_machine_as_test(AnyOrder, settings=SETTINGS)
