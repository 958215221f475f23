"""Every screen as a picture that somebody has looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from screens import Seat, sit_down

from countertop.bench import Bench
from countertop.counter import Reader
from countertop_tui.dialogs import Ask, Choose, ChooseSeveral, Confirm
from countertop_tui.help import Help
from countertop_tui.jump import Jump
from countertop_tui.memory import Memory
from countertop_tui.pin_pad import PinPad
from countertop_tui.record_panel import RecordPanel
from countertop_tui.trace_screen import TraceScreen
from countertop_tui.wallet import Wallet

LIGHT = "textual-light"
QUICK = ("waiting", "tip", "pin", "approved", "wallet", "help")
"""Looked at by ``make test``; the others, which are drawn by the same code, by ``make test-all``."""


def several(names: Iterable[str]) -> list[Any]:
    """Parameters, of which only the quick ones are not slow."""
    return [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in names]


def till_with_a_sale(bench: Bench, amount: int = 1250, **options: Any) -> Reader:
    till = bench.reader(label="Till 1", **options)
    begin_sale(bench, till, amount)
    return till


def begin_sale(bench: Bench, till: Reader, amount: int = 1250) -> None:
    params = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = bench.call("POST", "/v1/payment_intents", params)
    path = f"/v1/terminal/readers/{till.id}/process_payment_intent"
    bench.call("POST", path, {"payment_intent": intent["id"]})


def a_shop(bench: Bench) -> None:
    """A few readers in several states."""
    till = bench.reader(label="Till 1")
    for label in ("Till 2", "Bar", "Terrace", "Kiosk"):
        bench.reader(label=label)
    for amount in (1250, 1001, 800):
        begin_sale(bench, till, amount)
        till.tap()
        bench.advance(seconds=10)
    bench.reader(label="Broken", simulated=False).fault("hardware_fault")
    away = bench.reader(label="Away")
    away.fault("offline")
    bench.advance(minutes=5)
    begin_sale(bench, till)
    bench.unbox()
    bench.advance(minutes=1)


def photograph(
    bench: Bench,
    picture: Any,
    size: tuple[int, int],
    work: Callable[[Seat], Any] | None = None,
    memory: Memory | None = None,
) -> None:
    async def sit(seat: Seat) -> None:
        if work is not None:
            await work(seat)
        await seat.settled()
        assert seat.svg() == picture

    sit_down(bench, sit, size, memory)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50)], ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("theme", ["textual-dark", LIGHT])
def test_the_fleet(bench: Bench, picture, size: tuple[int, int], theme: str) -> None:
    a_shop(bench)
    photograph(bench, picture, size, memory=Memory(theme=theme))


def test_the_fleet_grouped_filtered_and_marked(bench: Bench, picture) -> None:
    a_shop(bench)

    async def work(seat: Seat) -> None:
        await seat.press("down", "space", "space")

    photograph(bench, picture, (120, 36), work, Memory(grouping="status", filter="i", sort="status"))


def test_nobody_here(bench: Bench, picture) -> None:
    photograph(bench, picture, (120, 36))


# --- one reader, each screen state -------------------------------------------------------------------------------


def _tipping(bench: Bench) -> None:
    till = bench.reader(label="Till 1")
    made = bench.call("POST", "/v1/terminal/configurations", {"tipping": {"usd": {"percentages": [10, 15, 20]}}})
    location = bench.call("GET", f"/v1/terminal/readers/{till.id}")["location"]
    bench.call("POST", f"/v1/terminal/locations/{location}", {"configuration_overrides": made["id"]})
    begin_sale(bench, till)


def _cart(bench: Bench) -> None:
    till = bench.reader(label="Till 1")
    cart = {
        "currency": "usd",
        "line_items": [
            {"description": "Flat white", "amount": 450, "quantity": 2},
            {"description": "Banana bread", "amount": 380, "quantity": 1},
        ],
        "tax": 102,
        "total": 1382,
    }
    bench.call("POST", f"/v1/terminal/readers/{till.id}/set_reader_display", {"type": "cart", "cart": cart})


def _form(bench: Bench) -> None:
    till = bench.reader(label="Till 1")
    choices = [{"text": "Yes", "style": "primary", "id": "y"}, {"text": "No", "style": "secondary", "id": "n"}]
    question = {"type": "selection", "custom_text": {"title": "A receipt?"}, "required": "true"}
    question["selection"] = {"choices": choices}
    bench.call("POST", f"/v1/terminal/readers/{till.id}/collect_inputs", {"inputs": [question]})


def _pin(bench: Bench) -> None:
    till_with_a_sale(bench).insert("offline_pin_cvm")


def _left_in(bench: Bench) -> None:
    till = till_with_a_sale(bench)
    till.insert("visa")


def _approved(bench: Bench) -> None:
    till_with_a_sale(bench).tap("visa")


def _declined(bench: Bench) -> None:
    till_with_a_sale(bench, 1001).tap("visa")


def _again(bench: Bench) -> None:
    till_with_a_sale(bench).tap("visa", beside=["mastercard"])


def _offline(bench: Bench) -> None:
    till_with_a_sale(bench).fault("offline")


def _tampered(bench: Bench) -> None:
    bench.reader(label="Till 1", simulated=False).fault("tamper")


def _unplugged(bench: Bench) -> None:
    till = bench.reader(label="Till 1", simulated=False)
    till.unplug()
    bench.advance(hours=5)


def _updating(bench: Bench) -> None:
    bench.reader(label="Till 1", simulated=False).install("2.43.1.0")


def _booting(bench: Bench) -> None:
    bench.reader(label="Till 1", simulated=False).reboot()


STATES: dict[str, Callable[[Bench], Any]] = {
    "idle": lambda bench: bench.reader(label="Till 1"),
    "waiting": till_with_a_sale,
    "tip": _tipping,
    "cart": _cart,
    "form": _form,
    "pin": _pin,
    "remove": _left_in,
    "approved": _approved,
    "declined": _declined,
    "one-card-only": _again,
    "pairing": lambda bench: bench.unbox(),
    "offline": _offline,
    "tampered": _tampered,
    "battery": _unplugged,
    "updating": _updating,
    "booting": _booting,
    "s700": lambda bench: till_with_a_sale(bench, model="stripe_s700"),
}


@pytest.mark.parametrize("state", several(STATES))
def test_one_reader(bench: Bench, picture, state: str) -> None:
    STATES[state](bench)
    if state == "pairing":
        bench.advance(minutes=2)

    async def work(seat: Seat) -> None:
        await seat.press("enter")

    photograph(bench, picture, (96, 34), work)


# --- what opens over it ------------------------------------------------------------------------------------------


def opened_by(*keys: str, kind: type) -> Callable[[Seat], Any]:
    async def work(seat: Seat) -> None:
        await seat.press(*keys)
        await seat.dialog(kind)

    return work


@pytest.mark.slow
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize("theme", ["textual-dark", LIGHT])
def test_a_trace(bench: Bench, picture, opened: bool, theme: str) -> None:
    till_with_a_sale(bench).insert("visa")

    async def work(seat: Seat) -> None:
        await seat.press("T")
        await seat.dialog(TraceScreen)
        if opened:
            await seat.press("o")

    photograph(bench, picture, (120, 40), work, Memory(theme=theme))


DIALOGS: dict[str, tuple[str, type]] = {
    "sale": ("n", Ask),
    "faults": ("f", Choose),
    "wallet": ("h", Wallet),
    "columns": ("C", ChooseSeveral),
    "delete": ("D", Confirm),
    "help": ("question_mark", Help),
    "jump": ("ctrl+o", Jump),
}


@pytest.mark.parametrize("name", several(DIALOGS))
def test_a_dialog(bench: Bench, picture, name: str) -> None:
    key, kind = DIALOGS[name]
    bench.reader(label="Till 1")
    photograph(bench, picture, (120, 44), opened_by(key, kind=kind))


def test_the_pin_pad(bench: Bench, picture) -> None:
    _pin(bench)

    async def work(seat: Seat) -> None:
        await seat.press("p")
        await seat.dialog(PinPad)
        await seat.press("1", "2", "3")

    photograph(bench, picture, (80, 24), work)


# --- the other panels --------------------------------------------------------------------------------------------


def _busy_world(bench: Bench) -> None:
    till = till_with_a_sale(bench)
    bench.call(
        "POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/hooks", "enabled_events": ["charge.succeeded"]}
    )
    inbox = bench.inbox("payment_intent.succeeded")
    till.tap("visa")
    assert inbox
    bench.fund_issuing(10_000)
    for moves in ((), ("submit",), ("submit", "ship"), ("submit", "ship", "deliver")):
        card = bench.issue_card()
        for move in moves:
            bench.call("POST", f"/v1/test_helpers/issuing/cards/{card.id}/shipping/{move}")


@pytest.mark.slow
@pytest.mark.parametrize("key", ["2", "3", "5"])
@pytest.mark.parametrize("size", [(80, 24), (140, 36)], ids=lambda size: "x".join(map(str, size)))
def test_a_panel(bench: Bench, picture, key: str, size: tuple[int, int]) -> None:
    _busy_world(bench)

    async def work(seat: Seat) -> None:
        await seat.press(key)
        panel = seat.app.panel
        if isinstance(panel, RecordPanel):
            await seat.until(lambda: panel.table.records)
        else:
            await seat.until(lambda: "UTC" in seat.text())

    photograph(bench, picture, size, work)


def test_the_server_is_lost(bench: Bench, picture) -> None:
    bench.reader(label="Till 1")

    async def work(seat: Seat) -> None:
        seat.app._lost("No Countertop server answers.")
        seat.app.desk.url = "http://127.0.0.1:4242"
        seat.app._lost("No Countertop server answers.")

    photograph(bench, picture, (100, 30), work)
