"""Cards: made, changed, ended, replaced, counted (issuing.md §3)."""

from __future__ import annotations

import pytest
from issuing_desk import ADDRESS

PATH = "/v1/issuing/cards"
SHIPPING = {"name": "Jenny Rosen", "address": ADDRESS}


@pytest.mark.parametrize(("country", "currency"), [("US", "usd"), ("GB", "gbp"), ("DE", "eur")])
def test_each_program_has_its_currency(open_desk, country, currency):
    desk = open_desk(country)
    made = desk.get(f"{PATH}/{desk.card()}")
    assert (made["currency"], made["brand"], made["type"]) == (currency, "Visa", "virtual")
    error = desk.refused(PATH, type="virtual", currency="cad", cardholder=desk.holder())
    assert error["param"] == "currency"


def test_the_expiry_is_34_months_ahead(desk):
    made = desk.get(f"{PATH}/{desk.card()}")
    assert (made["exp_month"], made["exp_year"]) == (11, 2028)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"exp_month": 5}, "exp_year"),
        ({"exp_year": 2030}, "exp_month"),
        ({"exp_month": 13, "exp_year": 2030}, "exp_month"),
        ({"exp_month": 12, "exp_year": 2025}, "exp_year"),
        ({"exp_month": 1, "exp_year": 2099}, "exp_year"),
        ({"currency": "eur"}, "currency"),
        ({"cardholder": "ich_nope"}, "cardholder"),
        ({"cardholder": ""}, "cardholder"),
        ({"type": "physical"}, "shipping"),
        ({"shipping": SHIPPING}, "shipping"),
        ({"second_line": "Widgets"}, "second_line"),
        ({"personalization_design": "ipcd_nope"}, "personalization_design"),
        ({"status": "canceled"}, "status"),
        ({"pin": {"encrypted_number": "plain:12"}}, "pin[encrypted_number]"),
        ({"pin": {"encrypted_number": "plain:abcd"}}, "pin[encrypted_number]"),
        ({"replacement_reason": "lost"}, "replacement_for"),
        ({"replacement_for": "ic_nope", "replacement_reason": "lost"}, "replacement_for"),
        ({"spending_controls": {"spending_limits_currency": "usd"}}, "spending_controls[spending_limits_currency]"),
    ],
)
def test_what_is_refused(desk, given, param):
    usual = {"type": "virtual", "currency": "usd", "cardholder": desk.holder()}
    assert desk.refused(PATH, **usual | given)["param"] == param
    assert desk.get(PATH)["data"] == []


def test_an_expiry_of_ones_own(desk):
    made = desk.get(f"{PATH}/{desk.card(exp_month=1, exp_year=2026)}")
    assert (made["exp_month"], made["exp_year"]) == (1, 2026)


@pytest.mark.parametrize("country", ["GB", "DE"])
def test_a_phone_number_is_wanted_in_europe(open_desk, country):
    desk = open_desk(country)
    holder = desk.holder(phone_number=None)
    error = desk.refused(PATH, type="virtual", currency=desk.currency, cardholder=holder)
    assert error["code"] == "cardholder_phone_number_required"
    assert holder in error["message"]


def test_numbers_are_counted(desk):
    numbers = [desk.get(f"{PATH}/{desk.card()}", **{"expand[]": "number"})["number"] for _ in range(3)]
    assert numbers == ["4000009990000013", "4000009990000021", "4000009990000039"]


def test_secrets_are_for_who_asks_for_one_card(desk):
    card = desk.card()
    plain = desk.get(f"{PATH}/{card}")
    assert not {"number", "cvc"} & set(plain)
    status, body = desk.call("GET", PATH, **{"expand[]": "data.number"})
    assert (status, body["error"]["message"]) == (400, "This property cannot be expanded (data.number).")
    changed = desk.post(f"{PATH}/{card}", metadata={"a": "b"}, expand=["number"])
    assert "number" not in changed


def test_changes_and_their_events(desk):
    card = desk.card(status="inactive")
    desk.post(f"{PATH}/{card}", status="active")
    desk.post(f"{PATH}/{card}", metadata={"a": "b"})
    desk.post(f"{PATH}/{card}", status="active")
    desk.post(f"{PATH}/{card}", status="canceled", cancellation_reason="stolen")
    changes = [event["data"].get("previous_attributes") for event in desk.events("issuing_card.updated")]
    assert changes == [
        {"status": "inactive"},
        {"metadata": {"a": None}},
        {"cancellation_reason": None, "status": "active"},
    ]


@pytest.mark.parametrize("change", [{"status": "active"}, {"metadata": {"a": "b"}}, {"status": "canceled"}])
def test_a_canceled_card_stays_as_it_is(desk, change):
    card = desk.card()
    desk.post(f"{PATH}/{card}", status="canceled")
    error = desk.refused(f"{PATH}/{card}", **change)
    assert (error["message"], error["param"]) == ("Cards with status 'canceled' cannot be updated.", "status")


def test_a_reason_goes_with_the_cancellation(desk):
    assert desk.refused(f"{PATH}/{desk.card()}", cancellation_reason="lost")["param"] == "cancellation_reason"


def test_what_is_pending_outlives_the_card(desk):
    card = desk.card()
    made = desk.ask(card, 500)
    desk.post(f"{PATH}/{card}", status="canceled")
    assert desk.then(made, "capture")["status"] == "closed"


def test_wallets(desk):
    contact = desk.get(f"{PATH}/{desk.card()}")["wallets"]
    assert contact["apple_pay"] == {"eligible": True, "ineligible_reason": None}
    nobody = desk.holder(email=None, phone_number=None)
    wallets = desk.get(f"{PATH}/{desk.card(holder=nobody)}")["wallets"]
    assert wallets["google_pay"] == {"eligible": False, "ineligible_reason": "missing_cardholder_contact"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "inactive"), ("type", "physical"), ("last4", "0021"), ("exp_year", 2030), ("exp_month", 4)],
)
def test_lists(desk, name, value):
    desk.card()
    wanted = desk.card(status="inactive", type="physical", shipping=SHIPPING, exp_month=4, exp_year=2030)
    assert [one["id"] for one in desk.get(PATH, **{name: value})["data"]] == [wanted]


def test_lists_of_a_cardholder(desk):
    holder = desk.holder()
    mine = desk.card(holder=holder)
    desk.card()
    (found,) = desk.get(PATH, cardholder=holder)["data"]
    assert (found["id"], found["cardholder"]["id"]) == (mine, holder)


class TestReplacements:
    @pytest.mark.parametrize("reason", ["lost", "stolen"])
    def test_a_lost_card_gets_another_number(self, desk, reason):
        holder = desk.holder()
        old = desk.card(holder=holder)
        more = {"replacement_for": old, "replacement_reason": reason}
        error = desk.refused(PATH, type="virtual", currency="usd", cardholder=holder, **more)
        assert error["param"] == "replacement_for"
        desk.post(f"{PATH}/{old}", status="canceled", cancellation_reason=reason)
        new = desk.card(holder=holder, **more)
        before, after = (desk.get(f"{PATH}/{name}", **{"expand[]": "number"}) for name in (old, new))
        assert before["number"] != after["number"]
        assert (before["replaced_by"], after["replacement_for"], after["replacement_reason"]) == (new, old, reason)

    @pytest.mark.parametrize("reason", ["damaged", "expired"])
    def test_a_worn_card_keeps_its_number_and_goes_when_the_new_one_is_active(self, desk, reason):
        holder = desk.holder()
        physical = {"type": "physical", "shipping": SHIPPING}
        old = desk.card(holder=holder, **physical)
        new = desk.card(holder=holder, status="inactive", replacement_for=old, replacement_reason=reason, **physical)
        before, after = (desk.get(f"{PATH}/{name}", **{"expand[]": "number"}) for name in (old, new))
        assert (before["number"], before["status"]) == (after["number"], "active")
        desk.post(f"{PATH}/{new}", status="active")
        assert desk.get(f"{PATH}/{old}")["status"] == "canceled"

    def test_virtual_cards_take_no_damage(self, desk):
        holder = desk.holder()
        more = {"replacement_for": desk.card(holder=holder), "replacement_reason": "damaged"}
        error = desk.refused(PATH, type="virtual", currency="usd", cardholder=holder, **more)
        assert error["param"] == "replacement_reason"

    def test_of_the_same_holder(self, desk):
        old = desk.card()
        desk.post(f"{PATH}/{old}", status="canceled", cancellation_reason="lost")
        more = {"replacement_for": old, "replacement_reason": "lost"}
        error = desk.refused(PATH, type="virtual", currency="usd", cardholder=desk.holder(), **more)
        assert error["param"] == "cardholder"

    def test_spending_goes_on_with_the_chain(self, desk):
        holder = desk.holder()
        limit = {"spending_limits": [{"amount": 1000, "interval": "all_time"}]}
        old = desk.card(holder=holder, spending_controls=limit)
        desk.bought(old, 700)
        desk.post(f"{PATH}/{old}", status="canceled", cancellation_reason="lost")
        new = desk.card(holder=holder, spending_controls=limit, replacement_for=old, replacement_reason="lost")
        assert desk.reason(new, 400) == "spending_controls"
        assert desk.reason(new, 300) == "card_active"


def test_a_card_that_ends_after_so_many_payments(desk):
    card = desk.card(lifecycle_controls={"cancel_after": {"payment_count": 2}})
    for _ in range(2):
        assert desk.get(f"{PATH}/{card}")["status"] == "active"
        desk.bought(card, 500)
    seen = desk.get(f"{PATH}/{card}")
    assert (seen["status"], seen["cancellation_reason"]) == ("canceled", None)
    assert desk.reason(card, 500) == "card_canceled"
