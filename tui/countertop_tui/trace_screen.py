"""A transaction's trace: its steps, APDUs decoded, decisions with their reasons; copy it, write it to a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Label, Tree

from countertop.client import ServerClient
from countertop.errors import ConfigurationError
from countertop_tui.deeds import Deed
from countertop_tui.desk import Desk
from countertop_tui.dialogs import Ask
from countertop_tui.trace_tree import TraceEntry, TraceStep, parse

Node = TraceStep | TraceEntry | str
STYLES = (("·", "cyan"), ("⇄", "magenta"), ("?", "yellow"), ("◆", "bold"))


class TraceScreen(ModalScreen[None]):
    """Opened with the trace's text; ``name`` is the object that the trace is of."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("o", "open_all(True)", "Open all"),
        Binding("O", "open_all(False)", "Close all"),
        Binding("y", "copy_entry", "Copy entry"),
        Binding("Y", "copy_all", "Copy all"),
        Binding("w", "export", "Write to a file"),
    ]

    def __init__(self, desk: Desk, name: str, text: str) -> None:
        super().__init__()
        self._desk, self._trace, self._text = desk, name, text
        self._parsed = parse(text)

    def compose(self) -> ComposeResult:
        """Whose trace it is, its outcome, the tree."""
        with Vertical(id="trace"):
            yield Label(self._parsed.heading, markup=False, classes="heading")
            yield Label(self._parsed.outcome, markup=False, id="outcome")
            yield Tree[Node]("Steps", id="steps")
            yield Footer()

    def on_mount(self) -> None:
        """Steps are open, what is in their entries is not."""
        outcome = self.query_one("#outcome")
        outcome.add_class("good" if self._parsed.outcome.startswith("approved") else "bad")
        tree: Tree[Node] = self.query_one("#steps", Tree)
        tree.show_root = False
        for step in self._parsed.steps:
            branch = tree.root.add(Text(step.name, "bold"), step, expand=True)
            for entry in step.entries:
                label = Text(f"{entry.offset_ms:>5} ms  ", "dim") + Text(entry.title, _style(entry.title))
                if not entry.lines:
                    branch.add_leaf(label, entry)
                    continue
                leaf = branch.add(label, entry)
                for line in entry.lines:
                    leaf.add_leaf(Text(line), line)
        tree.focus()

    def action_open_all(self, opened: bool) -> None:
        """Open every entry, or none."""
        tree: Tree[Node] = self.query_one("#steps", Tree)
        for step in tree.root.children:
            for entry in step.children:
                if opened:
                    entry.expand()
                else:
                    entry.collapse()

    def action_copy_entry(self) -> None:
        """Copy what is under the cursor."""
        node = self.query_one("#steps", Tree).cursor_node
        data = None if node is None else node.data
        if isinstance(data, TraceEntry):
            self._copy(data.text)
        elif isinstance(data, TraceStep):
            self._copy("\n".join([data.name, *(entry.text for entry in data.entries)]))
        elif isinstance(data, str):
            self._copy(data.strip())

    def action_copy_all(self) -> None:
        """Copy the whole trace."""
        self._copy(self._text)

    def action_export(self) -> None:
        """Write it to a file; the name says in which form."""
        usual = f"{self._trace}.html"

        def named(typed: str | None) -> None:
            if typed:
                file = Path(typed).expanduser()
                flag = {".html": f" --html {file}", ".json": f" --json > {file}"}.get(file.suffix, f" > {file}")
                deed = Deed(f"Write {file}", f"countertop trace {self._trace}{flag} --url {self._desk.url}")
                self._desk.do(
                    deed,
                    lambda client: _write(client, self._trace, file),
                    lambda done: self.app.notify(str(file), title="Written", markup=False),
                )

        self.app.push_screen(Ask("File: .html to look at, .json for programs, .txt to read", usual), named)

    def action_close(self) -> None:
        """Back to the fleet."""
        self.dismiss(None)

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.app.notify(f"{len(text.splitlines())} lines", title="Copied")


def _style(title: str) -> str:
    return next((style for sign, style in STYLES if title.startswith(sign)), "")


def _write(client: ServerClient, name: str, file: Path) -> None:
    match file.suffix:
        case ".html":
            text = client.trace_page(name)
        case ".json":
            text = json.dumps(client.trace(name), indent=2) + "\n"
        case _:
            text = client.trace_text(name)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}.", "Choose another place.") from None
