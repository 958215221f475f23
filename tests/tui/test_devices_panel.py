"""The devices panel: real drivers over virtual devices, attached from the screen, paid with, let go."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from typing import Any

import pytest
from air_card import chip_of
from screens import Seat, sit_down
from tests.cards.hands import make

from countertop.bench import Bench
from countertop.client import ServerClient, ServerNotRunning
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import TcpEnd
from countertop_drivers.virtual.usbip import UsbipServer
from countertop_tui.attach_processes import command_of, plugged_in
from countertop_tui.dialogs import Ask, Choose
from countertop_tui.panels import devices
from countertop_tui.panels.devices import DevicesPanel


async def open_devices(seat: Seat) -> DevicesPanel:
    await seat.press("7")
    await seat.until(lambda: isinstance(seat.app.panel, DevicesPanel))
    panel = seat.app.panel
    assert isinstance(panel, DevicesPanel)
    await seat.until(lambda: not panel._looking and not panel._asking)
    await seat.pilot.pause(0.1)
    return panel


def plugged(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    found = [{"url": url, "title": f"Device {number}"} for number, url in enumerate(urls, 1)]
    monkeypatch.setattr(devices, "plugged_in", lambda: found)


async def choose_first(seat: Seat) -> None:
    await seat.dialog(Choose)
    await seat.press("enter")


def sale(bench: Bench, reader: str) -> str:
    params = {"amount": 1250, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = bench.call("POST", "/v1/payment_intents", params)
    bench.call("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": intent["id"]})
    return str(intent["id"])


async def paid(seat: Seat, intent: str) -> None:
    """Let time pass until the intent is paid."""

    def done() -> bool:
        seat.bench.advance(seconds=1)
        return seat.bench.call("GET", f"/v1/payment_intents/{intent}")["status"] == "succeeded"

    await seat.until(done)


def test_attach_pay_and_detach(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    till = bench.reader(label="Till")
    with UsbipServer({"1-1": VirtualCcid(make("visa"))}, port=0) as server:
        url = f"ccid:usbip:127.0.0.1:{server.port}"
        plugged(monkeypatch, url)

        async def work(seat: Seat) -> None:
            panel = await open_devices(seat)
            await seat.until(lambda: [record.cells[0] for record in panel.table.records] == ["○ free"])
            assert panel.check_action("detach", ()) is None
            await seat.press("a")
            await choose_first(seat)
            await seat.until(lambda: [record.cells[0] for record in panel.table.records] == ["● attached"])
            [record] = panel.table.records
            assert (record.cells[1:3], record.cells[5:]) == ((url, "Till"), ("insert", "Device 1"))
            assert panel.check_action("attach", ()) is None
            await paid(seat, sale(bench, till.id))
            await seat.until(lambda: "GENERATE AC (2nd)  9000" in seat.text())
            assert "4242424242424242" not in "\n".join(panel._frames[till.serial])
            assert "READ RECORD" in "\n".join(panel._frames[till.serial])
            await seat.until(lambda: int(panel.table.records[0].cells[4]) >= 10)
            await seat.press("d")
            await seat.until(lambda: [record.cells[0] for record in panel.table.records] == ["○ free"])
            deed = next(deed for deed in seat.app.desk.deeds if deed.title.startswith("Attach"))
            assert deed.command == command_of(url, till.serial, seat.server.url)

        sit_down(bench, work)


@pytest.mark.slow
def test_attach_by_url_and_record(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    till = bench.reader(label="Till")
    file = tmp_path / "tap.json"
    with TcpEnd(VirtualPn532(chip_of("visa"))) as end:
        url = f"pn532:serial:socket://127.0.0.1:{end.port}"
        plugged(monkeypatch, url)

        async def work(seat: Seat) -> None:
            panel = await open_devices(seat)
            await seat.until(lambda: panel.table.records)
            await seat.press("r")
            await seat.dialog(Ask)
            await seat.type(str(file))
            await seat.press("enter")
            await choose_first(seat)
            await seat.until(lambda: panel.table.records[0].cells[0] == "● attached")
            await paid(seat, sale(bench, till.id))

        sit_down(bench, work)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["url"] == url
    assert any(line.get("means", "").startswith("SELECT 2PAY") for line in lines)


@pytest.mark.slow
def test_a_device_that_cannot_be_opened_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.reader(label="Till")
    plugged(monkeypatch)

    async def work(seat: Seat) -> None:
        panel = await open_devices(seat)
        assert "Nothing here yet" in seat.text()
        said = []
        monkeypatch.setattr(seat.app, "notify", lambda text, **more: said.append((text, more.get("severity"))))
        await seat.press("u")
        await seat.dialog(Ask)
        await seat.type("pn532:serial:/dev/nothing")
        await seat.press("enter")
        await choose_first(seat)
        await seat.until(lambda: any("no serial port /dev/nothing" in text for text, _ in said))
        assert said[-1][1] == "error"
        assert not panel.table.records

    sit_down(bench, work)


@pytest.mark.slow
def test_nothing_outlives_the_screen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.reader(label="Till")
    children: list[subprocess.Popen[str]] = []
    with TcpEnd(VirtualPn532(None)) as end:
        plugged(monkeypatch, f"pn532:serial:socket://127.0.0.1:{end.port}")

        async def work(seat: Seat) -> None:
            panel = await open_devices(seat)
            await seat.until(lambda: panel.table.records)
            await seat.press("a")
            await choose_first(seat)
            await seat.until(lambda: panel.table.records[0].cells[0] == "● attached")
            children.extend(process.child for process in panel._processes._running)

        sit_down(bench, work)
    [child] = children
    assert child.wait(10) == 0


def test_what_is_plugged_in_is_asked_of_the_drivers() -> None:
    assert isinstance(plugged_in(), list)


async def play(seat: Seat, till: Any, device: str) -> None:
    """Be the process that has a device: a card is at it, and answers until the reader has seen enough."""
    chip = make("visa")
    asks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    answering = ServerClient(seat.server.url)

    def listen() -> None:
        # It ends when the server does.
        ends = contextlib.suppress(ServerNotRunning)
        with ServerClient(seat.server.url) as client, ends, client.attaching(till.serial, device, "insert") as given:
            for ask in given:
                asks.put(ask)

    threading.Thread(target=listen, daemon=True).start()
    await seat.until(lambda: not asks.empty())
    answering.card_at_device(till.serial, {"state": "present"})
    answered = 0
    while answered < 14:
        seat.bench.advance(seconds=1)
        await seat.until(lambda: not asks.empty(), f"{answered} answers")
        ask = asks.get()
        if "number" in ask and ask["do"] != "power_off":
            answer = chip.power_on() if ask["do"] == "power_on" else chip.transmit(bytes.fromhex(ask["apdu"]))
            answering.card_said(till.serial, ask["number"], answer)
            answered += 1
    seat.bench.advance(seconds=10)
    answering.close()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: "x".join(map(str, size)))
def test_a_picture(bench: Bench, monkeypatch: pytest.MonkeyPatch, picture, size: tuple[int, int]) -> None:
    till = bench.reader(label="Till 1")
    plugged(monkeypatch, "ccid:usb:bus=1,addr=5", "swipe:hid:bus=1,addr=6")

    async def work(seat: Seat) -> None:
        panel = await open_devices(seat)
        sale(bench, till.id)
        await play(seat, till, "ccid:usb:bus=1,addr=5")
        await seat.until(lambda: [record.cells[0] for record in panel.table.records] == ["● attached", "○ free"])
        await seat.until(lambda: panel.table.records[0].cells[4] == "14")
        await seat.settled()
        await seat.until(lambda: not panel._asking and not panel._stirred)
        await seat.settled()
        assert seat.svg() == picture

    sit_down(bench, work, size)
