"""Designs, bundles and tokens beside their state machines (issuing.md §4, §5)."""

from __future__ import annotations

import pytest
from issuing_desk import ADDRESS

from countertop.services.issuing import tokens

DESIGNS = "/v1/issuing/personalization_designs"
BUNDLES = "/v1/issuing/physical_bundles"
TOKENS = "/v1/issuing/tokens"
HELPERS = "/v1/test_helpers/issuing/personalization_designs"
STANDARD, PLAIN, CUSTOM, IN_REVIEW = (
    "ics_StandardBlack1",
    "ics_StandardPlain1",
    "ics_CustomDesign01",
    "ics_CustomReview01",
)
SHIPPING = {"name": "Jenny Rosen", "address": ADDRESS}


def design(desk, **params):
    return desk.post(DESIGNS, **{"physical_bundle": STANDARD} | params)


def active(desk, **params):
    return desk.post(f"{HELPERS}/{design(desk, **params)['id']}/activate")


class TestBundles:
    def test_lists(self, desk):
        assert [one["id"] for one in desk.get(BUNDLES)["data"]] == [STANDARD, PLAIN, CUSTOM, IN_REVIEW]
        assert [one["id"] for one in desk.get(BUNDLES, type="standard")["data"]] == [STANDARD, PLAIN]
        assert [one["id"] for one in desk.get(BUNDLES, status="review")["data"]] == [IN_REVIEW]
        page = desk.get(BUNDLES, limit=1)
        assert (page["has_more"], len(page["data"])) == (True, 1)

    def test_one(self, desk):
        shown = desk.get(f"{BUNDLES}/{CUSTOM}")
        assert shown["features"] == {"card_logo": "required", "carrier_text": "required", "second_line": "optional"}
        status, _ = desk.call("GET", f"{BUNDLES}/ics_nope")
        assert status == 404


class TestDesigns:
    @pytest.mark.parametrize(
        ("given", "param"),
        [
            ({"physical_bundle": "ics_nope"}, "physical_bundle"),
            ({"physical_bundle": IN_REVIEW}, "physical_bundle"),
            ({"physical_bundle": CUSTOM}, "card_logo"),
            ({"card_logo": "file_nope"}, "card_logo"),
            ({"lookup_key": "k" * 201}, "lookup_key"),
        ],
    )
    def test_what_is_refused(self, desk, given, param):
        assert desk.refused(DESIGNS, **{"physical_bundle": STANDARD} | given)["param"] == param

    def test_a_letter(self, desk):
        made = design(desk, carrier_text={"header_title": "Hello", "footer_body": ""})
        assert made["carrier_text"] == {
            "footer_body": None,
            "footer_title": None,
            "header_body": None,
            "header_title": "Hello",
        }
        more = desk.post(f"{DESIGNS}/{made['id']}", carrier_text={"footer_title": "Bye"})
        assert (more["carrier_text"]["header_title"], more["carrier_text"]["footer_title"]) == ("Hello", "Bye")
        assert desk.post(f"{DESIGNS}/{made['id']}", carrier_text="")["carrier_text"] is None

    def test_one_default(self, desk):
        first = design(desk, preferences={"is_default": True})
        second = design(desk, preferences={"is_default": True})
        assert desk.get(f"{DESIGNS}/{first['id']}")["preferences"]["is_default"] is False
        (found,) = desk.get(DESIGNS, **{"preferences[is_default]": "true"})["data"]
        assert found["id"] == second["id"]

    def test_lookup_keys(self, desk):
        first = design(desk, lookup_key="gold")
        assert desk.refused(DESIGNS, physical_bundle=STANDARD, lookup_key="gold")["param"] == "lookup_key"
        second = design(desk, lookup_key="gold", transfer_lookup_key="true")
        assert desk.get(f"{DESIGNS}/{first['id']}")["lookup_key"] is None
        assert [one["id"] for one in desk.get(DESIGNS, **{"lookup_keys[]": "gold"})["data"]] == [second["id"]]

    def test_events(self, desk):
        made = design(desk)
        desk.post(f"{HELPERS}/{made['id']}/activate")
        reasons = {"card_logo": ["inappropriate"], "carrier_text": []}
        desk.post(f"{HELPERS}/{made['id']}/reject", rejection_reasons={"card_logo": ["inappropriate"]})
        desk.post(f"{DESIGNS}/{made['id']}", name="Another")
        prefix = "issuing_personalization_design."
        assert desk.heard(prefix) == [f"{prefix}{name}" for name in ("activated", "rejected", "updated")]
        shown = desk.get(f"{DESIGNS}/{made['id']}")["rejection_reasons"]
        assert shown["card_logo"] == reasons["card_logo"]


class TestDesignsOfCards:
    def test_the_default_is_used(self, desk):
        made = active(desk, preferences={"is_default": True})
        card = desk.card(type="physical", shipping=SHIPPING)
        assert desk.get(f"/v1/issuing/cards/{card}")["personalization_design"] == made["id"]

    def test_expanded(self, desk):
        made = active(desk)
        card = desk.card(type="physical", shipping=SHIPPING, personalization_design=made["id"])
        path = f"/v1/issuing/cards/{card}"
        shown = desk.get(path, **{"expand[]": "personalization_design.physical_bundle"})
        assert shown["personalization_design"]["physical_bundle"]["name"] == "Standard black"

    def test_changed_until_it_is_printed(self, desk):
        first, second = active(desk), active(desk)
        card = desk.card(type="physical", shipping=SHIPPING, personalization_design=first["id"])
        path = f"/v1/issuing/cards/{card}"
        assert desk.post(path, personalization_design=second["id"])["personalization_design"] == second["id"]
        desk.post(f"/v1/test_helpers/issuing/cards/{card}/shipping/submit")
        assert desk.refused(path, personalization_design=first["id"])["param"] == "personalization_design"

    @pytest.mark.parametrize(("bundle", "line", "good"), [(STANDARD, "Widgets", True), (PLAIN, "Widgets", False)])
    def test_second_lines(self, desk, bundle, line, good):
        made = active(desk, physical_bundle=bundle)
        usual = {"type": "physical", "currency": "usd", "cardholder": desk.holder(), "shipping": SHIPPING}
        status, body = desk.call(
            "POST", "/v1/issuing/cards", **usual, personalization_design=made["id"], second_line=line
        )
        assert (status, body.get("second_line") or body["error"]["param"]) == (
            (200, line) if good else (400, "second_line")
        )

    def test_a_second_line_that_is_too_long(self, desk):
        usual = {"type": "physical", "currency": "usd", "cardholder": desk.holder(), "shipping": SHIPPING}
        assert desk.refused("/v1/issuing/cards", **usual, second_line="x" * 25)["param"] == "second_line"


class TestTokens:
    @pytest.fixture
    def card(self, desk):
        return desk.card()

    def provision(self, desk, card, wallet="apple_pay", **options):
        return desk.bench.in_issuing(
            desk.key, lambda room, scope: tokens.provision(room, scope, card, wallet, **options)
        )["id"]

    def test_a_token_as_it_is_shown(self, desk, card):
        name = self.provision(desk, card, device={"type": "watch", "name": "Jenny's watch"})
        shown = desk.get(f"{TOKENS}/{name}")
        assert (shown["card"], shown["network"], shown["wallet_provider"]) == (card, "visa", "apple_pay")
        assert "network_data" not in shown
        assert desk.heard("issuing_token") == ["issuing_token.created"]

    def test_network_data_for_a_day(self, desk, card):
        name = self.provision(desk, card, device={"type": "watch", "name": "Jenny's watch"})
        expand = {"expand[]": "network_data"}
        data = desk.get(f"{TOKENS}/{name}", **expand)["network_data"]
        assert (data["type"], data["device"]["type"], data["device"]["name"]) == ("visa", "watch", "Jenny's watch")
        assert data["wallet_provider"]["cardholder_name"] == "Jenny Rosen"
        desk.bench.advance(hours=24)
        assert "network_data" not in desk.get(f"{TOKENS}/{name}", **expand)

    def test_lists_are_of_one_card(self, desk, card):
        name = self.provision(desk, card)
        self.provision(desk, desk.card())
        assert [one["id"] for one in desk.get(TOKENS, card=card)["data"]] == [name]
        assert desk.get(TOKENS, card=card, status="deleted")["data"] == []
        status, body = desk.call("GET", TOKENS)
        assert (status, body["error"]["param"]) == (400, "card")

    def test_changes_are_told(self, desk, card):
        name = self.provision(desk, card)
        desk.bench.advance(seconds=5)
        shown = desk.post(f"{TOKENS}/{name}", status="suspended")
        (event,) = desk.events("issuing_token.updated")
        assert event["data"]["previous_attributes"]["status"] == "active"
        assert shown["network_updated_at"] == shown["created"] + 5
        assert "network_data" not in event["data"]["object"]

    def test_it_ends_with_its_card(self, desk, card):
        name = self.provision(desk, card)
        desk.post(f"/v1/issuing/cards/{card}", status="canceled")
        assert desk.get(f"{TOKENS}/{name}")["status"] == "deleted"
        assert desk.refused(f"{TOKENS}/{name}", status="active")["param"] == "status"
