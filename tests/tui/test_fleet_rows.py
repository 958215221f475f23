"""The rows behind the table: order, filter, groups, counts, and what the live stream lays over them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_tui.fleet_rows import FleetRows, Group
from countertop_tui.rows import one_line
from countertop_tui.search import Search
from countertop_tui.summary import BARS, Counts


def view(serial: str, label: str = "", status: str | None = "online", **more: Any) -> dict[str, Any]:
    screen = {"prompt": "none", "title": "", "text": "┌──┐\n│Hi│\n└──┘", "buttons": [], "captions": []}
    base = {
        "serial": serial, "id": f"tmr_{serial}", "label": label, "key": "sk_test_a", "location": "tml_1",
        "device_type": "bbpos_wisepos_e", "sku": "bbpos_wisepos_e_us", "status": status, "state": "idle", "faults": [],
        "battery": None, "software": "1", "action": None, "signals": {"lights": [], "tone": None, "armed": []},
        "screen": screen, "last_seen_at": None, "pairing_code": None,
    }  # fmt: skip
    return base | more


def item(serial: str, prompt: str, **more: Any) -> dict[str, Any]:
    screen = {"prompt": prompt, "title": prompt, "text": prompt, "buttons": []}
    return {"serial": serial, "state": "waiting", "screen": screen, "faults": []} | more


@pytest.fixture
def rows() -> FleetRows:
    rows = FleetRows()
    rows.load([view("3", "Bar"), view("1", "till"), view("2", "Terrace", "offline")])
    return rows


def test_they_are_in_order_of_their_label_whatever_its_case(rows: FleetRows) -> None:
    assert rows.shown == ["3", "2", "1"]
    rows.sort("label")
    assert rows.shown == ["1", "2", "3"]
    rows.sort("serial")
    assert rows.shown == ["1", "2", "3"]


def test_an_order_that_does_not_change_is_not_made_anew(rows: FleetRows) -> None:
    assert rows.hear(item("3", "card"))
    assert not rows.tidy()
    rows.sort("state")
    rows.hear(item("2", "card", state="authorizing"))
    assert rows.tidy()
    assert rows.shown[0] == "2"


def test_a_new_label_moves_its_row(rows: FleetRows) -> None:
    assert not rows.put(view("3", "Bar", "offline"))
    assert rows.put(view("3", "Zoo"))
    assert rows.put(view("9", "new"))
    rows.arrange()
    assert rows.shown == ["9", "2", "1", "3"]


def test_counts_are_kept_up(rows: FleetRows) -> None:
    assert rows.counts() == {"online": 2, "offline": 1}
    rows.put(view("1", "till", "offline"))
    assert rows.counts()["offline"] == 2
    assert rows.remove("2")
    assert not rows.remove("2")
    assert rows.counts()["offline"] == 1


def test_what_is_not_known_has_to_be_asked_about(rows: FleetRows) -> None:
    assert not rows.hear(item("7", "card"))


def test_sales_are_counted_once(rows: FleetRows) -> None:
    for prompt in ("card", "approved", "approved", "none", "declined", "none", "approved"):
        rows.hear(item("1", prompt))
    assert rows["1"].sales == "2 ✗1"
    rows.count_sales([{"reader": "tmr_1", "approved": 9, "declined": 0}])
    assert rows["1"].sales == "9"
    rows.load([view("1", "till")])
    assert rows["1"].sales == "9"


def test_groups_have_headings(rows: FleetRows) -> None:
    rows.places = {"tml_1": "Shop"}
    rows.group("status")
    assert [line if isinstance(line, str) else f"{line.name} {len(line.serials)}" for line in rows.lines] == [
        "offline 1", "2", "online 2", "3", "1",
    ]  # fmt: skip
    assert rows.position("2") == 1
    rows.group("location")
    assert isinstance(rows.lines[0], Group)
    assert rows.lines[0].name == "Shop"


def test_ids_are_found_as_they_stand_only(rows: FleetRows) -> None:
    rows.filter("tmr_2")
    assert rows.shown == ["2"]
    rows.filter("t2")
    assert rows.shown == []
    rows.filter("trrc")
    assert rows.shown == ["2"]
    rows.filter("wpe off")
    assert rows.shown == ["2"]


@given(st.text("abc _", max_size=6), st.lists(st.text("abc _", max_size=12), max_size=20))
def test_to_narrow_is_to_search_anew(typed: str, texts: list[str]) -> None:
    """What is found among what a shorter text found is what is found among all."""
    for length in range(len(typed)):
        shorter, longer = Search(typed[:length]), Search(typed[: length + 1])
        if longer.narrows(shorter):
            assert {text for text in texts if longer.finds(text)} <= {text for text in texts if shorter.finds(text)}


@given(st.text(max_size=30), st.text(max_size=60))
def test_any_text_can_be_searched_for(typed: str, text: str) -> None:
    found = Search(typed).finds(text.lower())
    assert found or Search(typed)
    if typed.lower() in text.lower():
        assert found


def test_a_screen_in_one_line() -> None:
    assert one_line("┌────┐\n│ Hi │\n│    │\n│ $1 │\n└────┘") == "Hi / $1"


def test_bars_are_of_the_last_minutes() -> None:
    counts = Counts()
    counts.add(0, 4)
    counts.add(60_000, 8)
    assert counts.bars(60_000)[-2:] == BARS[3] + BARS[7]
    assert counts.bars(60_000 * 30) == BARS[0] * 12
    assert counts.per_minute(60_000) == 8
    assert counts.per_minute(120_000) == 0
