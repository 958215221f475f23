"""The fleet in a terminal: a table, one reader beside it, and hands on it.  A client of a server, and nothing else."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.css.query import NoMatches
from textual.widgets import Footer, Input, Static

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop.errors import CountertopError
from countertop_tui.ask import Ask
from countertop_tui.columns import COLUMNS
from countertop_tui.fleet_table import FleetTable
from countertop_tui.hands import HANDS, Hand
from countertop_tui.reader_panel import ReaderPanel
from countertop_tui.rows import Fleet, one_line
from countertop_tui.server_feed import Ears, ServerFeed
from countertop_tui.summary import Sales, summary
from countertop_tui.trace_screen import TraceScreen

FRAME_S = 1 / 20
"""What the stream says is gathered and drawn so often; a fleet of thousands says more than anybody can read."""
NARROW = 110
"""Columns below which the reader's picture is narrower."""
IN_FOOTER = ("tap", "insert", "pin")
NOTICE = "The server at {} cannot be reached, trying again: {}"


class FleetApp(App[None]):
    """``countertop fleet``."""

    TITLE = "Countertop"
    CSS = """
    #summary { height: 1; background: $panel; }
    #banner { height: 1; background: $error; color: $text; display: none; }
    #banner.lost { display: block; }
    #filter { display: none; height: 3; }
    #filter.open { display: block; }
    #fleet { width: 1fr; }
    #reader { width: 46; border-left: solid $primary; padding: 0 1; overflow-y: auto; }
    .narrow #reader { width: 40; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("s", "sort", "Sort"),
        Binding("T", "trace", "Trace"),
        Binding("c", "copy", "Copy command"),
        Binding("d", "dark", "Dark/light", show=False),
        Binding("escape", "leave", "Back", show=False),
        Binding("q", "quit", "Quit"),
        *(Binding(hand.key, f"hand('{hand.name}')", hand.title, show=hand.name in IN_FOOTER) for hand in HANDS),
    ]

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.fleet = Fleet()
        self.sales = Sales()
        self.now_ms = 0
        self.last_command = ""
        self._feed = ServerFeed(url, Ears(self._soon(self._found), self._soon(self._lost), self._gather))
        self._heard: deque[StreamItem] = deque()
        self._stale: set[str] = set()
        self._summary = Text()

    def compose(self) -> ComposeResult:
        """Summary, banner, filter, the table and the reader, and the keys that work."""
        yield Static(id="summary")
        yield Static(id="banner")
        yield Input(placeholder="Filter: words, or letters of words in their order", id="filter")
        with Horizontal():
            yield FleetTable(self.fleet)
            yield ReaderPanel(id="reader")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to follow the server."""
        self.table.focus()
        self._feed.start()
        self.set_interval(FRAME_S, self._draw)

    def on_unmount(self) -> None:
        """Follow it no more."""
        self._feed.stop()

    def on_resize(self) -> None:
        """A narrow terminal has a narrower reader."""
        self.set_class(self.size.width < NARROW, "narrow")

    @property
    def table(self) -> FleetTable:
        """The fleet."""
        return self.query_one(FleetTable)

    # --- the server ---------------------------------------------------------------------------------------------

    def _soon(self, work: Callable[[Any], None]) -> Callable[[Any], None]:
        """The same, to be called from the feed's thread."""

        def later(given: Any) -> None:
            if self.is_running:
                self.call_later(work, given)

        return later

    def _gather(self, item: StreamItem) -> None:
        # Called from the feed's thread; a deque needs no lock for this.
        self._heard.append(item)

    def _found(self, views: list[dict[str, Any]]) -> None:
        self.fleet.load(views)
        self.table.arranged()
        self.query_one("#banner").remove_class("lost")
        self._ask_about(self.table.selected)

    def _lost(self, why: str) -> None:
        banner = self.query_one("#banner", Static)
        banner.update(NOTICE.format(self.url, why.splitlines()[0]))
        banner.add_class("lost")

    def _draw(self) -> None:
        """Take in what was heard since last time, and draw what is seen of it."""
        changed: set[str] = set()
        while self._heard:
            item = self._heard.popleft()
            self.now_ms = max(self.now_ms, item.at_ms)
            if item.topic == "reader":
                self._take_in(item.data, changed)
            elif item.topic == "event":
                self.sales.heard(str(item.data.get("type", "")), item.at_ms)
        try:
            table = self.table
        except NoMatches:
            return
        for serial in changed:
            table.changed(serial)
        if self._stale:
            stale, self._stale = self._stale, set()
            self._refresh_rows(sorted(stale))
        counts = Counter(self.fleet.counts())
        line = summary(counts, len(self.fleet.shown), len(self.fleet), self.sales, self.now_ms, len(table.marked))
        if line != self._summary:
            self._summary = line
            self.query_one("#summary", Static).update(line)

    def _take_in(self, data: dict[str, Any], changed: set[str]) -> None:
        serial = str(data["serial"])
        if data["state"] == "gone":
            self.fleet.remove(serial)
            self.table.arranged()
            return
        known = self.fleet.note(serial, str(data["state"]), one_line(data["screen"]["text"]))
        changed.add(serial)
        if not known or serial == self.table.selected or serial in self.table.in_sight():
            self._stale.add(serial)

    @work(thread=True, group="rows", exit_on_error=False)
    def _refresh_rows(self, serials: list[str]) -> None:
        """Ask for the whole of a few readers: what is in sight, and the one in the panel."""
        try:
            with ServerClient(self.url) as client:
                views = [client.reader(serial) for serial in serials]
        except CountertopError:
            return  # the feed says that the server is gone
        self.call_from_thread(self._refreshed, views)

    def _refreshed(self, views: list[dict[str, Any]]) -> None:
        moved = False
        for view in views:
            moved = self.fleet.put(view) or moved
            self.table.changed(str(view["serial"]))
            if view["serial"] == self.table.selected:
                self.query_one(ReaderPanel).show(view)
        if moved:
            self.table.arranged()

    def on_fleet_table_moved(self, message: FleetTable.Moved) -> None:
        """Another reader is to be seen in the panel."""
        self._ask_about(message.serial)

    def _ask_about(self, serial: str | None) -> None:
        panel = self.query_one(ReaderPanel)
        if serial is None or serial not in self.fleet:
            panel.show(None)
            return
        panel.show(self.fleet[serial].view)
        self._stale.add(serial)

    # --- keys ---------------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter, or go to it."""
        line = self.query_one("#filter", Input)
        line.add_class("open")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        if event.input.id == "filter":
            self.fleet.filter(event.value)
            self.table.arranged()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the table; the filter stays."""
        if event.input.id == "filter":
            if not event.value:
                event.input.remove_class("open")
            self.table.focus()

    def action_leave(self) -> None:
        """Out of the filter, which is emptied; or all marks off."""
        line = self.query_one("#filter", Input)
        if line.has_class("open"):
            line.value = ""
            line.remove_class("open")
        self.table.marked.clear()
        self.table.focus()
        self.table.arranged()

    def action_sort(self) -> None:
        """Sort by the next column."""
        names = [column.name for column in COLUMNS]
        name, descending = self.fleet.sorted_by
        self.fleet.sort(name if not descending else names[(names.index(name) + 1) % len(names)])
        self.table.arranged()

    def action_dark(self) -> None:
        """The other theme."""
        self.theme = "textual-light" if self.theme == "textual-dark" else "textual-dark"

    def action_copy(self) -> None:
        """Copy the command that does what was done last."""
        if self.last_command:
            self.copy_to_clipboard(self.last_command)
            self.notify(self.last_command, title="Copied")

    def action_hand(self, name: str) -> None:
        """Do something with the marked readers, or the one under the cursor."""
        hand = next(hand for hand in HANDS if hand.name == name)
        targets = self.table.targets
        if not targets:
            self.notify("No reader is selected.", severity="warning")
        elif hand.asks:
            question = Ask(f"{hand.title}: {hand.asks}", hand.usual)
            self.push_screen(question, lambda typed: self._do(hand, targets, typed))
        else:
            self._do(hand, targets, "")

    def _do(self, hand: Hand, targets: list[str], typed: str | None) -> None:
        if typed is None:
            return
        self.last_command = hand.written(self.fleet[targets[-1]].name, typed, self.url)
        self._reach_out(hand, targets, typed)

    @work(thread=True, group="hands", exit_on_error=False)
    def _reach_out(self, hand: Hand, targets: list[str], typed: str) -> None:
        views, problems = [], []
        for serial in targets:
            try:
                with ServerClient(self.url) as client:
                    views.append(hand.act(client, serial, typed))
            except CountertopError as error:
                problems.append(str(error))
        self.call_from_thread(self._refreshed, views)
        for problem in problems[:3]:
            self.call_from_thread(self.notify, problem, severity="error", title=hand.title)

    def action_trace(self) -> None:
        """The latest trace."""
        self._read_trace()

    @work(thread=True, group="trace", exclusive=True, exit_on_error=False)
    def _read_trace(self) -> None:
        try:
            with ServerClient(self.url) as client:
                text = client.trace_text()
        except CountertopError as error:
            self.call_from_thread(self.notify, str(error), severity="warning", title="Trace")
            return
        self.call_from_thread(self.push_screen, TraceScreen(text))
