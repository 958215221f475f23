"""Parcels: working days, carriers, addresses, and parcels that move by themselves (issuing.md §3.4, §3.6)."""

from __future__ import annotations

import calendar as months
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuing_desk import ADDRESS

from countertop.services.parcels import addresses, calendar, carriers

PATH = "/v1/issuing/cards"
HELPERS = "/v1/test_helpers/issuing/cards"
SHIPPING = {"name": "Jenny Rosen", "address": ADDRESS}


def at(text: str) -> int:
    return months.timegm(time.strptime(text, "%Y-%m-%d %H:%M"))


def physical(desk, **shipping):
    return desk.card(type="physical", status="inactive", shipping=SHIPPING | shipping)


def moved(desk, card, *moves):
    for move in moves:
        shown = desk.post(f"{HELPERS}/{card}/shipping/{move}")
    return shown["shipping"]


@pytest.mark.parametrize(
    ("handed_in", "closes"),
    [
        ("2026-11-23 09:00", "2026-11-23 16:00"),  # a Monday
        ("2026-11-23 16:00", "2026-11-24 16:00"),
        ("2026-11-27 15:59", "2026-11-27 16:00"),
        ("2026-11-27 17:00", "2026-11-30 16:00"),
        ("2026-11-28 10:00", "2026-11-30 16:00"),
    ],
)
def test_the_daily_cut_off(handed_in, closes):
    assert calendar.next_cut_off(at(handed_in)) == at(closes)


@given(st.integers(0, 4_000_000_000), st.integers(0, 30))
def test_working_days(start, days):
    end = calendar.after_working_days(start, days)
    assert calendar.is_working_day(end)
    assert (end - start) % calendar.DAY_S == 0
    between = range(start + calendar.DAY_S, end + 1, calendar.DAY_S)
    assert sum(calendar.is_working_day(day) for day in between) >= days


@pytest.mark.parametrize(
    ("country", "service", "carrier", "tracked"),
    [
        ("US", "standard", "usps", False),
        ("GB", "standard", "royal_mail", False),
        ("ES", "standard", "correos", False),
        ("DE", "standard", "dhl", False),
        ("US", "express", "fedex", True),
        ("GB", "priority", "dhl", True),
    ],
)
def test_ways(country, service, carrier, tracked):
    way = carriers.way_of("ic_x", country, service)
    assert (way.carrier, way.number is not None, way.url is not None) == (carrier, tracked, tracked)
    assert way == carriers.way_of("ic_x", country, service)
    assert not tracked or way.number in way.url


@pytest.mark.parametrize(("service", "days"), [("standard", 8), ("priority", 3), ("express", 4)])
def test_shipped(desk, service, days):
    shipping = moved(desk, physical(desk, service=service), "submit", "ship")
    now = desk.bench.clock.now()
    assert (shipping["shipped_at"], shipping["eta"]) == (now, calendar.after_working_days(now, days))
    assert (shipping["tracking_number"] is not None) == (service != "standard")


@pytest.mark.parametrize(
    ("moves", "refused"),
    [((), "deliver"), ((), "return"), (("submit",), "submit"), (("ship",), "submit"), (("ship", "deliver"), "deliver"),
     (("ship", "fail"), "ship"), (("ship", "return"), "deliver")],
)  # fmt: skip
def test_moves_that_cannot_be(desk, moves, refused):
    card = physical(desk)
    before = moved(desk, card, *moves) if moves else desk.get(f"{PATH}/{card}")["shipping"]
    error = desk.refused(f"{HELPERS}/{card}/shipping/{refused}")
    assert (error.get("code"), before["status"] in error["message"]) == (None, True)
    assert desk.get(f"{PATH}/{card}")["shipping"] == before


def test_a_virtual_card_is_not_shipped(desk):
    assert "virtual" in desk.refused(f"{HELPERS}/{desk.card()}/shipping/ship")["message"]


def test_no_such_card(desk):
    status, body = desk.call("POST", f"{HELPERS}/ic_nope/shipping/ship")
    assert (status, body["error"]["message"]) == (404, "No such issuing card: 'ic_nope'")


class TestAddresses:
    def test_normalized(self):
        given = {"line1": "510 Townsend Street, San Francisco CA", "line2": None, "city": "San Francisco",
                 "state": "CA", "postal_code": "94103", "country": "US"}  # fmt: skip
        assert addresses.normalized(given)["line1"] == "510 TOWNSEND ST"

    @pytest.mark.parametrize(
        ("line", "result"),
        [("address_valid", "likely_deliverable"), ("address_invalid", "likely_undeliverable"),
         ("510 Townsend St", "likely_deliverable"), ("Somewhere", "indeterminate")],
    )  # fmt: skip
    def test_results(self, desk, line, result):
        card = physical(desk, address=ADDRESS | {"line1": line})
        assert desk.get(f"{PATH}/{card}")["shipping"]["address_validation"]["result"] == result

    def test_not_looked_at(self, desk):
        card = physical(desk, address_validation={"mode": "disabled"})
        assert desk.get(f"{PATH}/{card}")["shipping"]["address_validation"] is None

    def test_insisted_on(self, desk):
        shipping = SHIPPING | {
            "address": ADDRESS | {"line1": "address_invalid"},
            "address_validation": {"mode": "validation_and_normalization"},
        }
        error = desk.refused(PATH, type="physical", currency="usd", cardholder=desk.holder(), shipping=shipping)
        assert (error["param"], "undeliverable" in error["message"]) == ("shipping[address]", True)


def test_signatures_are_for_the_faster_services(desk):
    shown = [
        desk.get(f"{PATH}/{physical(desk, **given)}")["shipping"]["require_signature"]
        for given in ({}, {"service": "express"}, {"service": "express", "require_signature": False})
    ]
    assert shown == [False, True, False]


def test_bulk_to_europe_needs_a_customs_number(open_desk):
    desk = open_desk("DE")
    usual = {"type": "physical", "currency": "eur", "cardholder": desk.holder()}
    error = desk.refused(PATH, **usual, shipping=SHIPPING | {"type": "bulk"})
    assert error["param"] == "shipping[customs][eori_number]"
    shipping = SHIPPING | {"type": "bulk", "customs": {"eori_number": "DE123"}}
    made = desk.post(PATH, **usual, shipping=shipping)["shipping"]
    assert (made["type"], made["customs"]) == ("bulk", {"eori_number": "DE123"})


def test_the_holders_phone_goes_along_in_europe(open_desk):
    desk = open_desk("GB")
    assert desk.get(f"{PATH}/{physical(desk)}")["shipping"]["phone_number"] == "+18008675309"


class TestByThemselves:
    @pytest.fixture
    def card(self, desk):
        desk.settings(parcels="auto")
        return physical(desk, service="priority")

    def states(self, desk):
        changes = [event["data"] for event in desk.events("issuing_card.updated")]
        return [(data["object"]["shipping"]["status"]) for data in changes]

    def test_to_the_door(self, desk, card):
        desk.bench.advance(hours=24 * 20)
        assert self.states(desk) == ["submitted", "shipped", "delivered"]
        shipping = desk.get(f"{PATH}/{card}")["shipping"]
        assert shipping["delivered_at"] == shipping["eta"]
        assert calendar.is_working_day(shipping["shipped_at"])

    def test_a_hand_on_it_stops_that(self, desk, card):
        moved(desk, card, "submit")
        desk.bench.advance(hours=24 * 20)
        assert self.states(desk) == ["submitted"]

    def test_a_canceled_card_goes_nowhere(self, desk, card):
        desk.post(f"{PATH}/{card}", status="canceled")
        desk.bench.advance(hours=24 * 20)
        assert self.states(desk) == ["canceled"]

    def test_off_by_default(self, desk):
        card = physical(desk)
        desk.bench.advance(hours=24 * 20)
        assert desk.get(f"{PATH}/{card}")["shipping"]["status"] == "pending"
