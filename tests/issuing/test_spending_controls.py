"""Spending controls: lists, limits by window, chains of cards, cardholders, and what a card or cardholder may be given."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.services.issuing.spending_windows import start_of

LIMITED = "spending_controls"
FREE = [{"amount": 1_000_000_00, "interval": "all_time"}]
BAKERY = {"merchant_data": {"category": "bakeries"}}
DENTIST = {"merchant_data": {"category": "dentists_orthodontists"}}


def at(desk, *moment):
    """Let time pass up to a moment."""
    due = datetime(*moment, tzinfo=UTC).timestamp()
    desk.bench.advance(seconds=due - desk.bench.clock.now())


# --- lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["card", "holder"])
@pytest.mark.parametrize(
    ("controls", "good", "bad"),
    [
        ({"allowed_categories": ["bakeries"]}, BAKERY, DENTIST),
        ({"blocked_categories": ["bakeries"]}, DENTIST, BAKERY),
        (
            {"allowed_merchant_countries": ["US", "CA"]},
            {"merchant_data": {"country": "CA"}},
            {"merchant_data": {"country": "FR"}},
        ),
        ({"blocked_merchant_countries": ["FR"]}, {}, {"merchant_data": {"country": "FR"}}),
        ({"allowed_card_presences": ["present"]}, {"authorization_method": "chip"}, {}),
        ({"blocked_card_presences": ["present"]}, {}, {"authorization_method": "contactless"}),
    ],
)
def test_lists(desk, on, controls, good, bad):
    card = desk.limited(**controls) if on == "card" else desk.card(holder=desk.holder(spending_controls=controls))
    assert desk.reason(card, 100, **bad) == LIMITED
    assert desk.reason(card, 100, **good) == "card_active"


def test_no_question_about_what_controls_decline(desk):
    desk.settings(real_time_url="http://127.0.0.1:9/")
    assert desk.reason(desk.limited((0, "daily")), 100) == LIMITED
    assert desk.heard("issuing_authorization") == ["issuing_authorization.created"]


# --- limits ---------------------------------------------------------------------------------------------------------


def test_six_hundred_of_a_thousand_a_day(desk):
    card = desk.limited((1000, "daily"))
    first = desk.ask(card, 600)
    assert first["approved"]
    assert desk.reason(card, 600) == LIMITED
    desk.then(first, "reverse")
    assert desk.reason(card, 600) == "card_active"
    assert "issuing_authorization.request" not in desk.heard()


def test_a_limit_allows_exactly_itself(desk):
    card = desk.limited((500, "daily"))
    assert desk.reason(card, 501) == LIMITED
    assert desk.reason(card, 500) == "card_active"
    assert desk.reason(card, 1) == LIMITED


def test_a_limit_of_nothing_blocks_everything(desk):
    card = desk.limited((0, "per_authorization"))
    assert desk.reason(card, 1) == LIMITED
    assert desk.reason(card, 0) == LIMITED


@pytest.mark.parametrize(
    ("interval", "before", "within", "after"),
    [
        ("daily", (2026, 3, 10, 0, 0), (2026, 3, 10, 23, 59), (2026, 3, 11, 0, 0)),
        ("weekly", (2026, 3, 8, 0, 0), (2026, 3, 14, 23, 59), (2026, 3, 15, 0, 0)),
        ("monthly", (2026, 3, 1, 0, 0), (2026, 3, 31, 23, 59), (2026, 4, 1, 0, 0)),
        ("yearly", (2026, 2, 1, 0, 0), (2026, 12, 31, 23, 59), (2027, 1, 1, 0, 0)),
    ],
)
def test_windows(desk, interval, before, within, after):
    card = desk.limited((1000, interval))
    at(desk, *before)
    desk.bought(card, 1000)  # captured: what is only authorized lapses
    at(desk, *within)
    assert desk.reason(card, 1) == LIMITED
    at(desk, *after)
    assert desk.reason(card, 1000) == "card_active"


def test_ever_and_at_once(desk):
    card = desk.limited((1000, "all_time"), (700, "per_authorization"))
    assert desk.reason(card, 701) == LIMITED
    desk.bought(card, 700)
    at(desk, 2028, 6, 1)
    assert desk.reason(card, 301) == LIMITED
    assert desk.reason(card, 300) == "card_active"


def test_a_limit_of_some_categories_counts_only_those(desk):
    limits = [{"amount": 500, "interval": "daily", "categories": ["bakeries", "caterers"]}, *FREE]
    card = desk.card(spending_controls={"spending_limits": limits})
    assert desk.reason(card, 5000, **DENTIST) == "card_active"
    assert desk.reason(card, 400, **BAKERY) == "card_active"
    assert desk.reason(card, 101, merchant_data={"category": "caterers"}) == LIMITED
    assert desk.reason(card, 100, merchant_data={"category": "caterers"}) == "card_active"


@pytest.mark.parametrize("country", ["US", "GB", "DE"])
def test_a_card_without_limits_has_five_hundred_a_day(open_desk, country):
    desk = open_desk(country)
    card = desk.card()
    assert desk.get(f"/v1/issuing/cards/{card}")["spending_controls"]["spending_limits"] == []
    assert desk.reason(card, 500_01) == LIMITED
    assert desk.reason(card, 500_00) == "card_active"
    assert desk.reason(card, 1) == LIMITED
    desk.bench.advance(hours=24)
    assert desk.reason(card, 500_00) == "card_active"


def test_an_explicit_limit_replaces_the_default_but_not_the_cap(desk):
    card = desk.card(spending_controls={"spending_limits": FREE})
    assert desk.reason(card, 10_000_01) == LIMITED
    assert desk.reason(card, 10_000_00) == "card_active"


def test_captures_may_pass_limits_and_count(desk):
    card = desk.limited((1000, "daily"))
    made = desk.ask(card, 500)
    desk.then(made, "capture", capture_amount=900)
    assert desk.reason(card, 101) == LIMITED
    assert desk.reason(card, 100) == "card_active"


def test_what_a_capture_left_can_be_spent(desk):
    card = desk.limited((1000, "daily"))
    desk.then(desk.ask(card, 1000), "capture", capture_amount=400)
    assert desk.reason(card, 601) == LIMITED
    assert desk.reason(card, 600) == "card_active"


def test_force_captures_and_refunds_count_where_they_post(desk):
    card = desk.limited((1000, "daily"))
    desk.post("/v1/test_helpers/issuing/transactions/create_force_capture", card=card, amount=700)
    assert desk.reason(card, 400) == LIMITED
    desk.post("/v1/test_helpers/issuing/transactions/create_unlinked_refund", card=card, amount=300)
    assert desk.reason(card, 600) == "card_active"
    assert desk.reason(card, 1) == LIMITED


def test_a_reversal_of_yesterday_gives_nothing_today(desk):
    card = desk.limited((1000, "daily"), (1500, "monthly"))
    yesterday = desk.ask(card, 600)
    desk.bench.advance(hours=24)
    assert desk.reason(card, 900) == "card_active"
    desk.then(yesterday, "reverse")
    assert desk.reason(card, 101) == LIMITED
    assert desk.reason(card, 100) == "card_active"


# --- several cards --------------------------------------------------------------------------------------------------


def test_a_cardholder_has_limits_over_all_cards(desk):
    controls = {"spending_limits": [{"amount": 1000, "interval": "daily"}]}
    holder = desk.holder(spending_controls=controls)
    one, other = desk.card(holder=holder), desk.card(holder=holder)
    assert desk.reason(one, 600) == "card_active"
    assert desk.reason(other, 401) == LIMITED
    assert desk.reason(other, 400) == "card_active"
    assert desk.reason(desk.card(), 400) == "card_active"


def test_a_cardholder_has_limits_in_another_currency(desk):
    desk.settings(rates={"eur": "2"})
    limits = [{"amount": 500, "interval": "daily"}]
    holder = desk.holder(spending_controls={"spending_limits": limits, "spending_limits_currency": "eur"})
    card = desk.card(holder=holder)
    assert desk.reason(card, 1002) == LIMITED
    assert desk.reason(card, 1000) == "card_active"


def test_a_new_card_counts_what_the_cards_before_it_spent(desk):
    limits = {"spending_limits": [{"amount": 1000, "interval": "monthly"}]}
    holder = desk.holder()
    old = desk.card(holder=holder, spending_controls=limits)
    assert desk.reason(old, 600) == "card_active"
    replaced = {"replacement_for": old, "replacement_reason": "expired"}
    new = desk.card(holder=holder, spending_controls=limits, **replaced)
    replaced = {"replacement_for": new, "replacement_reason": "expired"}
    newest = desk.card(holder=holder, spending_controls=limits, **replaced)
    assert desk.reason(newest, 401) == LIMITED
    assert desk.reason(newest, 400) == "card_active"


# --- what may be given ----------------------------------------------------------------------------------------------


def test_a_card_has_no_currency_of_its_own_for_limits(desk):
    error = desk.refused(
        "/v1/issuing/cards",
        cardholder=desk.holder(),
        currency="usd",
        type="virtual",
        spending_controls={"spending_limits_currency": "usd"},
    )
    assert (error["code"], error["param"]) == ("parameter_unknown", "spending_controls[spending_limits_currency]")


def test_a_card_shows_its_currency_beside_its_limits(desk):
    path = f"/v1/issuing/cards/{desk.limited((5, 'daily'))}"
    controls = desk.get(path)["spending_controls"]
    assert controls["spending_limits_currency"] == "usd"
    assert controls["spending_limits"] == [{"amount": 5, "categories": [], "interval": "daily"}]
    assert controls["allowed_categories"] is None
    controls = desk.post(path, spending_controls={"spending_limits": ""})["spending_controls"]
    assert (controls["spending_limits"], controls["spending_limits_currency"]) == ([], None)


@pytest.mark.parametrize("name", ["categories", "merchant_countries", "card_presences"])
def test_allowed_and_blocked_exclude_each_other(desk, name):
    value = {"categories": "bakeries", "merchant_countries": "US", "card_presences": "present"}[name]
    path = f"/v1/issuing/cards/{desk.limited(**{f'allowed_{name}': [value]})}"
    error = desk.refused(path, spending_controls={f"blocked_{name}": [value]})
    assert (error["code"], error["param"]) == ("parameters_exclusive", f"spending_controls[blocked_{name}]")
    changed = desk.post(path, spending_controls={f"blocked_{name}": [value], f"allowed_{name}": ""})
    assert changed["spending_controls"][f"blocked_{name}"] == [value]
    assert changed["spending_controls"][f"allowed_{name}"] is None


def test_a_limit_below_zero(desk):
    error = desk.refused(
        "/v1/issuing/cardholders",
        name="A B",
        billing={"address": {"line1": "1", "city": "a", "country": "US", "postal_code": "1"}},
        spending_controls={"spending_limits": [{"amount": -1, "interval": "daily"}]},
    )
    assert error["param"] == "spending_controls[spending_limits][0][amount]"


def test_an_unknown_category_is_named_with_its_place(desk):
    path = f"/v1/issuing/cards/{desk.card()}"
    error = desk.refused(path, spending_controls={"allowed_categories": ["bakeries", "nonsense"]})
    assert error["param"] == "spending_controls[allowed_categories][1]"


def test_countries_are_two_letters(desk):
    path = f"/v1/issuing/cards/{desk.card()}"
    changed = desk.post(path, spending_controls={"blocked_merchant_countries": ["fr", "DE"]})
    assert changed["spending_controls"]["blocked_merchant_countries"] == ["FR", "DE"]
    error = desk.refused(path, spending_controls={"blocked_merchant_countries": ["FR", "Germany"]})
    assert error["param"] == "spending_controls[blocked_merchant_countries][1]"


# --- windows --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 4_000_000_000))
def test_windows_begin_at_midnight_and_hold_their_moment(when):
    day = datetime.fromtimestamp(when, UTC)
    starts = {name: start_of(name, when) for name in ("daily", "weekly", "monthly", "yearly")}
    assert all(start <= when and start % 86_400 == 0 for start in starts.values())
    assert datetime.fromtimestamp(starts["daily"], UTC).date() == day.date()
    assert datetime.fromtimestamp(starts["weekly"], UTC).strftime("%A") == "Sunday"
    assert when - starts["weekly"] < 7 * 86_400
    assert datetime.fromtimestamp(starts["monthly"], UTC).strftime("%Y-%m-%d") == f"{day:%Y-%m}-01"
    assert datetime.fromtimestamp(starts["yearly"], UTC).strftime("%Y-%m-%d") == f"{day:%Y}-01-01"
    assert start_of("all_time", when) == 0
