"""api-conventions §7: idempotency keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest


def test_replay_has_the_same_status_and_body_and_says_so(api):
    first = api.post("/v1/customers", "name=A", idempotency_key="k1")
    again = api.post("/v1/customers", "name=A", idempotency_key="k1")
    assert (again.status, again.raw) == (200, first.raw)
    assert first.headers["idempotency-key"] == "k1"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["request-id"] != first.headers["request-id"]
    assert len(api.get("/v1/customers").body["data"]) == 1


def test_order_of_parameters_does_not_matter(api):
    api.post("/v1/customers", "name=A&email=b@c.de", idempotency_key="k1")
    again = api.post("/v1/customers", "email=b@c.de&name=A", idempotency_key="k1")
    assert again.headers["idempotent-replayed"] == "true"


def test_other_parameters_or_another_endpoint_are_an_idempotency_error(api):
    api.post("/v1/customers", "name=A", idempotency_key="k1")
    for path, form in (("/v1/customers", "name=B"), ("/v1/products", "name=A")):
        answer = api.post(path, form, idempotency_key="k1")
        assert (answer.status, answer.error["type"]) == (400, "idempotency_error")
        assert "code" not in answer.error
        assert "Try using a key other than 'k1'" in answer.error["message"]


def test_expand_counts_as_a_parameter(api):
    api.post("/v1/payment_intents", "amount=1250&currency=usd", idempotency_key="k1")
    answer = api.post("/v1/payment_intents", "amount=1250&currency=usd&expand[]=customer", idempotency_key="k1")
    assert answer.error["type"] == "idempotency_error"


def test_keys_are_scoped_to_the_account(api):
    api.post("/v1/customers", "name=A", idempotency_key="k1")
    other = api.post("/v1/customers", "name=B", idempotency_key="k1", key="sk_test_other")
    assert other.status == 200


def test_declines_are_kept(api):
    form = "amount=1250&currency=usd&confirm=true&payment_method=pm_card_charge_declined"
    first = api.post("/v1/payment_intents", form, idempotency_key="k1")
    again = api.post("/v1/payment_intents", form, idempotency_key="k1")
    assert (first.status, again.status, again.raw) == (402, 402, first.raw)
    assert len(api.get("/v1/charges").body["data"]) == 1


def test_validation_failures_are_not_kept(api):
    assert api.post("/v1/customers", "zzz=A", idempotency_key="k1").status == 400
    assert api.post("/v1/customers", "name=A", idempotency_key="k1").status == 200


@pytest.mark.parametrize("fault", ["rate_limit", "conflict"])
def test_429_and_the_loser_of_a_conflict_are_not_kept(api, bench, fault):
    bench.faults.arm(fault)
    assert api.post("/v1/customers", "name=A", idempotency_key="k1").status in (409, 429)
    assert api.post("/v1/customers", "name=A", idempotency_key="k1").status == 200


def test_keys_are_forgotten_after_24_hours(api, bench):
    api.post("/v1/customers", "name=A", idempotency_key="k1")
    bench.advance(hours=24, seconds=1)
    assert api.post("/v1/customers", "name=B", idempotency_key="k1").status == 200


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_empty_and_overlong_keys_are_400(api, key):
    assert api.post("/v1/customers", "name=A", idempotency_key=key).status == 400


def test_the_longest_key_is_fine_and_get_and_delete_ignore_keys(api):
    customer = api.post("/v1/customers", "name=A", idempotency_key="k" * 255).body["id"]
    assert "idempotency-key" not in api.get("/v1/customers", idempotency_key="k1").headers
    assert api.delete(f"/v1/customers/{customer}", idempotency_key="k1").status == 200


def test_as_a_parameter_it_is_unknown(api):
    assert api.post("/v1/customers", "idempotency_key=k1").error["code"] == "parameter_unknown"


def test_events_carry_the_key_and_the_request(api):
    made = api.post("/v1/customers", "name=A", idempotency_key="k1")
    [event] = api.get("/v1/events").body["data"]
    assert event["request"] == {"id": made.headers["request-id"], "idempotency_key": "k1"}


def test_same_key_while_the_first_call_is_running_is_409(bench, bench_url):
    bench.clock.set_speed(1.0)
    bench.faults.arm("slow", delay_ms=800)
    headers = {"Authorization": "Bearer sk_test_counter", "Idempotency-Key": "k1"}

    def call(_: int) -> httpx.Response:
        return httpx.post(f"{bench_url}/v1/customers", data={"name": "A"}, headers=headers)

    with ThreadPoolExecutor(2) as threads:
        winner, loser = sorted(threads.map(call, range(2)), key=lambda answer: answer.status_code)
    assert (winner.status_code, loser.status_code) == (200, 409)
    assert loser.json()["error"]["code"] == "idempotency_key_in_use"
    assert loser.json()["error"]["type"] == "idempotency_error"
    replay = call(0)
    assert replay.headers["Idempotent-Replayed"] == "true"
    assert replay.json() == winner.json()
