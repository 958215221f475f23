"""Locations, parcels, webhooks, clock and log, and what all panels share."""

from __future__ import annotations

import json

import pytest
import stripe
from screens import Seat, sit_down
from textual.widgets import Input

from countertop.bench import Bench
from countertop_tui.dialogs import Ask, Confirm
from countertop_tui.help import Help
from countertop_tui.jump import Jump
from countertop_tui.panels import PANELS
from countertop_tui.record_panel import RecordPanel


async def open_panel(seat: Seat, key: str, name: str) -> RecordPanel:
    await seat.press(key)
    await seat.until(lambda: seat.app.panel is not None and seat.app.panel.id == name)
    await seat.pilot.pause(0.2)
    return seat.app.panel


@pytest.mark.slow
def test_every_panel_opens_by_its_number_and_by_a_click(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        for number, entry in enumerate(PANELS, 1):
            await open_panel(seat, str(number), entry.name)
        await seat.pilot.click("#bar", offset=(3, 0))
        await seat.until(lambda: seat.app.panel.id == "readers")

    sit_down(bench, work)


@pytest.mark.slow
def test_locations_are_made_renamed_and_deleted(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "2", "places")
        await seat.until(lambda: panel.table.records)
        await seat.press("n")
        await seat.dialog(Ask)
        await seat.type("Covent Garden GB")
        await seat.press("enter")
        await seat.until(lambda: any(record.cells[1] == "Covent Garden" for record in panel.table.records))
        record = next(record for record in panel.table.records if record.cells[1] == "Covent Garden")
        assert record.cells[2] == "GB"
        panel.table.go_to(record.key)
        await seat.press("L")
        await seat.dialog(Ask)
        await seat.type("Soho")
        await seat.press("enter")
        await seat.until(lambda: any(record.cells[1] == "Soho" for record in panel.table.records))
        await seat.press("D")
        await seat.dialog(Confirm)
        await seat.press("y")
        await seat.until(lambda: all(record.cells[1] != "Soho" for record in panel.table.records))

    sit_down(bench, work)


@pytest.mark.slow
def test_a_location_without_a_country_is_refused_in_words(bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        await open_panel(seat, "2", "places")
        await seat.press("n")
        await seat.dialog(Ask)
        await seat.type("Nowhere")
        await seat.press("enter")
        await seat.until(lambda: any("name and a country" in line.text for line in seat.app.desk.log.lines))

    sit_down(bench, work)


def test_configurations_are_listed(bench: Bench) -> None:
    bench.call("POST", "/v1/terminal/configurations", {"name": "tips", "tipping": {"usd": {"fixed_amounts": [100]}}})

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "2", "places")
        await seat.until(lambda: any(record.cells[1] == "tips" for record in panel.table.records))
        panel.table.go_to(next(record.key for record in panel.table.records if record.cells[1] == "tips"))
        await seat.until(lambda: "fixed_amounts" in seat.text())

    sit_down(bench, work, size=(160, 40))


def test_a_parcel_is_moved_to_its_door(bench: Bench) -> None:
    bench.fund_issuing(10_000)
    card = bench.issue_card()

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "3", "parcels")
        await seat.until(lambda: panel.table.records)
        for key, status in (("s", "submitted"), ("h", "shipped"), ("d", "delivered")):
            await seat.press(key)
            await seat.until(lambda status=status: panel.selected.cells[0] == status, seat.text())
        assert "●──●──●──●" in seat.text()
        await seat.press("h", "r")  # nothing: it is there already
        assert panel.selected.cells[0] == "delivered"

    sit_down(bench, work)
    assert bench.call("GET", f"/v1/issuing/cards/{card.id}")["shipping"]["status"] == "delivered"


@pytest.mark.slow
def test_a_parcel_fails(bench: Bench) -> None:
    bench.fund_issuing(10_000)
    bench.issue_card()

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "3", "parcels")
        await seat.until(lambda: panel.table.records)
        await seat.press("h")
        await seat.until(lambda: panel.selected.cells[0] == "shipped")
        await seat.press("F")
        await seat.dialog(Confirm)
        await seat.press("escape")
        assert panel.selected.cells[0] == "shipped"
        await seat.press("F")
        await seat.dialog(Confirm)
        await seat.press("y")
        await seat.until(lambda: panel.selected.cells[0] == "failure", seat.text())
        assert "✗ failure" in seat.text()

    sit_down(bench, work)


def test_webhooks_are_seen_sent_again_and_verified(bench: Bench) -> None:
    answers = [500]
    inbox = bench.inbox("customer.created", answer=lambda received: answers[0])
    bench.call("POST", "/v1/customers", {"name": "Ann"})
    endpoint = bench.call("GET", "/v1/webhook_endpoints")["data"][0]
    assert endpoint

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "4", "webhooks")
        await seat.until(lambda: panel.table.records)
        await seat.press("enter")
        await seat.until(lambda: "Stripe-Signature" in seat.text(), seat.text())
        await seat.press("y")
        await seat.until(lambda: "Stripe-Signature" in seat.app.clipboard)
        head, _, body = seat.app.clipboard.partition("\n\n")
        signature = next(line for line in head.splitlines() if line.startswith("Stripe-Signature")).partition(": ")[2]
        event = stripe.Webhook.construct_event(body, signature, inbox.secret, tolerance=None)
        assert event.type == "customer.created"
        answers[0] = 200
        await seat.press("r")
        await seat.until(lambda: panel.selected.cells[0] == "✓ delivered", seat.text())
        assert seat.app.desk.deeds[-1].command.startswith("countertop webhooks --resend ")

    sit_down(bench, work, size=(160, 40))
    assert json.loads(inbox.received[0].body)["type"] == "customer.created"


def attempts(panel: RecordPanel) -> int:
    return len(panel.table.records[0].data["attempts"]) if panel.table.records else 0


@pytest.mark.slow
def test_all_failed_deliveries_are_sent_again(bench: Bench) -> None:
    bench.call("POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/", "enabled_events": ["customer.created"]})

    async def work(seat: Seat) -> None:
        seat.bench.call("POST", "/v1/customers", {"name": "Ann"})
        panel = await open_panel(seat, "4", "webhooks")
        for tries in (1, 2, 3):
            await seat.until(lambda tries=tries: attempts(panel) == tries, "it was not tried")
            seat.bench.advance(hours=3)
        assert panel.selected.data["status"] == "failed"
        await seat.press("R")
        await seat.dialog(Confirm)
        await seat.press("y")
        await seat.until(lambda: attempts(panel) == 4)

    sit_down(bench, work)


@pytest.mark.slow
def test_the_clock_is_stepped_run_and_frozen(bench: Bench) -> None:
    before = bench.clock.now_ms()

    async def work(seat: Seat) -> None:
        panel = await open_panel(seat, "5", "clock")
        await seat.until(lambda: panel._clock)
        assert "stands still" in seat.text()
        await seat.press("h")
        await seat.until(lambda: panel._clock["now_ms"] == before + 3_600_000)
        await seat.press("a")
        await seat.dialog(Ask)
        await seat.type("90s")
        await seat.press("enter")
        await seat.until(lambda: panel._clock["now_ms"] == before + 3_690_000)
        await seat.press("a")
        await seat.dialog(Ask)
        await seat.type("soon")
        await seat.press("enter")
        await seat.until(lambda: any("no time" in line.text for line in seat.app.desk.log.lines))
        await seat.pilot.click("#step_day")
        await seat.until(lambda: panel._clock["now_ms"] == before + 3_690_000 + 86_400_000)
        await seat.press("s")
        await seat.dialog(Ask)
        await seat.type("60")
        await seat.press("enter")
        await seat.until(lambda: panel._clock["speed"] == 60)
        await seat.press("f")
        await seat.until(lambda: panel._clock["frozen"])

    sit_down(bench, work)


@pytest.mark.slow
def test_the_log_tells_requests_events_and_deeds(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("o")
        await seat.until(lambda: seat.app.desk.deeds)
        seat.bench.call("POST", "/v1/customers", {"name": "Ann"})
        panel = await open_panel(seat, "6", "log")
        await seat.until(lambda: "POST /v1/customers 200" in seat.text(), seat.text())
        assert "customer.created" in seat.text()
        while panel._only != "done":
            await seat.press("v")
        await seat.until(lambda: all(record.cells[1] == "done" for record in panel.table.records))
        await seat.press("y")
        assert seat.app.clipboard.startswith("countertop reader fault offline")

    sit_down(bench, work)


@pytest.mark.slow
def test_help_lists_the_keys_of_here(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("question_mark")
        await seat.dialog(Help)
        text = seat.text()
        for words in ("Readers", "Everywhere", "Unbox a reader", "Jump to a pane", "Mark all"):
            assert words in text, words
        await seat.press("escape")
        await open_panel(seat, "5", "clock")
        await seat.press("question_mark")
        await seat.dialog(Help)
        assert "+1 hour" in seat.text()
        assert "Unbox a reader" not in seat.text()

    sit_down(bench, work, size=(120, 70))


def test_every_command_of_the_readers_has_a_key_that_the_help_names(bench: Bench) -> None:
    from countertop_tui.panels.readers import ReadersPanel
    from countertop_tui.reader_commands import COMMANDS

    keys = [binding.key for binding in ReadersPanel.BINDINGS]
    assert len(keys) == len(set(keys)), "a key has two meanings"
    assert {command.key for command in COMMANDS} <= set(keys)


@pytest.mark.slow
def test_any_pane_is_reached_in_two_keys(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        panes = [widget for widget in seat.app.screen.focus_chain if widget.region.area]
        assert len(panes) >= 2
        for at, pane in enumerate(panes):
            await seat.press("ctrl+o")
            jump = await seat.dialog(Jump)
            letter = list(jump._targets)[at]
            await seat.press(letter)
            await seat.until(lambda pane=pane: seat.app.focused is pane, f"{pane} {seat.app.focused} {panes}")
        await seat.press("ctrl+o")
        await seat.dialog(Jump)
        await seat.press("escape")
        await seat.until(lambda: not isinstance(seat.app.screen, Jump))

    sit_down(bench, work, size=(160, 50))


def test_the_palette_does_what_the_keys_do(bench: Bench) -> None:
    till = bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        commands = {command.title: command for command in seat.app.get_system_commands(seat.app.screen)}
        assert {"Network off/on", "Wallet", "Go to Clock", "Sort by"} <= set(commands)
        assert "PIN pad" not in commands, "there is nothing to type a PIN for"
        await commands["Network off/on"].callback()
        await seat.until(lambda: seat.readers.row.faults == "offline")
        await seat.press("ctrl+p")
        await seat.until(lambda: isinstance(seat.app.focused, Input))
        await seat.pilot.press(*"clock")
        await seat.pilot.pause(0.6)
        await seat.press("enter")
        await seat.pilot.pause(0.3)
        if seat.app.panel.id != "clock":
            await seat.press("enter")
        await seat.until(lambda: seat.app.panel.id == "clock")

    sit_down(bench, work)
    assert till.state == "idle"


def test_the_palette_reaches_into_other_panels(bench: Bench) -> None:
    before = bench.clock.now_ms()

    async def work(seat: Seat) -> None:
        commands = {command.title: command for command in seat.app.get_system_commands(seat.app.screen)}
        await commands["Clock: +1 hour"].callback()
        await seat.until(lambda: seat.bench.clock.now_ms() == before + 3_600_000)
        assert seat.app.panel.id == "clock"

    sit_down(bench, work)


def test_the_theme_turns(bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        assert seat.app.current_theme.dark
        await seat.press("ctrl+t")
        assert not seat.app.current_theme.dark

    sit_down(bench, work)
