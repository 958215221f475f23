"""Injected faults as a client sees them on the wire (api-conventions §9, §7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from countertop.client import ServerClient


def test_a_slow_call_keeps_its_idempotency_key_in_use(http: httpx.Client, control: ServerClient) -> None:
    control.arm_fault("slow", delay_ms=400)
    key = {"idempotency-key": "slow-1"}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(http.post, "/v1/customers", data={"name": "Ada"}, headers=key)
        while control.faults():
            assert not first.done()
        second = http.post("/v1/customers", data={"name": "Ada"}, headers=key)
        assert second.status_code == 409
        assert second.json()["error"]["code"] == "idempotency_key_in_use"
        assert first.result().status_code == 200
    again = http.post("/v1/customers", data={"name": "Ada"}, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.result().json()


def test_other_calls_go_on_during_a_slow_one(http: httpx.Client, control: ServerClient) -> None:
    control.arm_fault("slow", delay_ms=400, path_prefix="/v1/customers")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(http.get, "/v1/customers")
        while control.faults():
            assert not slow.done()
        assert http.get("/v1/events").status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


def test_a_dropped_answer_was_executed_and_is_replayed(http: httpx.Client, control: ServerClient) -> None:
    control.arm_fault("drop_after")
    key = {"idempotency-key": "drop-1"}
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/customers", data={"name": "Ada"}, headers=key)
    again = http.post("/v1/customers", data={"name": "Ada"}, headers=key)
    assert again.status_code == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert len(http.get("/v1/customers").json()["data"]) == 1


def test_a_rate_limit_hits_as_many_calls_as_asked(http: httpx.Client, control: ServerClient) -> None:
    control.arm_fault("rate_limit", times=2)
    assert [http.get("/v1/customers").status_code for _ in range(3)] == [429, 429, 200]
