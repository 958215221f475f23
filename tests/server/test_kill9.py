"""kill -9 under load: every acknowledged write is there after the restart, and none is half there.

Sixteen clients create customers and pay intents (each payment writes an intent, a charge, a balance transaction and
several events in one transaction) until the server is killed.  Calls that were not answered are sent again after the
restart with their idempotency key, and must have happened exactly once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from countertop.client import RequestRefused, ServerClient, ServerNotRunning

CLIENTS = 16
PAYMENT = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
PAYMENT |= {"payment_method_types": ["card"]}


@dataclass
class Ledger:
    """What the clients were told, and what they asked without being told."""

    customers: dict[str, str] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    open: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def note(self, key: str, answer: dict[str, Any]) -> None:
        if answer["object"] == "customer":
            self.customers[answer["id"]] = key
        else:
            self.intents[answer["id"]] = key


@contextmanager
def server(data: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "countertop", "up", "--port", "0", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split(" at ", 1)[1].split()[0]
    try:
        yield url, process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)


def work(url: str, name: str, ledger: Ledger, lock: threading.Lock) -> None:
    """Create until the server is gone."""
    with ServerClient(url) as client:
        for number in range(1_000_000):
            key = f"{name}-{number}"
            call = (
                ("/v1/customers", {"name": key})
                if number % 2
                else ("/v1/payment_intents", {**PAYMENT, "description": key})
            )
            with lock:
                ledger.open[key] = call
            try:
                answer = client.call("POST", *call, headers={"idempotency-key": key})
            except ServerNotRunning:
                return
            with lock:
                del ledger.open[key]
                ledger.note(key, answer)


def load_and_kill(data: Path, ledger: Ledger, name: str, seconds: float) -> None:
    lock = threading.Lock()
    with server(data) as (url, process):
        threads = [
            threading.Thread(target=work, args=(url, f"{name}-{number}", ledger, lock)) for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        threading.Event().wait(seconds)
        os.kill(process.pid, signal.SIGKILL)
        for thread in threads:
            thread.join(60)


def ask_again(client: ServerClient, ledger: Ledger) -> None:
    for key, call in ledger.open.items():
        ledger.note(key, client.call("POST", *call, headers={"idempotency-key": key}))
    ledger.open.clear()


def check(client: ServerClient, ledger: Ledger) -> None:
    customers = {row["id"]: row for row in client.pages("/v1/customers")}
    intents = {row["id"]: row for row in client.pages("/v1/payment_intents")}
    charges = {row["id"]: row for row in client.pages("/v1/charges")}
    assert {identity: row["name"] for identity, row in customers.items()} == ledger.customers
    assert {identity: row["description"] for identity, row in intents.items()} == ledger.intents
    # Each transaction is whole: object, charge, and every event of it.
    assert all(intent["status"] == "succeeded" for intent in intents.values())
    assert {intent["latest_charge"] for intent in intents.values()} == set(charges)
    assert {charge["payment_intent"] for charge in charges.values()} == set(intents)
    told = Counter((event["type"], event["data"]["object"]["id"]) for event in client.pages("/v1/events"))
    assert set(told.values()) <= {1}
    for kind, identities in (
        ("customer.created", customers),
        ("payment_intent.created", intents),
        ("payment_intent.succeeded", intents),
        ("charge.succeeded", charges),
    ):
        assert {identity for event, identity in told if event == kind} == set(identities)
    transactions = {row["id"] for row in client.pages("/v1/balance_transactions")}
    assert {charge["balance_transaction"] for charge in charges.values()} == transactions


def story(data: Path, rounds: int, seconds: float) -> Ledger:
    ledger = Ledger()
    for number in range(rounds):
        load_and_kill(data, ledger, f"round{number}", seconds)
        with server(data) as (url, _), ServerClient(url) as client:
            ask_again(client, ledger)
            check(client, ledger)
    return ledger


def test_a_killed_server_has_lost_nothing(tmp_path: Path) -> None:
    assert len(story(tmp_path / "world.db", rounds=1, seconds=1.0).intents) > CLIENTS


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_server_killed_five_times_has_lost_nothing(tmp_path: Path) -> None:
    ledger = story(tmp_path / "world.db", rounds=5, seconds=10.0)
    print(f"{len(ledger.customers)} customers and {len(ledger.intents)} payments were acknowledged")


def test_the_check_would_notice_a_loss(tmp_path: Path) -> None:
    ledger = Ledger()
    with server(tmp_path / "world.db") as (url, _), ServerClient(url) as client:
        made = client.call("POST", "/v1/customers", {"name": "there"})
        ledger.note("there", made)
        check(client, ledger)
        ledger.customers["cus_lost"] = "lost"
        with pytest.raises(AssertionError):
            check(client, ledger)
    with pytest.raises((ServerNotRunning, RequestRefused, httpx.HTTPError)), ServerClient(url) as client:
        client.info()
