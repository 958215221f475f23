"""The readers: the table, one of them beside it, and hands on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, TabbedContent

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop_tui.columns import COLUMNS, columns_of
from countertop_tui.deeds import Deed
from countertop_tui.desk import Desk
from countertop_tui.dialogs import Choose, ChooseSeveral, Confirm, Offer
from countertop_tui.fleet_rows import GROUPINGS
from countertop_tui.fleet_table import FleetTable
from countertop_tui.line_table import LineTable
from countertop_tui.panel import Panel
from countertop_tui.reader_commands import BY_NAME, COMMANDS, WITH_A_CARD, ReaderCommand
from countertop_tui.reader_view import ReaderView
from countertop_tui.refreshing import Refreshed, Refreshing
from countertop_tui.rows import Row
from countertop_tui.server_feed import read_places
from countertop_tui.trace_screen import TraceScreen
from countertop_tui.wallet import Wallet

SWEEP_S = 0.25
"""How often what is in sight and may be out of date is asked for."""
TIDY_S = 1.0
"""How often an order that changes by itself is made anew."""
REST_S = 0.08
"""How long the cursor rests on a reader before it is drawn."""
WITH_A_RESULT = frozenset(("approved", "declined", "thanks"))


class ReadersPanel(Panel):
    """Looks after the table and the view, and asks the server about readers that changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("enter", "detail", "Open"),
        Binding("h", "wallet", "Wallet"),
        *(
            Binding(command.key, f"command('{command.name}')", command.title, show=command.footer)
            for command in COMMANDS
        ),
        Binding("T", "trace", "Trace"),
        Binding("s", "sort", "Sort by", show=False),
        Binding("u", "group", "Group by", show=False),
        Binding("C", "columns", "Columns", show=False),
        Binding("ctrl+n", "unbox", "Unbox a reader", show=False),
        Binding("escape", "leave", "Leave filter, detail and marks", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.refreshing = Refreshing(desk, self._refreshed)
        self.table = FleetTable(desk.rows, columns_of(desk.memory.columns))
        self.view = ReaderView()
        self._works: tuple[bool, ...] = ()

    def compose(self) -> ComposeResult:
        """Filter, table, reader."""
        yield Input(placeholder="Filter: words, or letters of words in their order", id="filter")
        with Horizontal():
            yield self.table
            yield self.view

    def on_mount(self) -> None:
        """As it was left the last time."""
        memory = self.desk.memory
        names = {column.name for column in COLUMNS}
        self.desk.rows.sort(memory.sort if memory.sort in names else "label", memory.descending)
        self.desk.rows.group(memory.grouping if memory.grouping in GROUPINGS else "")
        if memory.filter:
            self._filter_line.value = memory.filter
            self._filter_line.add_class("open")
        self._rest = self.set_interval(REST_S, self._rested, pause=True)
        self.set_interval(SWEEP_S, self._sweep)
        self.set_interval(TIDY_S, self._tidy)

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        serial = self.table.selected
        return None if serial is None else self.desk.rows[serial]

    @property
    def _filter_line(self) -> Input:
        return self.query_one("#filter", Input)

    # --- what is shown ------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """Take the keyboard."""
        self.rearranged()
        self.table.focus()

    def found(self) -> None:
        """The server is there: its fleet was loaded."""
        self.rearranged()
        self.refreshing.everything(self.table.selected)

    def rearranged(self) -> None:
        """Rows came, went or moved."""
        self.table.arranged()
        self._show()

    def heard(self, items: Sequence[StreamItem]) -> None:
        """Draw the rows that changed, and the view if its reader did."""
        in_sight, viewed = set(self.table.in_sight()), False
        for item in items:
            if item.topic != "reader":
                continue
            serial = str(item.data["serial"])
            if serial in in_sight:
                self.table.changed(serial)
            if serial == self.view.serial and serial in self.desk.rows:
                viewed = True
                self.view.did(item.at_ms, _said(item.data))
                self.refreshing.sold = self.refreshing.sold or self.desk.rows[serial].prompt in WITH_A_RESULT
        if viewed:
            self._show()

    def _show(self) -> None:
        row = self.row
        place = "" if row is None else self.desk.rows.place_name(row)
        self.view.show(row, self.desk.memory.card, place)
        works = tuple(row is not None and command.works(row) for command in COMMANDS)
        if works != self._works:
            self._works = works
            self.refresh_bindings()

    def _sweep(self) -> None:
        if self.display:
            self.refreshing.sweep(self.table.in_sight(), self.table.selected)

    def _tidy(self) -> None:
        if self.display and self.desk.rows.tidy():
            self.table.arranged()

    def _refreshed(self, found: Refreshed) -> None:
        if not self.is_mounted:
            return
        if found.new:
            self.desk.rows.arrange()
            self.table.arranged()
        for serial in found.serials:
            self.table.changed(serial)
        if found.selected == self.table.selected and found.selected is not None:
            self.view.show_action(found.action)
            if found.sales is not None:
                self.view.show_sales(found.sales)
        self._show()

    def on_line_table_moved(self, message: LineTable.Moved) -> None:
        """Another reader is to be seen, once the cursor rests: drawing one is worth a dozen lines of the table."""
        if message.table is self.table:
            self._rest.reset()
            self._rest.resume()

    def _rested(self) -> None:
        self._rest.pause()
        self._show()
        self.refreshing.look_at(self.table.selected)

    # --- order, filter, columns -----------------------------------------------------------------------------------

    def on_line_table_title_clicked(self, message: LineTable.TitleClicked) -> None:
        """A click on a title sorts by it."""
        if message.column in COLUMNS:
            self._sort(message.column.name)

    def action_sort(self) -> None:
        """By another column, or the other way round."""
        name, descending = self.desk.rows.sorted_by
        arrow = "▼" if descending else "▲"
        offers = [
            Offer(column.name, f"{column.title} {arrow if column.name == name else ''}", column.name == name)
            for column in COLUMNS
        ]
        self.app.push_screen(Choose("Sort by (the same again turns the order round)", offers), self._sort)

    def _sort(self, name: str | None) -> None:
        if name:
            self.desk.rows.sort(name)
            self.desk.memory.sort, self.desk.memory.descending = self.desk.rows.sorted_by
            self.rearranged()

    def action_group(self) -> None:
        """With headings between them."""
        now = self.desk.rows.grouping
        offers = [Offer(by or "nothing", by or "nothing", by == now) for by in GROUPINGS]

        def chosen(by: str | None) -> None:
            if by is not None:
                self.desk.memory.grouping = "" if by == "nothing" else by
                self.desk.rows.group(self.desk.memory.grouping)
                self.rearranged()

        self.app.push_screen(Choose("Group by", offers), chosen)

    def action_columns(self) -> None:
        """Other columns."""
        shown = {column.name for column in self.table.columns}
        offers = [Offer(column.name, column.title, column.name in shown) for column in COLUMNS]

        def chosen(names: list[str] | None) -> None:
            if names is not None:
                self.table.columns = columns_of(names)
                self.desk.memory.columns = [column.name for column in self.table.columns]
                self.table.arranged()

        self.app.push_screen(ChooseSeveral("Columns", offers), chosen)

    def action_filter(self) -> None:
        """Open the filter, or go to it."""
        self._filter_line.add_class("open")
        self._filter_line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        if event.input is self._filter_line:
            self.desk.memory.filter = event.value
            self.desk.rows.filter(event.value)
            self.rearranged()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the table; the filter stays."""
        if event.input is self._filter_line:
            self._filter_line.set_class(bool(event.value), "open")
            self.table.focus()

    def action_leave(self) -> None:
        """Out of the filter, which is emptied; else out of the detail; else all marks off."""
        if self._filter_line.has_class("open"):
            self._filter_line.value = ""
            self._filter_line.remove_class("open")
        elif self.has_class("detail"):
            self.remove_class("detail")
        else:
            self.table.marked.clear()
            self.table.refresh()
        self.table.focus()

    def action_detail(self) -> None:
        """The reader over the whole screen, or beside the table again."""
        if self.app.focused is self.table or self.has_class("detail"):
            self.toggle_class("detail")
            if self.has_class("detail"):
                self.query_one(TabbedContent).query("Tree, RichLog, RecordTable").first().focus()
            else:
                self.table.focus()

    # --- hands --------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command that makes no sense at this reader does nothing, and is not in the footer."""
        row = self.row
        if action == "command":
            return row is not None and BY_NAME[str(parameters[0])].works(row)
        return row is not None if action in ("trace", "detail") else True

    def action_command(self, name: str) -> None:
        """Do something with the marked readers, or the one under the cursor."""
        command, row = BY_NAME[name], self.row
        targets = [self.desk.rows[serial] for serial in self.table.targets]
        if not targets:
            return
        if name in WITH_A_CARD:
            self._confirm(command, targets, self.desk.memory.card)
        elif command.ask is not None:
            question = command.ask(self.desk, row or targets[0])
            self.app.push_screen(question, lambda typed: self._confirm(command, targets, typed))
        else:
            self._confirm(command, targets, "")

    def press_button(self, name: str) -> None:
        """A button of the picture was clicked."""
        row = self.row
        if row is not None:
            self._do(BY_NAME["press"], [row], name)

    def _confirm(self, command: ReaderCommand, targets: list[Row], typed: str | None) -> None:
        if typed is None:
            return
        who = targets[0].label or targets[0].serial if len(targets) == 1 else f"{len(targets)} readers"
        question = command.warns.format(who) if command.warns else ""
        if len(targets) > 1 and not question:
            question = f"{command.title}{f' ({typed})' if typed and command.name != 'pin' else ''}: {who}?"
        if not question:
            self._do(command, targets, typed)
            return
        self.app.push_screen(Confirm(question), lambda yes: self._do(command, targets, typed) if yes else None)

    def _do(self, command: ReaderCommand, targets: list[Row], typed: str) -> None:
        for row in targets:
            deed = Deed(f"{command.title}: {row.label or row.serial}", command.written(row, typed, self.desk.url))

            def work(client: ServerClient, row: Row = row) -> Any:
                return command.act(client, row, typed)

            def done(answer: Any, row: Row = row) -> None:
                if isinstance(answer, dict) and "serial" in answer:
                    self.refreshing.take([answer])
                self.refreshing.look_at(row.serial)
                if command.name == "register":
                    self.desk.ask(read_places, self._places_read)

            self.desk.do(deed, work, done)

    def _places_read(self, places: dict[str, str]) -> None:
        self.desk.rows.places = places
        self.rearranged()

    def action_wallet(self) -> None:
        """Take another card in hand."""

        def open_wallet(cards: list[dict[str, Any]]) -> None:
            self.app.push_screen(Wallet(cards, self.desk.memory.card), self._taken)

        self.desk.ask(ServerClient.cards, open_wallet)

    def _taken(self, card: str | None) -> None:
        if card:
            self.desk.memory.card = card
            self._show()

    def action_unbox(self) -> None:
        """A new device, which shows a pairing code."""
        offers = [
            Offer(f"{model['model']} {country}", f"{model['title']} ({model['model']}) {country}")
            for model in self.desk.kinds.models
            if model["kind"] == "smart"
            for country in model["countries"]
        ]

        def chosen(value: str | None) -> None:
            if value:
                model, country = value.split(" ")
                self.desk.do(Deed(f"Unbox a {model}"), lambda client: client.unbox(country, model), self._unboxed)

        self.app.push_screen(Choose("Unbox which reader?", offers), chosen)

    def _unboxed(self, view: dict[str, Any]) -> None:
        self.refreshing.take([view])
        self.table.go_to(str(view["serial"]))

    def action_trace(self) -> None:
        """What happened in the last sale of this reader."""
        row = self.row
        if row is None:
            return

        def read(client: ServerClient) -> tuple[str, str]:
            sales = client.reader_sales(row.serial, 1) if row.account else []
            name = str(sales[0]["payment_intent"] or sales[0]["id"]) if sales else "latest"
            return name, client.trace_text(name)

        def read_it(found: tuple[str, str]) -> None:
            self.app.push_screen(TraceScreen(self.desk, *found))

        self.desk.ask(read, read_it, lambda why: self.app.notify(why, title="Trace", severity="warning", markup=False))


def _said(item: dict[str, Any]) -> str:
    screen = item["screen"]
    words = " / ".join(filter(None, [screen.get("title"), screen.get("amount"), *screen.get("lines", [])]))
    return f"{item['state']}: {words}" if words else str(item["state"])
