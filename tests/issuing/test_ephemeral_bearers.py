"""What a cardholder's app can do with an ephemeral key: look at one card, for an hour (issuing.md §11.1)."""

from __future__ import annotations

import pytest


@pytest.fixture
def card(bench):
    return bench.issue_card(type="virtual", status="active").id


@pytest.fixture
def key(bench, card):
    return bench.client().v1.ephemeral_keys.create({"issuing_card": card}, {"stripe_version": "2026-10-28.endive"})


def test_it_reveals_its_card(api, card, key):
    answer = api.get(f"/v1/issuing/cards/{card}?expand[]=number&expand[]=cvc", key=key.secret)
    assert (answer.status, answer.body["number"][-4:], answer.body["cvc"]) == (200, answer.body["last4"], "123")


def test_no_other_card(api, bench, key):
    other = bench.issue_card(type="virtual", status="active").id
    assert api.get(f"/v1/issuing/cards/{other}", key=key.secret).status == 403


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/issuing/cards", "/v1/issuing/cardholders", "/v1/balance"])
def test_nothing_else(api, key, path):
    assert api.get(path, key=key.secret).status == 401


def test_it_changes_nothing(api, card, key):
    assert api.post(f"/v1/issuing/cards/{card}", "status=canceled", key=key.secret).status == 401


def test_it_ends_after_an_hour(api, bench, card, key):
    bench.advance(seconds=3_601)
    answer = api.get(f"/v1/issuing/cards/{card}", key=key.secret)
    assert (answer.status, answer.error["code"]) == (401, "api_key_expired")


def test_it_ends_when_it_is_deleted(api, bench, card, key):
    bench.client().v1.ephemeral_keys.delete(key.id)
    assert api.get(f"/v1/issuing/cards/{card}", key=key.secret).status == 401


def test_the_secret_is_shown_once(api, bench, key):
    assert key.secret not in str(bench.snapshot())
    assert "secret" not in str(bench.client().v1.events.list())


@pytest.mark.parametrize("secret", ["ek_test_nonsense", "ek_test_", "ek_live_x", "ek_test_YWNjdA_00x"])
def test_keys_that_nobody_gave(api, card, secret):
    assert api.get(f"/v1/issuing/cards/{card}", key=secret).status == 401
