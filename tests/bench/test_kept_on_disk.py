"""A world with a data file: closed and opened again, it goes on where it was."""

from __future__ import annotations

import http.server
import threading

import pytest

from countertop.bench import Bench
from countertop.clock import VIRTUAL_START_MS, Clock
from countertop.errors import DataFileError
from countertop.store import open_store
from countertop.vault import KIND as SEALED
from countertop.vault import Vault

INTENT = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
DAY_MS = 86_400_000


class Disk:
    """Opens the world of one data file, as ``countertop up`` does, but in virtual time."""

    def __init__(self, path):
        self.path = path
        self.now_ms = VIRTUAL_START_MS

    def open(self):
        store = open_store(self.path, fsync=False)
        with store.transaction() as tx:
            sealed = bool(tx.count("", SEALED))
        vault = Vault.for_file(self.path, sealed_rows=sealed)
        return Bench(store=store, vault=vault, clock=Clock(self.now_ms), seed="disk")

    def close(self, bench):
        self.now_ms = bench.clock.now_ms()
        bench.close()


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path / "world.db")


def sell(bench, reader, card="mastercard", **options):
    intent = bench.call("POST", "/v1/payment_intents", {**INTENT, **options})["id"]
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent})
    if card:
        reader.tap(card)
    return intent


def status(bench, intent):
    return bench.call("GET", f"/v1/payment_intents/{intent}")["status"]


def test_objects_accounts_and_cards_are_there_again(disk):
    bench = disk.open()
    bench.configure_account("sk_test_gb", country="GB", business_name="The Corner Shop")
    bench.call("POST", "/v1/customers", {"name": "Jenny"}, key="sk_test_gb")
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2031}
    method = bench.call("POST", "/v1/payment_methods", {"type": "card", "card": card})
    disk.close(bench)
    bench = disk.open()
    assert bench.account("sk_test_gb").business_name == "The Corner Shop"
    assert [item["name"] for item in bench.call("GET", "/v1/customers", key="sk_test_gb")["data"]] == ["Jenny"]
    paid = bench.call(
        "POST",
        "/v1/payment_intents",
        {
            "amount": 999,
            "currency": "usd",
            "payment_method": method["id"],
            "confirm": True,
            "payment_method_types": ["card"],
        },
    )
    assert paid["status"] == "succeeded"
    bench.close()


def test_ids_of_an_earlier_start_are_not_drawn_again(disk):
    drawn = []
    for _ in range(3):
        bench = disk.open()
        drawn += [bench.call("POST", "/v1/customers")["id"] for _ in range(5)]
        disk.close(bench)
    assert len(set(drawn)) == 15


def test_readers_boot_again_and_sell(disk):
    bench = disk.open()
    readers = [bench.reader(), bench.reader(simulated=False)]
    disk.close(bench)
    bench = disk.open()
    assert [bench.find_reader(old.id).serial for old in readers] == [old.serial for old in readers]
    simulated, device = readers
    assert bench.find_reader(simulated.id).state == "idle", "a simulator has no power to lose"
    assert bench.find_reader(device.id).state == "booting"
    bench.advance(minutes=2)
    for old in readers:
        reader = bench.find_reader(old.id)
        assert reader.state == "idle"
        assert status(bench, sell(bench, reader)) == "succeeded"
    bench.close()


def test_an_authorization_ends_in_the_next_start_too(disk):
    bench = disk.open()
    held = sell(bench, bench.reader(), capture_method="manual")
    disk.close(bench)
    bench = disk.open()
    bench.advance(hours=47)
    assert status(bench, held) == "requires_capture"
    disk.close(bench)
    bench = disk.open()
    bench.advance(hours=2)
    assert status(bench, held) == "canceled"
    bench.close()


def test_an_authorization_whose_end_passed_while_nothing_ran_ends_at_the_next_start(disk):
    bench = disk.open()
    held = sell(bench, bench.reader(), capture_method="manual")
    disk.close(bench)
    disk.now_ms += 30 * DAY_MS
    bench = disk.open()
    bench.run_due()
    assert status(bench, held) == "canceled"
    bench.close()


def test_a_reader_that_lost_power_in_a_sale_forgets_it_and_cancel_action_frees_it(disk):
    """terminal.md §2.4: the action of a reader that died stays ``in_progress`` until it is canceled."""
    bench = disk.open()
    reader = bench.reader(simulated=False)
    intent = sell(bench, reader, card=None)
    assert reader.state == "waiting"
    disk.close(bench)
    bench = disk.open()
    bench.advance(minutes=2)
    reader = bench.find_reader(reader.id)
    path = f"/v1/terminal/readers/{reader.id}"
    assert reader.state == "idle"
    assert bench.call("GET", path)["action"]["status"] == "in_progress"
    assert bench.call("POST", f"{path}/cancel_action")["action"] is None
    assert status(bench, intent) == "requires_payment_method"
    assert status(bench, sell(bench, reader)) == "succeeded"
    bench.close()


class Target(http.server.ThreadingHTTPServer):
    """A web application that is down (503) until it is up."""

    def __init__(self):
        self.up = False
        self.seen = []
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                target.seen.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if target.up else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True


@pytest.fixture
def target():
    made = Target()
    worker = threading.Thread(target=made.serve_forever, daemon=True)
    worker.start()
    yield made
    made.shutdown()
    made.server_close()
    worker.join(5)


def deliveries(bench):
    return bench.transact(lambda tx: bench.world.deliveries.log(tx, bench.account().id))


def test_a_failed_delivery_is_tried_again_after_a_restart(disk, target):
    bench = disk.open()
    url = f"http://127.0.0.1:{target.server_port}/"
    bench.call("POST", "/v1/webhook_endpoints", {"url": url, "enabled_events": ["customer.created"]})
    bench.call("POST", "/v1/customers")
    bench.wait_for_deliveries()
    assert [row["status"] for row in deliveries(bench)] == ["pending"]
    disk.close(bench)

    target.up = True
    bench = disk.open()
    bench.wait_for_deliveries()
    assert len(target.seen) == 1, "its next try has its own time"
    bench.advance(minutes=6)
    bench.wait_for_deliveries()
    assert [row["status"] for row in deliveries(bench)] == ["delivered"]
    assert target.seen[0] == target.seen[1]
    bench.close()


def test_a_delivery_that_was_never_tried_goes_out_at_the_next_start(disk, target):
    target.up = True
    bench = disk.open()
    url = f"http://127.0.0.1:{target.server_port}/"
    bench.call("POST", "/v1/webhook_endpoints", {"url": url, "enabled_events": ["customer.created"]})
    bench.world.deliveries.announce = lambda account, delivery: None  # the process dies before the first try
    bench.call("POST", "/v1/customers")
    disk.close(bench)
    assert target.seen == []

    bench = disk.open()
    bench.wait_for_deliveries()
    assert len(target.seen) == 1
    assert [row["status"] for row in deliveries(bench)] == ["delivered"]
    bench.close()


def test_two_benches_cannot_share_a_data_file(disk):
    bench = disk.open()
    with pytest.raises(DataFileError, match="in use by another Countertop server"):
        disk.open()
    disk.close(bench)
    disk.open().close()


def test_no_card_number_is_on_the_disk(disk):
    bench = disk.open()
    sell(bench, bench.reader(), "4242424242424242")
    disk.close(bench)
    for path in disk.path.parent.iterdir():
        assert b"4242424242424242" not in path.read_bytes(), path.name


def test_chips_and_their_issuer_remember(disk):
    bench = disk.open()
    reader = bench.reader()
    sell(bench, reader, card=None)
    reader.insert("offline_pin_cvm")
    reader.enter_pin("9999")
    reader.enter_pin("9999")
    bench.issuer_script("visa", "change_pin", pin="739104")
    disk.close(bench)
    assert b"739104" not in disk.path.read_bytes()
    bench = disk.open()
    again = bench.find_reader(reader.id)
    bench.advance(seconds=10)
    bench.call("POST", f"/v1/terminal/readers/{reader.id}/cancel_action")
    intent = sell(bench, again, card=None)
    again.insert("offline_pin_cvm")
    assert "Last try" in again.screen.text, "two tries were used up before"
    again.enter_pin("1234")
    trace = bench.trace(intent)
    counters = [entry for entry in trace["entries"] if entry["name"] == "issuer: transaction counter"]
    assert [(entry["result"], entry["why"][:1]) for entry in counters] == [("ok", "2")]
    disk.close(bench)


def test_an_issued_card_and_a_phone_outlive_a_restart(disk):
    bench = disk.open()
    bench.configure_account("sk_test_counter", country="GB")
    bench.fund_issuing(10_000)
    card = bench.issue_card()
    card.parcel.deliver()
    card.activate()
    token, number = card.in_phone("apple_pay").name, card.plastic.number
    disk.close(bench)
    bench = disk.open()
    assert bench.issued_card(card.id).plastic.number == number
    reader = bench.reader()
    for held in (card.id, token):
        intent = sell(bench, reader, held, currency="gbp")
        assert status(bench, intent) == "succeeded"
        bench.advance(seconds=20)
    assert bench.call("GET", "/v1/balance")["issuing"]["available"][0]["amount"] == 10_000 - 2 * 1_250
    bench.close()
    assert number.encode() not in disk.path.read_bytes()


def test_a_question_that_was_lost_with_the_process_is_settled_when_it_lapses(disk):
    bench = disk.open()
    bench.fund_issuing(10_000)
    card = bench.issue_card(type="virtual", status="active")

    def dies(event):
        raise KeyboardInterrupt

    with bench.authorizations(dies), pytest.raises(KeyboardInterrupt):
        bench.call("POST", "/v1/test_helpers/issuing/authorizations", {"card": card.id, "amount": 500})
    disk.close(bench)
    bench = disk.open()
    (pending,) = bench.call("GET", "/v1/issuing/authorizations")["data"]
    assert (pending["status"], pending["approved"]) == ("pending", False)
    bench.advance(hours=24 * 8)
    (settled,) = bench.call("GET", "/v1/issuing/authorizations")["data"]
    assert (settled["approved"], settled["request_history"][0]["reason"]) == (False, "webhook_timeout")
    bench.close()
