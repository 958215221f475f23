"""The readers panel: every key, by the keyboard alone, against a real server."""

from __future__ import annotations

import pytest
from screens import Seat, sit_down

from countertop.bench import Bench
from countertop.counter import Reader
from countertop_tui.deed_screen import DeedScreen
from countertop_tui.dialogs import Ask, Choose, Confirm
from countertop_tui.pin_pad import PinPad
from countertop_tui.trace_screen import TraceScreen
from countertop_tui.wallet import Wallet


async def start_sale(seat: Seat, amount: str = "1250") -> None:
    await seat.press("n")
    await seat.dialog(Ask)
    await seat.type(amount)
    await seat.press("enter")
    await seat.until(lambda: seat.readers.row.state == "waiting", "no sale began")
    await seat.settled()


def test_readers_have_a_line_each_and_the_cursor_shows_one(bench: Bench) -> None:
    till, bar = bench.reader(label="Till"), bench.reader(label="Bar")

    async def work(seat: Seat) -> None:
        assert seat.app.desk.rows.shown == [bar.serial, till.serial]
        assert "Bar" in seat.text()
        await seat.until(lambda: seat.readers.view.serial == bar.serial)
        await seat.press("down")
        await seat.until(lambda: seat.readers.view.serial == till.serial)
        assert till.id in seat.text()
        await seat.press("up")
        await seat.until(lambda: seat.readers.view.serial == bar.serial)

    sit_down(bench, work)


def test_a_sale_by_contactless_card(bench: Bench) -> None:
    till = bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await start_sale(seat)
        assert "$12.50" in seat.text()
        await seat.press("t")
        await seat.until(lambda: seat.readers.row.view["action"]["status"] == "succeeded")
        await seat.settled()
        assert seat.readers.row.approved == 1
        assert seat.app.desk.sales.approved.total == 1
        assert "1 approved" in seat.text()
        deed = seat.app.desk.deeds[-1]
        assert deed.command == f"countertop reader tap visa {till.id} --url {seat.server.url}"
        assert "/present" in deed.curl(seat.server.url)

    sit_down(bench, work, size=(140, 50))


def test_a_sale_with_a_pin(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await start_sale(seat)
        await seat.press("h")
        await seat.dialog(Wallet)
        await seat.type("offline_pin")
        await seat.press("enter")
        assert "offline_pin" in seat.app.desk.memory.card
        await seat.press("i")
        await seat.until(lambda: seat.readers.row.prompt == "pin", seat.text())
        await seat.press("p")
        await seat.dialog(PinPad)
        await seat.press("9", "backspace", "1", "2", "3", "4")
        assert "● ● ● ●" in seat.text()
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.approved == 1)
        await seat.settled()
        await seat.press("x")
        await seat.until(lambda: not seat.readers.row.view["card_in_slot"])

    sit_down(bench, work)


def test_the_pin_pad_takes_the_mouse(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        seat.app.push_screen(PinPad("PIN"), lambda pin: typed.append(pin))
        pad = await seat.dialog(PinPad)
        for key in ("1", "2", "⌫", "5", "OK"):
            button = next(each for each in pad.query("Button") if each.name == key)
            await seat.pilot.click(button)
        await seat.until(lambda: typed)

    typed: list[str] = []
    sit_down(bench, work)
    assert typed == ["15"]


@pytest.mark.slow
def test_a_phone_is_tapped(bench: Bench) -> None:
    till = bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("h")
        await seat.dialog(Wallet)
        await seat.type("apple_pay:visa")
        await seat.press("enter")
        await start_sale(seat)
        await seat.press("t")
        await seat.until(lambda: seat.readers.row.approved == 1)

    sit_down(bench, work)
    charge = bench.call("GET", "/v1/charges")["data"][0]
    assert charge["payment_method_details"]["card_present"]["wallet"]["type"] == "apple_pay"
    assert charge["payment_method_details"]["card_present"]["reader"] == till.id


@pytest.mark.slow
def test_a_stripe_is_swiped(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        seat.app.desk.memory.card = "visa_stripe"
        await start_sale(seat)
        await seat.press("w")
        await seat.until(lambda: seat.readers.row.approved == 1)

    sit_down(bench, work)


@pytest.mark.slow
def test_a_declined_card_is_told(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await start_sale(seat, "1001")
        await seat.press("t")
        await seat.until(lambda: seat.readers.row.declined == 1)
        await seat.settled()
        assert "1 declined" in seat.text()
        assert "card_declined" in seat.text()

    sit_down(bench, work, size=(140, 50))


@pytest.mark.slow
def test_tips_are_given(bench: Bench) -> None:
    till = bench.reader(label="Till")
    configuration = bench.call(
        "POST", "/v1/terminal/configurations", {"tipping": {"usd": {"percentages": [10, 15, 20]}}}
    )
    location = bench.call("GET", f"/v1/terminal/readers/{till.id}")["location"]
    bench.call("POST", f"/v1/terminal/locations/{location}", {"configuration_overrides": configuration["id"]})

    async def work(seat: Seat) -> None:
        await seat.press("n")
        await seat.dialog(Ask)
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.prompt == "tip", seat.text())
        await seat.settled()
        await seat.press("m")
        await seat.dialog(Ask)
        await seat.type("nothing")
        await seat.press("enter")
        await seat.until(lambda: any("no amount" in line.text for line in seat.app.desk.log.lines))
        await seat.press("m")
        await seat.dialog(Ask)
        await seat.type("200")
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.state == "waiting")

    sit_down(bench, work)


@pytest.mark.slow
def test_a_form_is_filled_and_one_is_skipped(bench: Bench) -> None:
    till = bench.reader(label="Till")
    inputs = [
        {"type": "text", "custom_text": {"title": title}, "required": required}
        for title, required in (("Name", "true"), ("Note", "false"))
    ]
    bench.call("POST", f"/v1/terminal/readers/{till.id}/collect_inputs", {"inputs": inputs})

    async def work(seat: Seat) -> None:
        await seat.until(lambda: seat.readers.row.prompt == "form")
        await seat.press("e")
        await seat.dialog(Ask)
        await seat.type("Ann")
        await seat.press("enter")
        await seat.until(lambda: "Note" in seat.readers.row.screen)
        await seat.press("E")
        await seat.until(lambda: (seat.readers.row.view["action"] or {}).get("status") == "succeeded")

    sit_down(bench, work)


def ask_for_a_receipt(bench: Bench, till: Reader) -> None:
    choices = [{"text": "Yes", "style": "primary", "id": "y"}, {"text": "No", "style": "secondary", "id": "n"}]
    question = {"type": "selection", "custom_text": {"title": "Receipt?"}, "selection": {"choices": choices}}
    bench.call("POST", f"/v1/terminal/readers/{till.id}/collect_inputs", {"inputs": [question]})


@pytest.mark.parametrize("by", ["key", "mouse"])
def test_buttons_are_pressed(bench: Bench, by: str) -> None:
    till = bench.reader(label="Till")
    ask_for_a_receipt(bench, till)

    async def work(seat: Seat) -> None:
        await seat.settled()
        if by == "key":
            await seat.press("b")
            await seat.dialog(Choose)
            await seat.type("no")
            await seat.press("enter")
        else:
            lines = seat.text().splitlines()
            y = next(at for at, line in enumerate(lines) if "[ No ]" in line)
            await seat.pilot.click(offset=(lines[y].index("[ No ]") + 2, y))
        await seat.until(lambda: (seat.readers.row.view["action"] or {}).get("status") == "succeeded", seat.text())

    sit_down(bench, work)
    inputs = bench.call("GET", f"/v1/terminal/readers/{till.id}")["action"]["collect_inputs"]["inputs"]
    assert inputs[0]["selection"]["id"] == "n"


@pytest.mark.parametrize(
    ("key", "gone"),
    [("o", lambda row: row.faults == ""), ("z", lambda row: row.faults == "")],
    ids=["network", "battery"],
)
def test_a_key_switches_a_fault_on_and_off(bench: Bench, key: str, gone) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        row = seat.readers.row
        await seat.press(key)
        await seat.until(lambda: row.faults)
        assert seat.app.desk.deeds[-1].command.startswith("countertop reader fault ")
        await seat.settled()
        await seat.press(key)
        await seat.until(lambda: gone(row))
        assert "--off" in seat.app.desk.deeds[-1].command

    sit_down(bench, work)


def test_faults_are_chosen_from_a_list(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("f")
        await seat.dialog(Choose)
        await seat.type("hardware")
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.faults == "hardware_fault")
        await seat.until(lambda: seat.readers.row.state == "broken")

    sit_down(bench, work)


@pytest.mark.slow
def test_a_reboot_is_asked_about(bench: Bench) -> None:
    bench.reader(label="Till", simulated=False)

    async def work(seat: Seat) -> None:
        await seat.press("B")
        await seat.dialog(Confirm)
        await seat.press("n")
        assert seat.readers.row.state == "idle"
        await seat.press("B")
        await seat.dialog(Confirm)
        await seat.press("y")
        await seat.until(lambda: seat.readers.row.state == "booting")

    sit_down(bench, work)


@pytest.mark.slow
def test_software_is_installed(bench: Bench) -> None:
    bench.reader(label="Till", simulated=False)

    async def work(seat: Seat) -> None:
        await seat.press("U")
        await seat.dialog(Ask)
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.state == "updating", seat.text())
        seat.bench.advance(minutes=20)
        await seat.until(lambda: seat.readers.row.software == "2.43.1.0", seat.readers.row.software)

    sit_down(bench, work)


def test_the_charger_is_pulled_and_put_back(bench: Bench) -> None:
    till = bench.reader(label="Till", simulated=False)

    async def work(seat: Seat) -> None:
        await seat.press("P")
        await seat.until(lambda: not seat.readers.row.view["battery"]["charging"])
        assert " unplug " in seat.app.desk.deeds[-1].command
        await seat.settled()
        await seat.press("P")
        await seat.until(lambda: seat.app.desk.deeds[-1].command.startswith("countertop reader plug"))

    sit_down(bench, work)
    assert till.battery is not None


def test_a_reader_is_unboxed_registered_labelled_and_deleted(bench: Bench) -> None:
    async def work(seat: Seat) -> None:
        await seat.press("ctrl+n")
        await seat.dialog(Choose)
        await seat.type("bbpos_wisepos_e us")
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row is not None and seat.readers.row.view["pairing_code"])
        await seat.settled()
        assert "Pairing code" in seat.text()
        await seat.press("R")
        await seat.dialog(Choose)
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.account == "sk_test_counter", seat.text())
        await seat.press("L")
        await seat.dialog(Ask)
        await seat.type("Front desk")
        await seat.press("enter")
        await seat.until(lambda: seat.readers.row.label == "Front desk")
        assert "/v1/terminal/readers/tmr_" in seat.app.desk.deeds[-1].curl("http://x")
        await seat.press("D")
        await seat.dialog(Confirm)
        assert "Front desk" in seat.app.screen.question
        await seat.press("y")
        await seat.until(
            lambda: seat.readers.row is None or seat.readers.row.account == "", repr(seat.readers.row.view)[:600]
        )

    sit_down(bench, work)


@pytest.mark.slow
def test_an_action_is_canceled(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await start_sale(seat)
        await seat.press("X")
        await seat.until(lambda: seat.readers.row.view["action"] is None)

    sit_down(bench, work)


@pytest.mark.slow
def test_the_trace_of_the_readers_last_sale(bench: Bench, tmp_path) -> None:
    bench.reader(label="Till")
    html, json_file = tmp_path / "sale.html", tmp_path / "sale.json"

    async def work(seat: Seat) -> None:
        await start_sale(seat)
        await seat.press("i")
        await seat.until(lambda: seat.readers.row.approved == 1)
        await seat.press("T")
        screen = await seat.dialog(TraceScreen)
        assert "approved" in seat.text()
        await seat.press("o")
        assert "SELECT" in seat.text()
        await seat.press("Y")
        assert "── " in seat.app.clipboard
        await seat.press("y")
        for file in (html, json_file):
            await seat.press("w")
            await seat.dialog(Ask)
            seat.app.screen.query_one("Input").value = str(file)
            await seat.press("enter")
            await seat.until(file.exists)
        await seat.press("escape")
        assert seat.app.screen is not screen

    sit_down(bench, work)
    assert "<html" in html.read_text()
    assert '"entries"' in json_file.read_text()


def test_no_trace_is_said(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("T")
        await seat.until(lambda: any("no trace" in notice.message for notice in seat.app._notifications))

    sit_down(bench, work)


def test_what_was_done_is_shown_as_a_command(bench: Bench) -> None:
    till = bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await seat.press("o")
        await seat.until(lambda: seat.app.desk.deeds)
        await seat.press("c")
        await seat.dialog(DeedScreen)
        assert f"countertop reader fault offline {till.id}" in seat.text()
        await seat.press("c")
        assert seat.app.clipboard.startswith("countertop reader fault offline")
        await seat.press("a")
        assert seat.app.clipboard.startswith("curl -d ")
        await seat.press("escape")

    sit_down(bench, work)


def test_detail_opens_and_closes(bench: Bench) -> None:
    bench.reader(label="Till")

    async def work(seat: Seat) -> None:
        await start_sale(seat)
        await seat.press("t")
        await seat.until(lambda: seat.readers.row.approved == 1)
        await seat.press("enter")
        assert seat.readers.has_class("detail")
        assert not seat.readers.table.display or not seat.readers.table.region.area
        await seat.settled()
        assert "process_payment_intent succeeded" in seat.text()
        await seat.press("escape")
        assert not seat.readers.has_class("detail")

    sit_down(bench, work, size=(80, 24))
