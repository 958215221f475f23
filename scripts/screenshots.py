"""Takes the pictures of the documentation from the real screens: ``make screenshots``.

With ``--check`` it writes nothing, and says which pictures are not what the screens show now.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from countertop.bench import Bench
from countertop.server import LiveServer
from countertop_tui.app import FleetApp
from countertop_tui.panels.readers import ReadersPanel
from countertop_tui.record_table import RecordTable

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WIDE, USUAL = (150, 42), (110, 36)
PATIENCE_S = 20
Hands = Callable[[FleetApp, Pilot[None]], Awaitable[None]]


def main() -> int:
    """Take them all; 1 when one is not what it should be."""
    check = "--check" in sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    wrong = []
    for name, (size, hands) in PICTURES.items():
        file = FOLDER / f"{name}.svg"
        picture = take(size, hands)
        if check and (not file.exists() or file.read_text(encoding="utf-8") != picture):
            wrong.append(file.name)
        elif not check:
            file.write_text(picture, encoding="utf-8")
            print(file.relative_to(FOLDER.parent.parent))
    if wrong:
        print(f"Not what the screens show: {', '.join(wrong)}. Run: make screenshots", file=sys.stderr)
    return 1 if wrong else 0


def take(size: tuple[int, int], hands: Hands) -> str:
    """A picture of the shop, after somebody did something."""

    async def sit(server: LiveServer) -> str:
        app = FleetApp(server.url)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: len(app.desk.rows) > 0 and bool(app.desk.kinds.faults))
            await settle(app, pilot)
            await hands(app, pilot)
            await settle(app, pilot)
            return clean(app.export_screenshot(title="countertop fleet"))

    with Bench(seed="pictures") as bench:
        furnish(bench)
        with LiveServer(bench) as server:
            return asyncio.run(sit(server))


def clean(svg: str) -> str:
    """Without what differs from run to run, and without fonts from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", re.sub(r"terminal-\d+", "terminal", svg), flags=re.S)


async def settle(app: FleetApp, pilot: Pilot[None]) -> None:
    """Everything that was asked is answered, and drawn."""
    readers = app.query_one(ReadersPanel)
    for _ in range(3):
        await pilot.pause(0.4)
        await until(pilot, lambda: not readers.refreshing.busy)


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for something; no longer than twenty seconds."""
    for _ in range(PATIENCE_S * 50):
        if true():
            return
        await pilot.pause(0.02)
    raise SystemExit("The screens did not come to where the picture is to be taken.")


def furnish(bench: Bench) -> None:
    """A shop in the middle of its day."""
    tills = [bench.reader(label=label) for label in ("Till 1", "Till 2", "Bar", "Terrace", "Kiosk", "Pop-up")]
    for number in range(24):
        till = tills[number % 3]
        sell(bench, till, 400 + 200 * number if number % 7 else 1001)
        till.tap("visa" if number % 2 else "mastercard")
        bench.advance(seconds=40)
    tills[4].fault("offline")
    tills[5].fault("battery_low")
    bench.reader(label="Stock room", simulated=False).fault("tamper")
    bench.unbox(model="stripe_s700")
    bench.advance(minutes=4)
    bench.fund_issuing(50_000)
    for moves in (("submit", "ship", "deliver"), ("submit", "ship"), ("submit",), ()):
        card = bench.issue_card()
        for move in moves:
            bench.call("POST", f"/v1/test_helpers/issuing/cards/{card.id}/shipping/{move}")
    sell(bench, tills[1], 2450)
    sell(bench, tills[0], 1875)
    tills[0].insert("offline_pin_cvm")


def sell(bench: Bench, till: Any, amount: int) -> str:
    """Begin a sale."""
    params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = str(bench.call("POST", "/v1/payment_intents", params)["id"])
    bench.call("POST", f"/v1/terminal/readers/{till.id}/process_payment_intent", {"payment_intent": intent})
    return intent


async def go_to_till(app: FleetApp, pilot: Pilot[None]) -> None:
    """The cursor is on the till where a PIN is wanted."""
    serial = next(row.serial for row in app.desk.rows.every() if row.label == "Till 1")
    app.query_one(ReadersPanel).table.go_to(serial)
    await settle(app, pilot)


async def detail(app: FleetApp, pilot: Pilot[None]) -> None:
    """One reader over the whole screen."""
    await go_to_till(app, pilot)
    await pilot.press("enter")


async def pin_pad(app: FleetApp, pilot: Pilot[None]) -> None:
    """The PIN is being typed."""
    await go_to_till(app, pilot)
    await pilot.press("p", "1", "2", "3")


async def trace(app: FleetApp, pilot: Pilot[None]) -> None:
    """What happened in its last sale."""
    await go_to_till(app, pilot)
    await pilot.press("T")
    await until(pilot, lambda: type(app.screen).__name__ == "TraceScreen")
    await pilot.press("down", "down", "down", "down", "enter")


async def parcels(app: FleetApp, pilot: Pilot[None]) -> None:
    """Cards on their way."""
    await pilot.press("3")
    await until(pilot, lambda: bool(app.query_one("#parcels RecordTable", RecordTable).records))


PICTURES: dict[str, tuple[tuple[int, int], Hands]] = {
    "fleet": (WIDE, go_to_till),
    "reader": (USUAL, detail),
    "pin-pad": (USUAL, pin_pad),
    "trace": (USUAL, trace),
    "parcels": (WIDE, parcels),
}


if __name__ == "__main__":
    sys.exit(main())
