"""Authorizations and disputes as state machines, against tables from issuing.md §6.7 and §8.3, with the ledger added up.

At every moment: balance = funded + transactions + disputes won - what is held.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from issuing_desk import HELPERS, Desk

from countertop.bench import Bench

FUNDS = 5_000_00
AMOUNTS = st.integers(1, 600_00)
RUNS = settings(max_examples=25, stateful_step_count=30, deadline=None)

# From, what happens → to.  What is not here is refused with 400 and changes nothing (issuing.md §6.7, §6.8).
LIFE = {
    ("pending", "increment"): "pending",
    ("pending", "reverse part"): "pending",
    ("pending", "reverse"): "reversed",
    ("pending", "finalize"): "pending",
    ("pending", "capture"): "closed",
    ("pending", "capture and keep"): "pending",
    ("pending", "expire"): "expired",
    ("expired", "capture"): "closed",
    ("expired", "capture and keep"): "closed",
}
DISPUTE_LIFE = {
    ("unsubmitted", "submit"): "submitted",
    ("unsubmitted", "edit"): "unsubmitted",
    ("unsubmitted", "label"): "unsubmitted",
    ("unsubmitted", "110 days"): "expired",
    ("submitted", "label"): "submitted",
    ("submitted", "won"): "won",
    ("submitted", "lost"): "lost",
    ("won", "label"): "won",
    ("lost", "label"): "lost",
    ("expired", "label"): "expired",
}


@dataclass
class Held:
    """What an authorization ought to be."""

    id: str
    approved: bool
    status: str
    amount: int
    held: int
    captured: int = 0


class Authorizations(RuleBasedStateMachine):
    """One card without a limit that matters, and merchants that do whatever they like with it."""

    made = Bundle("made")

    @initialize()
    def open(self):
        self.desk = Desk(Bench(), funds=FUNDS)
        self.card = self.desk.limited((1_000_000_00, "all_time"))
        self.funded, self.posted = FUNDS, 0
        self.known: list[Held] = []

    @property
    def free(self) -> int:
        return self.funded + self.posted - sum(one.held for one in self.known)

    def do(self, one: Held, event: str, path: str, **params) -> bool:
        """Call a helper, and hold the answer against the table; whether it was allowed."""
        url = f"{HELPERS}/authorizations/{one.id}/{path}"
        after = LIFE.get((one.status, event)) if one.approved else None
        if after is None:
            before = self.desk.get(f"/v1/issuing/authorizations/{one.id}")
            self.desk.refused(url, **params)
            assert self.desk.get(f"/v1/issuing/authorizations/{one.id}") == before
            return False
        self.desk.post(url, **params)
        one.status = after
        return True

    @rule(target=made, amount=AMOUNTS)
    def authorize(self, amount):
        answer = self.desk.ask(self.card, amount)
        covered = amount <= self.free
        assert answer["approved"] == covered
        assert answer["request_history"][0]["reason"] == ("card_active" if covered else "insufficient_funds")
        one = Held(answer["id"], covered, "pending" if covered else "closed", amount, amount if covered else 0)
        self.known.append(one)
        return one

    @rule(one=made, more=AMOUNTS)
    def increment(self, one, more):
        covered = more <= self.free
        if self.do(one, "increment", "increment", increment_amount=more) and covered:
            one.amount += more
            one.held += more

    @rule(one=made, share=st.floats(0.01, 0.99))
    def reverse_part(self, one, share):
        part = int(one.held * share)
        if part and self.do(one, "reverse part", "reverse", reverse_amount=part):
            one.amount -= part
            one.held -= part

    @rule(one=made)
    def reverse(self, one):
        if not one.held:
            return  # all of it was captured, or there was nothing
        if self.do(one, "reverse", "reverse"):
            one.amount -= one.held
            one.held = 0
            one.status = "closed" if one.captured else "reversed"

    @rule(one=made, final=AMOUNTS)
    def finalize(self, one, final):
        if self.do(one, "finalize", "finalize_amount", final_amount=final):
            one.amount = one.held = final

    @rule(one=made, amount=AMOUNTS, close=st.booleans())
    def capture(self, one, amount, close):
        event = "capture" if close else "capture and keep"
        if self.do(one, event, "capture", capture_amount=amount, close_authorization=close):
            one.held = 0 if one.status == "closed" else max(0, one.held - amount)
            one.captured += amount
            self.posted -= amount

    @rule(one=made)
    def expire(self, one):
        if self.do(one, "expire", "expire"):
            one.held = 0

    @rule(amount=AMOUNTS)
    def fund(self, amount):
        self.desk.fund(amount)
        self.funded += amount

    @rule(amount=AMOUNTS, sign=st.sampled_from(["create_force_capture", "create_unlinked_refund"]))
    def post(self, amount, sign):
        self.posted += self.desk.post(f"{HELPERS}/transactions/{sign}", card=self.card, amount=amount)["amount"]

    @rule(hours=st.integers(1, 30))
    def wait(self, hours):
        self.desk.bench.advance(hours=hours)
        for one in self.known:
            shown = self.desk.get(f"/v1/issuing/authorizations/{one.id}")
            if one.status == "pending" and self.desk.bench.clock.now() >= shown["created"] + 7 * 86_400:
                one.status, one.held = "expired", 0

    @invariant()
    def the_ledger_adds_up(self):
        entries = self.desk.get("/v1/balance_transactions", limit=100)
        if not entries["has_more"]:
            moved = sum(one["net"] for one in entries["data"] if one["balance_type"] == "issuing")
            assert moved == self.free
        assert self.desk.balance() == self.free

    @invariant()
    def everything_is_as_the_table_says(self):
        for one in self.known[-5:]:
            shown = self.desk.get(f"/v1/issuing/authorizations/{one.id}")
            assert (shown["status"], shown["amount"], shown["approved"]) == (one.status, one.amount, one.approved)
            assert -sum(entry["net"] for entry in shown["balance_transactions"]) == one.held
            assert -sum(entry["amount"] for entry in shown["transactions"]) == one.captured


@dataclass
class Disputed:
    """What a dispute ought to be."""

    id: str
    status: str
    amount: int
    explanation: str
    made: int


class Disputes(RuleBasedStateMachine):
    """Captures that are disputed, in every order, over months."""

    captures = Bundle("captures")
    disputes = Bundle("disputes")

    @initialize()
    def open(self):
        self.desk = Desk(Bench(), funds=FUNDS)
        self.card = self.desk.card()
        self.expected = FUNDS
        self.known: list[Disputed] = []

    def step(self, one: Disputed, event: str, path: str = "", **params):
        url = f"/v1/issuing/disputes/{one.id}{path}"
        after = DISPUTE_LIFE.get((one.status, event))
        if after is None:
            self.desk.refused(url, **params)
            return False
        self.desk.post(url, **params)
        one.status = after
        return True

    @rule(target=captures, amount=AMOUNTS)
    def capture(self, amount):
        force = f"{HELPERS}/transactions/create_force_capture"
        self.expected -= amount
        return self.desk.post(force, card=self.card, amount=amount)

    @rule(
        target=disputes,
        capture=consumes(captures),
        explanation=st.sampled_from(["winning_evidence", "losing_evidence", "It was not me."]),
    )
    def dispute(self, capture, explanation):
        given = {"reason": "other", "other": {"explanation": explanation}}
        given["other"] |= {"product_description": "a hat", "product_type": "merchandise"}
        params = {"transaction": capture["id"], "evidence": given}
        if self.desk.bench.clock.now() >= capture["created"] + 110 * 86_400:
            self.desk.refused("/v1/issuing/disputes", **params)
            return Disputed("idp_nope", "none", 0, "", 0)
        made = self.desk.post("/v1/issuing/disputes", **params)
        one = Disputed(made["id"], "unsubmitted", made["amount"], explanation, capture["created"])
        self.known.append(one)
        return one

    @rule(one=disputes)
    def submit(self, one):
        if one.status != "none":
            self.step(one, "submit", "/submit")

    @rule(one=disputes)
    def edit(self, one):
        if one.status != "none" and self.step(one, "edit", amount=max(1, one.amount // 2)):
            one.amount = max(1, one.amount // 2)

    @rule(one=disputes, word=st.sampled_from(["a", "b"]))
    def label(self, one, word):
        if one.status != "none":
            self.step(one, "label", metadata={"word": word})

    @rule(hours=st.sampled_from([1, 24, 24 * 40]))
    def wait(self, hours):
        self.desk.bench.advance(hours=hours)
        for one in self.known:
            late = self.desk.bench.clock.now() >= one.made + 110 * 86_400
            if one.status == "unsubmitted" and late:
                one.status = DISPUTE_LIFE[(one.status, "110 days")]
            elif one.status == "submitted":
                event = {"winning_evidence": "won", "losing_evidence": "lost"}.get(one.explanation)
                if event is not None:
                    one.status = DISPUTE_LIFE[(one.status, event)]
                    self.expected += one.amount if event == "won" else 0

    @invariant()
    def everything_is_as_the_table_says(self):
        for one in self.known:
            shown = self.desk.get(f"/v1/issuing/disputes/{one.id}")
            assert (shown["status"], shown["amount"]) == (one.status, one.amount)
            assert ("loss_reason" in shown) == (one.status == "lost")
        assert self.desk.balance() == self.expected


TestAuthorizations = Authorizations.TestCase
TestAuthorizations.settings = RUNS
TestDisputes = Disputes.TestCase
TestDisputes.settings = RUNS
