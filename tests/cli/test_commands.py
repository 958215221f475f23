"""The commands that look at a running server and touch it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Countertop

from countertop.bench import Bench
from countertop.cli.scenarios import SCENARIOS
from countertop.server import LiveServer


@pytest.fixture
def waiting(bench: Bench, server: LiveServer) -> str:
    """A reader that waits for a card."""
    reader = bench.reader(label="Till").id
    params = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = bench.call("POST", "/v1/payment_intents", params)["id"]
    bench.call("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": intent})
    return reader


def test_readers_are_listed(countertop: Countertop, waiting: str) -> None:
    done = countertop("reader", "list")
    assert done.status == 0
    assert waiting in done.out
    assert "Till" in done.out
    assert json.loads(countertop("reader", "list", "--json").out)[0]["id"] == waiting


def test_a_screen_is_shown(countertop: Countertop, waiting: str) -> None:
    for name in ([], ["Till"], [waiting]):
        assert "$12.50" in countertop("reader", "screen", *name).out
    assert json.loads(countertop("reader", "show").out)["id"] == waiting


@pytest.mark.parametrize(
    ("how", "card"), [("tap", "visa"), ("insert", "visa"), ("swipe", "visa_stripe"), ("tap", "apple_pay:visa")]
)
def test_a_card_is_presented(countertop: Countertop, waiting: str, how: str, card: str) -> None:
    done = countertop("reader", how, card, "Till")
    assert done.status == 0, done.err
    assert "action process_payment_intent succeeded" in done.out


def test_a_declined_card_says_why(countertop: Countertop, waiting: str) -> None:
    assert "failed: card_declined" in countertop("reader", "tap", "charge_declined").out


def test_a_pin_is_typed_and_the_card_taken(countertop: Countertop, waiting: str) -> None:
    countertop("reader", "insert", "online_pin_cvm")
    assert countertop("reader", "pin", "1234").status == 0
    assert countertop("reader", "remove").status == 0


def test_faults_come_and_go(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    reader = bench.reader()
    assert countertop("reader", "fault", "offline").status == 0
    assert json.loads(countertop("reader", "show", reader.id).out)["faults"] == ["offline"]
    countertop("reader", "fault", "offline", "--off")
    assert json.loads(countertop("reader", "show", reader.id).out)["faults"] == []


def test_a_button_that_is_not_there_is_one_line(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    bench.reader()
    done = countertop("reader", "press", "cancel")
    assert done.status == 1
    assert done.err.startswith("countertop: ")
    assert done.err.count("\n") == 1


def test_which_reader_has_to_be_said_when_there_are_several(
    countertop: Countertop, bench: Bench, server: LiveServer
) -> None:
    assert "no reader on the counter" in countertop("reader", "screen").err
    bench.reader(label="One")
    bench.reader(label="Two")
    assert "Which reader?" in countertop("reader", "screen").err
    assert "no reader 'Three'" in countertop("reader", "screen", "Three").err
    assert countertop("reader", "screen", "Two").out.startswith("Two")


def test_the_fleet_is_a_table(countertop: Countertop, waiting: str) -> None:
    done = countertop("fleet")
    assert done.status == 0, done.err
    assert waiting in done.out
    assert "process_payment_intent in_progress" in done.out
    assert "1 readers, 1 online" in done.out


def test_webhooks_are_listed_and_sent_again(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    assert "No webhooks yet" in countertop("webhooks").out
    inbox = bench.inbox("customer.created")
    bench.call("POST", "/v1/customers", {"name": "Ada"})
    assert "customer.created" in countertop("webhooks").out
    [row] = json.loads(countertop("webhooks", "--json").out)
    assert countertop("webhooks", "--resend", row["id"]).status == 0
    assert inbox.types == ["customer.created"] * 2


@pytest.mark.parametrize("event", sorted(SCENARIOS))
def test_each_event_is_triggered_by_the_real_thing(
    countertop: Countertop, bench: Bench, server: LiveServer, event: str
) -> None:
    for _ in range(2):
        done = countertop("trigger", event)
        assert done.status == 0, done.err
        assert done.out.startswith(event)
    written = bench.call("GET", "/v1/events", {"type": event})["data"]
    assert len(written) >= 2
    assert written[0]["data"]["object"]["id"] == done.out.split()[-1]


def test_an_event_that_cannot_be_triggered_lists_those_that_can(countertop: Countertop, server: LiveServer) -> None:
    done = countertop("trigger", "wombat.created")
    assert done.status == 1
    assert "payment_intent.succeeded" in done.err
    assert "payment_intent.succeeded" in countertop("trigger").out


def test_coverage_counts_what_the_catalog_has(countertop: Countertop) -> None:
    counts = json.loads(countertop("coverage", "--json").out)
    terminal = counts["terminal"]
    assert terminal["routed"] == sum(count for name, count in terminal.items() if name != "routed")
    operations = json.loads(countertop("coverage", "--family", "terminal", "--json").out)
    assert len(operations) == terminal["routed"]
    assert operations["POST /v1/terminal/readers/{reader}/process_payment_intent"] == "behaviour"
    assert set(json.loads(countertop("coverage", "--family", "v2.core", "--json").out).values()) == {"refused"}
    assert "terminal" in countertop("coverage").out
    assert "no family 'wombats'" in countertop("coverage", "--family", "wombats").err


def test_plugins_are_listed_without_being_imported(
    countertop: Countertop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "acme_reader-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-reader\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[countertop.drivers]\nacme = no_such_module:Driver\n")
    monkeypatch.syspath_prepend(tmp_path)
    done = countertop("plugins")
    assert done.status == 0
    assert "acme-reader 1.2" in done.out
    found = json.loads(countertop("plugins", "--json").out)
    assert {
        "group": "countertop.drivers",
        "name": "acme",
        "at": "no_such_module:Driver",
        "package": "acme-reader 1.2",
    } in found


def ask(bench: Bench, reader: str, action: str, params: dict[str, object]) -> None:
    bench.call("POST", f"/v1/terminal/readers/{reader}/{action}", params)


def test_a_tip_is_chosen(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    default = bench.call("GET", "/v1/terminal/configurations", {"is_account_default": True})["data"][0]["id"]
    bench.call("POST", f"/v1/terminal/configurations/{default}", {"tipping": {"usd": {"percentages": [15, 20]}}})
    reader = bench.reader().id
    params = {"amount": 1000, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = bench.call("POST", "/v1/payment_intents", params)["id"]
    ask(bench, reader, "process_payment_intent", {"payment_intent": intent})
    assert "$12.34" in countertop("reader", "tip", "234").out
    countertop("reader", "tap")
    assert bench.call("GET", f"/v1/payment_intents/{intent}")["amount"] == 1234
    refused = countertop("reader", "tip", "1")
    assert (refused.status, refused.err.count("\n")) == (1, 1)


def test_forms_are_filled_and_skipped(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    reader = bench.reader().id
    forms = [
        {"type": "email", "custom_text": {"title": "Mail"}, "toggles": [{"title": "News"}]},
        {"type": "text", "custom_text": {"title": "Name"}},
    ]
    ask(bench, reader, "collect_inputs", {"inputs": forms})
    assert countertop("reader", "toggle", "0").status == 0
    assert countertop("reader", "enter", "no address").status == 1
    assert "Name" in countertop("reader", "enter", "ada@example.com").out
    assert countertop("reader", "skip").status == 0
    inputs = bench.call("GET", f"/v1/terminal/readers/{reader}")["action"]["collect_inputs"]["inputs"]
    assert inputs[0]["email"]["value"] == "ada@example.com"
    assert inputs[0]["toggles"][0]["value"] == "enabled"
    assert inputs[1]["skipped"] is True


def test_power_and_software(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    reader = bench.reader(simulated=False)
    assert countertop("reader", "unplug").status == 0
    assert json.loads(countertop("reader", "show").out)["battery"]["charging"] is False
    assert countertop("reader", "plug").status == 0
    assert countertop("reader", "install", "2.43.1.0").status == 0
    bench.advance(minutes=10)
    assert json.loads(countertop("reader", "show", reader.id).out)["software"] == "2.43.1.0"


def test_a_fault_is_planned(countertop: Countertop, bench: Bench, server: LiveServer) -> None:
    reader = bench.reader()
    assert countertop("reader", "fault", "offline", "--in", "60", "--for", "90").status == 0
    view = json.loads(countertop("reader", "show").out)
    assert [entry["on"] for entry in view["planned_faults"]] == [True, False]
    assert view["faults"] == []
    bench.advance(seconds=61)
    assert json.loads(countertop("reader", "show", reader.id).out)["faults"] == ["offline"]
    bench.advance(seconds=91)
    assert json.loads(countertop("reader", "show", reader.id).out)["faults"] == []
    assert "Faults:" in countertop("reader", "fault", "gremlins").err
    assert "network_lost" in countertop("reader", "faults").out
