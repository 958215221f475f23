"""One reader: its picture, what is known of it, its action as a tree, what it did, what it sold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import RichLog, Static, TabbedContent, TabPane, Tree

from countertop_tui.columns import Column
from countertop_tui.picture import picture
from countertop_tui.record_table import Record, RecordTable
from countertop_tui.rows import Row

SALES = (
    Column("time", "Time", 9),
    Column("amount", "Amount", 14),
    Column("status", "Status", 18),
    Column("card", "Card", 18),
    Column("how", "Read", 18),
    Column("intent", "PaymentIntent", 28),
)
NOTHING = "No action."
Fact = tuple[str, str, str]
"""A name, what it is, in which style."""


class ReaderView(Horizontal):
    """Shows the reader it was given last."""

    def __init__(self) -> None:
        super().__init__(id="reader")
        self.serial: str | None = None
        self._did = ""
        self._picture = Text()
        self._facts: list[Fact] = []
        self._action: Mapping[str, Any] | None = None
        self._sales: list[dict[str, Any]] = []

    def compose(self) -> ComposeResult:
        """The picture with facts under it, and three leaves."""
        with VerticalScroll(id="device"):
            yield Static(id="picture")
            yield Static(id="facts")
        with TabbedContent(id="leaves"):
            with TabPane("Action", id="leaf-action"):
                yield Tree[Any](NOTHING, id="action")
            with TabPane("Did", id="leaf-did"):
                yield RichLog(id="did", max_lines=300, wrap=True)
            with TabPane("Sold", id="leaf-sold"):
                yield RecordTable(SALES, id="sold")

    def show(self, row: Row | None, in_hand: str, place: str) -> None:
        """Draw this reader; nothing for none."""
        if row is None:
            self.serial = None
            self._picture, self._facts = Text(), []
            self.query_one("#picture", Static).update(Text("\n  No reader is selected.\n\n  Ctrl+N unboxes one."))
            self.query_one("#facts", Static).update("")
            return
        if row.serial != self.serial:
            self.serial = row.serial
            if self._did:
                self._did = ""
                self.query_one("#did", RichLog).clear()
            self.show_action(None)
            self.show_sales([])
        drawn, facts = picture(row.view, row.label or row.serial), _facts(row, in_hand, place)
        if drawn != self._picture:
            # A picture of the same height needs no new layout, which is what costs.
            self.query_one("#picture", Static).update(drawn, layout=_height(drawn) != _height(self._picture))
            self._picture = drawn
        if facts != self._facts:
            self.query_one("#facts", Static).update(_table(facts), layout=False)
            self._facts = facts

    def did(self, at_ms: int, text: str) -> None:
        """It did something; the same as last time is not said twice."""
        if text and text != self._did:
            self._did = text
            time = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%H:%M:%S")
            self.query_one("#did", RichLog).write(Text(f"{time}  {text}"))

    def show_action(self, action: Mapping[str, Any] | None) -> None:
        """The action as the API has it, as a tree."""
        if action == self._action:
            return
        self._action = action
        tree = self.query_one("#action", Tree)
        tree.clear()
        if action is None:
            tree.root.set_label(NOTHING)
            return
        tree.add_json(action, tree.root)
        # Only now: the tree calls its root {} otherwise.
        tree.root.set_label(f"{action['type']} {action['status']}")
        tree.root.expand_all()

    def show_sales(self, lines: list[dict[str, Any]]) -> None:
        """What it sold, newest first."""
        if lines == self._sales:
            return
        self._sales = lines
        self.query_one("#sold", RecordTable).load([_sale(line) for line in lines])


def _sale(line: Mapping[str, Any]) -> Record:
    bad = line["status"] == "failed"
    status = str(line["failure_code"]) if bad else "refunded" if line["refunded"] else str(line["status"])
    amount = f"{line['amount']} {line['currency'].upper()}"
    time = datetime.fromtimestamp(line["created"], UTC).strftime("%H:%M:%S")
    cells = (time, amount, status, line["card"], line["read_method"] or "", line["payment_intent"] or line["id"])
    return Record(str(line["id"]), cells, line, "red" if bad else "")


def _height(text: Text) -> int:
    return text.plain.count("\n")


def _table(facts: list[Fact]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value, style in facts:
        table.add_row(name, Text(value, style))
    return table


def _facts(row: Row, in_hand: str, place: str) -> list[Fact]:
    view = row.view
    facts: list[Fact] = []

    def fact(name: str, value: object, style: str = "") -> None:
        if value not in (None, "", []):
            facts.append((name, str(value), style))

    fact("reader", f"{view['id'] or 'not registered'}")
    fact("model", f"{row.model} {row.sku}")
    fact("serial", row.serial)
    fact("status", f"{row.status}, {row.state}")
    fact("location", place)
    fact("account", row.account)
    fact("code", view["pairing_code"], "bold")
    fact("firmware", row.software)
    fact("last seen", row.seen)
    fact("faults", row.faults, "red")
    fact("planned", ", ".join(plan["name"] for plan in view.get("planned_faults", ()) if plan["on"]))
    fact("POS", view.get("point_of_sale"))
    action = view["action"]
    if action is not None:
        why = f": {action['failure_code']} {action['failure_message'] or ''}" if action["failure_code"] else ""
        fact("action", f"{row.action}{why}", "red" if why else "")
    fact("in hand", in_hand, "bold")
    return facts
