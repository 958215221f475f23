"""``countertop trace`` and ``countertop issuer``: chips and banks of a running server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Countertop

from countertop.bench import Bench
from countertop.server import LiveServer


@pytest.fixture
def sell(bench: Bench, server: LiveServer, countertop: Countertop):
    """Sell with a chip through the commands; returns the intent's id."""
    reader = bench.reader(label="Till")

    def sale(card: str = "visa", *faults: str, amount: int = 1250) -> str:
        params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]}
        intent = bench.call("POST", "/v1/payment_intents", params)["id"]
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent})
        options = [word for fault in faults for word in ("--card-fault", fault)]
        done = countertop("reader", "insert", card, *options)
        assert done.status == 0, done.err
        countertop("reader", "remove")
        bench.advance(seconds=10)
        return str(intent)

    return sale


def test_a_trace_is_shown(countertop: Countertop, sell) -> None:
    intent = sell()
    for name in ([], ["latest"], [intent]):
        shown = countertop("trace", *name)
        assert shown.status == 0, shown.err
        assert "approved: Approved." in shown.out
        assert "issuer: cryptogram: ok" in shown.out
        assert "4242424242424242" not in shown.out


def test_a_trace_as_json_as_a_page_and_as_messages(countertop: Countertop, sell, tmp_path: Path) -> None:
    intent = sell()
    assert json.loads(countertop("trace", "--json").out)["id"] == intent
    page = tmp_path / "trace.html"
    assert countertop("trace", "--html", str(page)).status == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    messages = countertop("trace", "--iso8583").out.splitlines()
    assert [line.split(":")[0] for line in messages] == ["authorization", "authorization response"]
    assert messages[0].split(": ")[1].startswith("30313030"), "0100 in ASCII"
    refused = countertop("trace", "--html", str(tmp_path / "missing" / "trace.html"))
    assert refused.status == 1
    assert "cannot be written" in refused.err


def test_a_trace_that_there_is_not(countertop: Countertop, server: LiveServer) -> None:
    done = countertop("trace", "pi_nothing")
    assert (done.status, done.out) == (1, "")
    assert "There is no trace of" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_faulty_chip(countertop: Countertop, sell, bench: Bench) -> None:
    sell("visa", "wrong_arqc")
    assert "issuer: cryptogram: wrong" in countertop("trace").out
    done = countertop("reader", "insert", "visa", "--card-fault", "gremlins")
    assert done.status == 1
    assert "A card has no fault" in done.err


def test_an_issuer_goes_down_and_sends_scripts(countertop: Countertop, sell) -> None:
    assert countertop("issuer", "list").out == "test-cards  up\nguest-cards  up\nissuing  up\n"
    assert "is down" in countertop("issuer", "down").out
    sell()
    assert "stand-in: approved" in countertop("trace").out
    assert "up again" in countertop("issuer", "up").out
    assert "with its next payment" in countertop("issuer", "script", "visa", "block_card").out
    sell()
    assert "script command 1" in countertop("trace").out
    for wrong in (("down", "acme"), ("script", "visa", "make_rich"), ("script", "nobody", "block_card")):
        done = countertop("issuer", *wrong)
        assert done.status == 1, wrong
        assert len(done.err.splitlines()) == 1, wrong
