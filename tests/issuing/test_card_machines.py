"""Cards, their parcels, tokens and designs as state machines, against tables from issuing.md §3.5, §3.6, §4.2, §5.

What a table does not have is refused with 400 and changes nothing.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from issuing_desk import ADDRESS, Desk

from countertop.bench import Bench

RUNS = settings(max_examples=20, stateful_step_count=25, deadline=None)
CARD_LIFE = {
    ("inactive", "inactive"): "inactive",
    ("inactive", "active"): "active",
    ("inactive", "canceled"): "canceled",
    ("active", "active"): "active",
    ("active", "inactive"): "inactive",
    ("active", "canceled"): "canceled",
}
PARCEL_LIFE = {
    ("pending", "submit"): "submitted",
    ("pending", "ship"): "shipped",
    ("submitted", "ship"): "shipped",
    ("shipped", "deliver"): "delivered",
    ("shipped", "return"): "returned",
    ("shipped", "fail"): "failure",
}
STOPPED = {"pending": "canceled", "submitted": "canceled"}
"""What a parcel is after its card was canceled; in other states it stays what it is."""
TOKEN_LIFE = {
    ("requested", "active"): "active",
    ("requested", "deleted"): "deleted",
    ("active", "suspended"): "suspended",
    ("active", "deleted"): "deleted",
    ("suspended", "active"): "active",
    ("suspended", "deleted"): "deleted",
}
DESIGN_LIFE = {
    **{(status, "activate"): "active" for status in ("review", "rejected", "inactive")},
    **{(status, "deactivate"): "inactive" for status in ("active", "review")},
    **{(status, "reject"): "rejected" for status in ("review", "active")},
}
REASONS = {"card_logo": ["geographic_location"], "carrier_text": ["promotional_material"]}


class Machine(RuleBasedStateMachine):
    """A desk of its own, and what has been heard of it."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.desk = Desk(self.bench)

    def teardown(self) -> None:
        self.bench.close()

    def posted(self, path: str, **params: object) -> int:
        status, body = self.desk.call("POST", path, **params)
        assert status in (200, 400), body
        if status == 400:
            assert body["error"]["type"] == "invalid_request_error"
        return status


class Cards(Machine):
    """One physical card: its status, and its parcel."""

    @initialize(active=st.booleans())
    def issue(self, active: bool) -> None:
        self.status = "active" if active else "inactive"
        self.parcel = "pending"
        shipping = {"name": "Jenny Rosen", "address": ADDRESS}
        self.card = self.desk.card(type="physical", status=self.status, shipping=shipping)
        self.updates = 0

    @rule(status=st.sampled_from(["active", "inactive", "canceled"]))
    def change(self, status: str) -> None:
        after = CARD_LIFE.get((self.status, status))
        assert self.posted(f"/v1/issuing/cards/{self.card}", status=status) == (200 if after else 400)
        if after is None:
            return
        self.updates += after != self.status
        if after == "canceled":
            self.parcel = STOPPED.get(self.parcel, self.parcel)
        self.status = after

    @rule(move=st.sampled_from(["submit", "ship", "deliver", "return", "fail"]))
    def move(self, move: str) -> None:
        after = PARCEL_LIFE.get((self.parcel, move))
        path = f"/v1/test_helpers/issuing/cards/{self.card}/shipping/{move}"
        assert self.posted(path) == (200 if after else 400)
        if after is not None:
            self.parcel, self.updates = after, self.updates + 1

    @rule(name=st.sampled_from(["Ada", "Grace"]))
    def send_elsewhere(self, name: str) -> None:
        """The whole shipping may change until the printer has it."""
        open_ = self.parcel == "pending" and self.status != "canceled"
        before = self.desk.get(f"/v1/issuing/cards/{self.card}")["shipping"]["name"]
        given = {"name": name, "address": ADDRESS}
        assert self.posted(f"/v1/issuing/cards/{self.card}", shipping=given) == (200 if open_ else 400)
        self.updates += open_ and name != before

    @invariant()
    def it_is_as_it_ought_to_be(self) -> None:
        if not hasattr(self, "card"):
            return
        card = self.desk.get(f"/v1/issuing/cards/{self.card}")
        assert (card["status"], card["shipping"]["status"]) == (self.status, self.parcel)
        shipping = card["shipping"]
        went = self.parcel in ("shipped", "delivered", "returned", "failure")
        assert (shipping["shipped_at"] is not None, shipping["eta"] is not None) == (went, went)
        assert (shipping["delivered_at"] is not None) == (self.parcel == "delivered")
        heard = self.desk.heard("issuing_card.")
        assert heard == (["issuing_card.created"] + ["issuing_card.updated"] * self.updates)[:100] or len(heard) >= 90


class Tokens(Machine):
    """One token in a wallet, and the card that it is of."""

    @initialize(status=st.sampled_from(["requested", "active"]))
    def provision(self, status: str) -> None:
        self.card, self.status = self.desk.card(), status
        self.token = self.bench.in_issuing(
            self.desk.key,
            lambda room, scope: self.made(room, scope, status),
        )

    def made(self, room, scope, status):
        from countertop.services.issuing import tokens

        return tokens.provision(room, scope, self.card, "apple_pay", status=status)["id"]

    @rule(status=st.sampled_from(["active", "suspended", "deleted"]))
    def change(self, status: str) -> None:
        after = status if status == self.status else TOKEN_LIFE.get((self.status, status))
        assert self.posted(f"/v1/issuing/tokens/{self.token}", status=status) == (200 if after else 400)
        self.status = after or self.status

    @rule()
    def cancel_the_card(self) -> None:
        if self.posted(f"/v1/issuing/cards/{self.card}", status="canceled") == 200:
            self.status = "deleted"

    @invariant()
    def it_is_as_it_ought_to_be(self) -> None:
        if hasattr(self, "token"):
            assert self.desk.get(f"/v1/issuing/tokens/{self.token}")["status"] == self.status


class Designs(Machine):
    """One design in its review."""

    @initialize()
    def draw(self) -> None:
        self.status = "review"
        made = self.desk.post("/v1/issuing/personalization_designs", physical_bundle="ics_StandardBlack1", name="One")
        self.design, self.texts = made["id"], 0

    @rule(move=st.sampled_from(["activate", "deactivate", "reject"]))
    def move(self, move: str) -> None:
        after = DESIGN_LIFE.get((self.status, move))
        path = f"/v1/test_helpers/issuing/personalization_designs/{self.design}/{move}"
        params = {"rejection_reasons": REASONS} if move == "reject" else {}
        assert self.posted(path, **params) == (200 if after else 400)
        self.status = after or self.status

    @rule()
    def write_another_letter(self) -> None:
        self.texts += 1
        text = {"header_title": f"Hello {self.texts}"}
        assert self.posted(f"/v1/issuing/personalization_designs/{self.design}", carrier_text=text) == 200
        if self.status in ("rejected", "inactive"):
            self.status = "review"

    @rule()
    def name_it(self) -> None:
        assert self.posted(f"/v1/issuing/personalization_designs/{self.design}", name="Another") == 200

    @invariant()
    def it_is_as_it_ought_to_be(self) -> None:
        if not hasattr(self, "design"):
            return
        design = self.desk.get(f"/v1/issuing/personalization_designs/{self.design}")
        assert design["status"] == self.status
        reasons = design["rejection_reasons"]
        assert (reasons == REASONS) == (self.status == "rejected")
        holder = self.desk.holder()
        shipping = {"name": "Jenny Rosen", "address": ADDRESS}
        wanted = {"cardholder": holder, "currency": "usd", "type": "physical", "personalization_design": self.design}
        status = self.posted("/v1/issuing/cards", **wanted, shipping=shipping)
        assert status == (200 if self.status == "active" else 400), "only active designs are printed"


TestCards, TestTokens, TestDesigns = Cards.TestCase, Tokens.TestCase, Designs.TestCase
for case in (TestCards, TestTokens, TestDesigns):
    case.settings = RUNS
