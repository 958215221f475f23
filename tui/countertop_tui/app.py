"""The fleet in a terminal: panels over one server, a line above them, the keys below.  A client, and nothing else."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Footer, Static

from countertop.client import DEFAULT_KEY
from countertop.client.sse import StreamItem
from countertop_tui.deed_screen import DeedScreen
from countertop_tui.desk import Desk
from countertop_tui.help import Help
from countertop_tui.jump import Jump
from countertop_tui.memory import Memory
from countertop_tui.panel import Panel
from countertop_tui.panel_bar import PanelBar
from countertop_tui.panels import PANELS
from countertop_tui.panels.readers import ReadersPanel
from countertop_tui.server_feed import Ears, ServerFeed, World
from countertop_tui.summary import summary

FRAME_S = 1 / 30
"""What the stream says is gathered and drawn so often; a fleet of thousands says more than anybody can read."""
NARROW, SHORT = 110, 40
"""Columns and lines below which there is less beside the table."""
NOTICE = "The server at {} cannot be reached, trying again: {}"
LEAVE_S = 3.0
"""How long it may take to leave when it is told to."""
COLLECT_S, QUIET = 300.0, 500
"""How often all rubbish is collected, and up to how many items in that time it is quiet enough to."""
READERS = "readers"
DARK, LIGHT = "textual-dark", "textual-light"


class FleetApp(App[None]):
    """``countertop fleet``.  ``note``: said when it starts.  ``alone``: nothing else lives in this process."""

    TITLE = "Countertop"
    CSS_PATH = Path(__file__).parent / "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"panel('{entry.name}')", entry.title, show=False)
            for number, entry in enumerate(PANELS, 1)
        ),
        Binding("c", "deed", "As a command"),
        Binding("question_mark", "help", "Keys"),
        Binding("ctrl+o", "jump", "Jump to a pane", show=False),
        Binding("ctrl+t", "dark", "Dark or light", show=False),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(
        self, url: str, *, key: str = DEFAULT_KEY, memory: Memory | None = None, note: str = "", alone: bool = False
    ) -> None:
        super().__init__()
        self._alone = alone
        self.desk = Desk(url, key, memory or Memory(), self._soon, self._say)
        self._feed = ServerFeed(url, Ears(self._later(self._found), self._later(self._lost), self._gather))
        self._heard: deque[StreamItem] = deque()
        self._summary = Text()
        self._note = note
        self._anew = False
        self._lately = 0

    def compose(self) -> ComposeResult:
        """The line above, the panels' names, the banner, the panels, the keys."""
        yield Static(id="summary")
        yield PanelBar(id="bar")
        yield Static(id="banner", markup=False)
        with ContentSwitcher(id="panels"):
            readers = ReadersPanel(self.desk)
            readers.id = READERS
            yield readers
        yield Footer(compact=True, show_command_palette=False)

    async def on_mount(self) -> None:
        """Begin to follow the server."""
        self.theme = self.desk.memory.theme if self.desk.memory.theme in self.available_themes else DARK
        self._restore_on_signals()
        await self.action_panel(READERS)
        self._feed.start()
        self.set_interval(FRAME_S, self._frame)
        if self._alone:
            self.set_interval(COLLECT_S, self._collect)
        if self._note:
            self.notify(self._note, timeout=8, markup=False)

    def on_unmount(self) -> None:
        """Follow it no more, and remember how it was left."""
        self._feed.stop()
        self.desk.stop()
        self.desk.memory.theme = self.theme
        self.desk.memory.write()

    def on_resize(self) -> None:
        """A small terminal has less beside the table."""
        self.set_class(self.size.width < NARROW, "narrow")
        self.set_class(self.size.height < SHORT, "short")

    def _restore_on_signals(self) -> None:
        """Who is told to end leaves the terminal as it was."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self._told_to_end)
            except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                return

    def _told_to_end(self) -> None:
        """Leave; should the terminal be gone, so that nothing can be written to it, leave without a word."""
        self.desk.memory.write()
        watch = threading.Timer(LEAVE_S, os._exit, (0,))
        watch.daemon = True
        watch.start()
        self.exit()

    # --- the server ---------------------------------------------------------------------------------------------

    def _soon(self, work: Callable[..., Any], *given: Any) -> None:
        """Run something in the screen's own thread; from any other."""
        if self.is_running:
            self.call_later(work, *given)

    def _later(self, work: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda given: self._soon(work, given)

    def _say(self, message: str, *, title: str = "", severity: Any = "information") -> None:
        self.notify(message, title=title, severity=severity, markup=False)

    def _gather(self, item: StreamItem) -> None:
        # Called from the feed's thread; a deque needs no lock for this.
        self._heard.append(item)

    def _found(self, world: World) -> None:
        desk = self.desk
        desk.there = True
        desk.now_ms = int(world.info["clock"]["now_ms"])
        desk.kinds.faults, desk.kinds.models = world.kinds["faults"], world.kinds["models"]
        desk.rows.places = world.places
        desk.rows.load(world.readers)
        desk.rows.count_sales(world.sales)
        approved = sum(int(total["approved"]) for total in world.sales)
        desk.sales.begin(approved, sum(int(total["declined"]) for total in world.sales))
        banner = self.query_one("#banner")
        if banner.has_class("lost"):
            banner.remove_class("lost")
            desk.log.add(desk.now_ms, "server", "the server is there again")
        for panel in self.query(Panel):
            if panel.display:
                panel.found()
        if self._alone:
            keep_pauses_short()

    def _lost(self, why: str) -> None:
        self.desk.there = False
        banner = self.query_one("#banner", Static)
        if not banner.has_class("lost"):
            self.desk.log.add(self.desk.now_ms, "server", f"lost: {why}")
        banner.update(NOTICE.format(self.desk.url, why.splitlines()[0]))
        banner.add_class("lost")

    def _frame(self) -> None:
        """Take in what was heard since last time, and draw what is seen of it."""
        items = []
        while self._heard:
            items.append(self._heard.popleft())
        self._lately += len(items)
        try:
            readers, panel = self.query_one(ReadersPanel), self.panel
            above = self.query_one("#summary", Static)
        except NoMatches:
            return  # the screen is being taken apart
        for item in items:
            self._take_in(item, readers)
        if items and panel is not None:
            panel.heard(items)
        if self._anew:
            self._anew = False
            self.desk.ask(lambda client: client.readers(), self._reloaded)
        self._draw_summary(readers, above)
        if self._alone:
            gc.collect(0)
            gc.freeze()

    def _collect(self) -> None:
        """Search through everything that was set aside, if it is quiet: dialogs that were closed are in it."""
        if self._lately < QUIET:
            gc.unfreeze()
            keep_pauses_short()
        self._lately = 0

    def _take_in(self, item: StreamItem, readers: ReadersPanel) -> None:
        desk = self.desk
        desk.now_ms = max(desk.now_ms, item.at_ms)
        if item.topic == "reader":
            serial = str(item.data["serial"])
            if item.data["state"] == "gone":
                if desk.rows.remove(serial):
                    desk.rows.arrange()
                    readers.rearranged()
                return
            desk.rows.hear(item.data)
            readers.refreshing.heard(serial, bool(item.data["connected"]))
            return
        desk.log.hear(item)
        if item.topic == "event":
            desk.sales.heard(str(item.data.get("type", "")), item.at_ms)
        elif item.topic in ("clock", "missed"):
            self._anew = True

    def _reloaded(self, views: list[dict[str, Any]]) -> None:
        self.desk.rows.load(views)
        self.query_one(ReadersPanel).found()

    def _draw_summary(self, readers: ReadersPanel, above: Static) -> None:
        rows = self.desk.rows
        line = summary(
            rows.counts(), len(rows.shown), len(rows), self.desk.sales, self.desk.now_ms,
            len(readers.table.marked), self.size.width,
        )  # fmt: skip
        if line != self._summary:
            self._summary = line
            above.update(line, layout=False)

    # --- panels and everything else --------------------------------------------------------------------------------

    @property
    def panel(self) -> Panel | None:
        """The panel that is looked at."""
        current = self.query_one("#panels", ContentSwitcher).visible_content
        return current if isinstance(current, Panel) else None

    async def action_panel(self, name: str) -> None:
        """Look at another panel, which is made when it was never looked at."""
        switcher = self.query_one("#panels", ContentSwitcher)
        if not self.query(f"#{name}"):
            entry = next(entry for entry in PANELS if entry.name == name)
            made = entry.load()(self.desk)
            made.id = name
            await switcher.add_content(made)
        switcher.current = name
        self.query_one(PanelBar).show(name)
        if (panel := self.panel) is not None:
            panel.opened()

    def action_press_button(self, name: str) -> None:
        """A button on the picture of a reader was clicked."""
        self.query_one(ReadersPanel).press_button(name)

    def action_dark(self) -> None:
        """The other theme."""
        self.theme = LIGHT if self.current_theme.dark else DARK

    def action_help(self) -> None:
        """What the keys do here."""
        self.push_screen(Help(dict(self.screen.active_bindings), self.panel))

    def action_deed(self) -> None:
        """What was done last, as command and as API calls."""
        if self.desk.deeds:
            self.push_screen(DeedScreen(self.desk.deeds[-1], self.desk.url))
        else:
            self.notify("Nothing was done yet.")

    def action_jump(self) -> None:
        """Letters on all panes."""
        targets = [widget for widget in self.screen.focus_chain if widget.region.area]

        def there(target: Widget | None) -> None:
            if target is not None:
                target.focus()

        self.push_screen(Jump(targets), there)

    async def _elsewhere(self, name: str, action: str) -> None:
        """Go to a panel, and do something there."""
        await self.action_panel(name)
        await self.run_action(action, self.panel)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything that has a key here, every panel, and what Textual brings."""
        for entry in PANELS:
            yield SystemCommand(f"Go to {entry.title}", "panel", partial(self.action_panel, entry.name))
        for key, active in screen.active_bindings.items():
            binding = active.binding
            if binding.description and active.enabled and not binding.action.startswith(("app.", "panel")):
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, f"key {binding.key_display or key}", run)
        for entry in PANELS:
            if self.panel is None or entry.name != self.panel.id:
                for binding in Binding.make_bindings(entry.load().BINDINGS):
                    if binding.description:
                        go = partial(self._elsewhere, entry.name, binding.action)
                        yield SystemCommand(f"{entry.title}: {binding.description}", f"key {binding.key}, there", go)
        yield from super().get_system_commands(screen)


def keep_pauses_short() -> None:
    """A fleet of thousands is a million objects that stay; to walk through them in search of rubbish takes a quarter of
    a second.  They are set aside; from then on each frame looks at what came since the last, and sets that aside.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    # The screen waits no longer than this for the thread that reads the stream.
    sys.setswitchinterval(0.001)
