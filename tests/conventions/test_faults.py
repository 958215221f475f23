"""api-conventions §9: retries, and the faults worth injecting."""

from __future__ import annotations

import pytest
import stripe

from countertop.errors import ConfigurationError


def test_rate_limit_fault(api, bench):
    bench.faults.arm("rate_limit", times=2)
    answer = api.get("/v1/customers")
    assert (answer.status, answer.error["type"], answer.error["code"]) == (429, "invalid_request_error", "rate_limit")
    assert answer.headers["stripe-rate-limited-reason"] == "global-rate"
    assert api.get("/v1/customers").status == 429
    assert api.get("/v1/customers").status == 200


def test_sdk_retries_a_500_with_the_same_key_and_pays_once(bench):
    bench.faults.arm("server_error")
    client = stripe.StripeClient(
        "sk_test_counter", http_client=bench.client()._requestor._client, max_network_retries=2
    )
    intent = client.v1.payment_intents.create({"amount": 1250, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    assert len(bench.client().v1.payment_intents.list().data) == 1


def test_should_retry_false_stops_the_sdk(bench):
    bench.faults.arm("server_error_no_retry")
    with pytest.raises(stripe.APIError):
        bench.client().v1.customers.create({})
    assert bench.client().v1.customers.list().data == []


def test_connection_dropped_after_execution_is_replayed_by_the_retry(bench):
    bench.faults.arm("drop_after")
    client = bench.client()
    made = client.v1.customers.create({"name": "A"}, {"max_network_retries": 1})
    assert [customer.id for customer in client.v1.customers.list().data] == [made.id]


def test_faults_can_be_aimed_at_a_path(api, bench):
    bench.faults.arm("conflict", path_prefix="/v1/products")
    assert api.get("/v1/customers").status == 200
    assert api.get("/v1/products").status == 409


def test_a_slow_call_takes_bench_time(api, bench):
    before = bench.clock.now_ms()
    bench.faults.arm("slow", delay_ms=1500)
    assert api.get("/v1/customers").status == 200
    assert bench.clock.now_ms() - before == 1500


def test_unknown_fault_names_the_known_ones(bench):
    with pytest.raises(ConfigurationError, match="rate_limit"):
        bench.faults.arm("gremlins")
