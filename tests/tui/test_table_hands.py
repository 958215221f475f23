"""The table of readers: filter, order, groups, columns, marks, and the mouse."""

from __future__ import annotations

import pytest
from screens import Seat, sit_down

from countertop.bench import Bench
from countertop_tui.dialogs import Choose, ChooseSeveral, Confirm
from countertop_tui.memory import Memory


def test_the_filter_narrows_and_is_left(bench: Bench) -> None:
    for label in ("Till", "Bar", "Terrace"):
        bench.reader(label=label)

    async def work(seat: Seat) -> None:
        await seat.press("slash")
        await seat.type("trc")
        rows = seat.app.desk.rows
        await seat.until(lambda: [rows[serial].label for serial in rows.shown] == ["Terrace"])
        await seat.press("enter")
        await seat.until(lambda: seat.app.focused is seat.readers.table)
        await seat.until(lambda: "1 of 3 readers" in seat.text())
        await seat.press("escape")
        await seat.until(lambda: len(rows.shown) == 3)

    sit_down(bench, work)


@pytest.mark.slow
def test_sorting_grouping_and_columns(bench: Bench) -> None:
    for label in ("a", "b", "c"):
        bench.reader(label=label)

    async def work(seat: Seat) -> None:
        await seat.press("s")
        await seat.dialog(Choose)
        await seat.type("label")
        await seat.press("enter")
        await seat.until(lambda: seat.app.desk.rows.sorted_by == ("label", True))
        assert [seat.app.desk.rows[serial].label for serial in seat.app.desk.rows.shown] == ["c", "b", "a"]
        await seat.press("u")
        await seat.dialog(Choose)
        await seat.type("sku")
        await seat.press("enter")
        await seat.until(lambda: "── bbpos_wisepos_e_us (3)" in seat.text())
        await seat.press("C")
        await seat.dialog(ChooseSeveral)
        await seat.press("space", "enter")
        await seat.until(lambda: seat.readers.table.columns[0].name == "label")
        memory = seat.app.desk.memory
        assert (memory.sort, memory.descending, memory.grouping, memory.columns[0]) == ("label", True, "sku", "label")

    sit_down(bench, work)


def test_a_click_on_a_title_sorts_and_on_a_row_selects(bench: Bench) -> None:
    one, two = bench.reader(label="one"), bench.reader(label="two")

    async def work(seat: Seat) -> None:
        await seat.pilot.click("#fleet", offset=(20, 0))
        assert seat.app.desk.rows.shown == [two.serial, one.serial]
        await seat.pilot.click("#fleet", offset=(20, 2))
        assert seat.readers.view.serial == one.serial

    sit_down(bench, work)


def test_marked_readers_are_done_together_after_a_question(bench: Bench) -> None:
    tills = [bench.reader(label=f"Till {number}") for number in range(3)]

    async def work(seat: Seat) -> None:
        await seat.press("space", "space")
        await seat.until(lambda: "2 marked" in seat.text())
        await seat.press("o")
        await seat.dialog(Confirm)
        assert "2 readers" in seat.app.screen.question
        await seat.press("y")
        await seat.until(lambda: sum(bool(row.faults) for row in seat.app.desk.rows.every()) == 2)
        await seat.press("escape")
        assert not seat.readers.table.marked
        await seat.press("a")
        assert len(seat.readers.table.marked) == 3

    sit_down(bench, work, size=(140, 40))
    assert [till.state for till in tills] == ["idle"] * 3


def test_a_group_is_marked_by_its_heading(bench: Bench) -> None:
    for label in ("a", "b"):
        bench.reader(label=label)

    async def work(seat: Seat) -> None:
        await seat.press("home", "space")
        assert len(seat.readers.table.marked) == 2

    sit_down(bench, work, memory=Memory(grouping="status"))
