"""Cardholders: what is taken, what is refused, what is still wanted of them (issuing.md §2)."""

from __future__ import annotations

import pytest
from issuing_desk import ADDRESS, HOLDER

PATH = "/v1/issuing/cardholders"
PLAIN = {"name": "Jenny Rosen", "billing": {"address": ADDRESS}}
TERMS = "individual.card_issuing.user_terms_acceptance"


def test_a_cardholder_as_it_is_shown(desk):
    made = desk.post(PATH, **PLAIN)
    assert (made["type"], made["status"], made["company"]) == ("individual", "active", None)
    assert (made["email"], made["phone_number"], made["preferred_locales"]) == (None, None, [])
    assert made["requirements"] == {"disabled_reason": None, "past_due": []}
    controls = made["spending_controls"]
    assert (controls["allowed_categories"], controls["spending_limits"]) == ([], [])
    assert made["billing"]["address"] == ADDRESS | {"line2": None}


def test_everything_at_once(desk):
    made = desk.post(PATH, **HOLDER, preferred_locales=["en", "fr"], metadata={"a": "b"})
    person = made["individual"]
    assert (person["first_name"], person["dob"]) == ("Jenny", {"day": 1, "month": 11, "year": 1981})
    assert person["card_issuing"]["user_terms_acceptance"]["ip"] == "127.0.0.1"
    assert person["verification"] == {"document": {"back": None, "front": None}}
    assert (made["metadata"], made["preferred_locales"]) == ({"a": "b"}, ["en", "fr"])


def test_a_company(desk):
    made = desk.post(PATH, name="Widgets", type="company", company={"tax_id": "12-345"}, billing={"address": ADDRESS})
    assert made["company"] == {"tax_id_provided": True}
    assert "12-345" not in str(made)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"name": "R2 D2"}, "name"),
        ({"name": "Jenny Rosen-Von-Und-Zu-Katzenellenbogen"}, "name"),
        ({"name": "Jenny $$$"}, "name"),
        ({"individual": {"first_name": "J3nny", "last_name": "Rosen"}}, "individual[first_name]"),
        ({"individual": {"dob": {"day": 30, "month": 2, "year": 1990}}}, "individual[dob]"),
        ({"individual": {"dob": {"day": 1, "month": 1, "year": 2020}}}, "individual[dob]"),
        ({"status": "blocked"}, "status"),
        ({"type": "robot"}, "type"),
        ({"billing": {"address": {"line1": "1 Main"}}}, None),
        ({"spending_controls": {"spending_limits": [{"amount": -1, "interval": "daily"}]}}, None),
    ],
)
def test_what_is_refused(desk, changes, param):
    error = desk.refused(PATH, **PLAIN | changes)
    assert param is None or error["param"] == param
    assert desk.get(PATH)["data"] == []


def test_thirteen_today(desk):
    """2026-01-01 is the first day of a bench."""
    born = {"day": 1, "month": 1, "year": 2013}
    assert desk.post(PATH, **PLAIN, individual={"dob": born})["individual"]["dob"] == born
    assert desk.refused(PATH, **PLAIN, individual={"dob": born | {"day": 2}})["param"] == "individual[dob]"


def test_updates(desk):
    before = desk.post(PATH, **HOLDER)
    after = desk.post(f"{PATH}/{before['id']}", email="new@example.com", metadata={"a": "b"}, status="inactive")
    assert (after["email"], after["status"], after["phone_number"]) == (
        "new@example.com",
        "inactive",
        HOLDER["phone_number"],
    )
    assert after["individual"] == before["individual"]
    moved = desk.post(f"{PATH}/{before['id']}", billing={"address": ADDRESS | {"line1": "2 Side Street"}})
    assert moved["billing"]["address"]["line1"] == "2 Side Street"
    assert desk.refused(f"{PATH}/{before['id']}", name="Another")["param"] == "name"
    events = desk.events("issuing_cardholder.updated")
    assert events[1]["data"]["previous_attributes"] == {
        "email": HOLDER["email"],
        "metadata": {"a": None},
        "status": "active",
    }


def test_an_update_that_changes_nothing_is_silent(desk):
    made = desk.post(PATH, **HOLDER)
    heard = desk.heard()
    desk.post(f"{PATH}/{made['id']}", email=HOLDER["email"])
    assert desk.heard() == heard


def test_the_review_is_over_at_once(desk):
    desk.post(PATH, **PLAIN)
    created, updated = desk.events("issuing_cardholder")
    assert created["data"]["object"]["requirements"]["disabled_reason"] == "under_review"
    assert updated["data"]["previous_attributes"] == {"requirements": {"disabled_reason": "under_review"}}


def test_a_review_that_takes_time(desk):
    desk.settings(review_s=60)
    holder = desk.post(PATH, **PLAIN)
    assert holder["requirements"]["disabled_reason"] == "under_review"
    card = desk.card(holder=holder["id"])
    assert desk.reason(card, 100) == "cardholder_verification_required"
    desk.bench.advance(seconds=61)
    assert desk.get(f"{PATH}/{holder['id']}")["requirements"]["disabled_reason"] is None
    assert desk.reason(card, 100) == "card_active"


def test_strict_programs_want_name_and_consent(desk):
    desk.settings(strict_requirements=True)
    holder = desk.post(PATH, **PLAIN)
    assert holder["requirements"] == {
        "disabled_reason": "requirements.past_due",
        "past_due": [f"{TERMS}.ip", f"{TERMS}.date", "individual.first_name", "individual.last_name"],
    }
    error = desk.refused("/v1/issuing/cards", type="virtual", currency="usd", status="active", cardholder=holder["id"])
    assert "outstanding requirements" in error["message"]
    card = desk.card(holder=holder["id"], status="inactive")
    assert desk.refused(f"/v1/issuing/cards/{card}", status="active")["param"] == "status"
    person = {"first_name": "Jenny", "last_name": "Rosen", "card_issuing": HOLDER["individual"]["card_issuing"]}
    after = desk.post(f"{PATH}/{holder['id']}", individual=person)
    assert after["requirements"] == {"disabled_reason": None, "past_due": []}
    assert desk.post(f"/v1/issuing/cards/{card}", status="active")["status"] == "active"


@pytest.mark.parametrize(("name", "value"), [("email", "jenny@example.com"), ("status", "active"), ("type", "company")])
def test_lists(desk, name, value):
    first = desk.post(PATH, **HOLDER)
    second = desk.post(PATH, **PLAIN, type="company", status="inactive")
    wanted = [one["id"] for one in (second, first) if one[name] == value]
    assert [one["id"] for one in desk.get(PATH, **{name: value})["data"]] == wanted


def test_nobody(desk):
    status, body = desk.call("GET", f"{PATH}/ich_nope")
    assert (status, body["error"]["message"]) == (404, "No such issuing cardholder: 'ich_nope'")
