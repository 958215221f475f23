"""Settlements: one per day and currency, made by the first transaction, complete on the next working day."""

import pytest
from issuing_desk import HELPERS

SETTLEMENTS = "/v1/issuing/settlements"
DAY_H = 24


def test_the_published_sample(desk):
    desk.bought(desk.card(), 3656)
    (made,) = desk.get(SETTLEMENTS)["data"]
    expected = {
        "object": "issuing.settlement",
        "transaction_amount": 3656,
        "transaction_count": 1,
        "interchange_fees_amount": 44,
        "network_fees_amount": 37,
        "net_total_amount": 3575,
        "network": "visa",
        "currency": "usd",
        "status": "pending",
        "settlement_service": "international",
    }
    assert {name: made[name] for name in expected} == expected
    assert made["id"].startswith("ise_")
    assert made["clearing_date"] == made["created"] - made["created"] % 86_400


def test_a_day_has_one_settlement_and_a_refund_counts_against_it(desk):
    card = desk.card()
    capture = desk.bought(card, 3656)
    desk.post(f"{HELPERS}/transactions/{capture['id']}/refund")
    (made,) = desk.get(SETTLEMENTS)["data"]
    assert (made["transaction_count"], made["transaction_amount"], made["net_total_amount"]) == (2, 0, 0)
    desk.bench.advance(hours=DAY_H)
    desk.bought(card, 100)
    assert [one["transaction_count"] for one in desk.get(SETTLEMENTS)["data"]] == [1, 2]


@pytest.mark.parametrize(
    ("days_until", "complete_after_days"),
    [(0, 1), (1, 3), (2, 2)],  # 1 January 2026 is a Thursday
)
def test_it_is_complete_on_the_next_working_day(desk, days_until, complete_after_days):
    desk.bench.advance(hours=days_until * DAY_H)
    desk.bought(desk.card(), 100)
    desk.bench.advance(hours=complete_after_days * DAY_H, seconds=-1)
    assert desk.get(SETTLEMENTS)["data"][0]["status"] == "pending"
    desk.bench.advance(seconds=1)
    (made,) = desk.get(SETTLEMENTS)["data"]
    assert made["status"] == "complete"
    updated = next(one for one in desk.get("/v1/events")["data"] if one["type"] == "issuing_settlement.updated")
    assert updated["data"]["previous_attributes"] == {"status": "pending"}


def test_metadata(desk):
    desk.bought(desk.card(), 100)
    path = f"{SETTLEMENTS}/{desk.get(SETTLEMENTS)['data'][0]['id']}"
    assert desk.post(path, metadata={"booked": "yes"})["metadata"] == {"booked": "yes"}
    assert desk.get(path)["metadata"] == {"booked": "yes"}
    assert desk.call("GET", f"{SETTLEMENTS}/ise_nope")[0] == 404
