"""Questions before something is done: a line to type, one of several, several of several, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, OptionList, SelectionList
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from countertop_tui.search import Search


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to choose.  ``value``: what is returned; ``text``: what is shown."""

    value: str
    text: str
    chosen: bool = False


class Dialog(ModalScreen[str | None]):
    """A box in the middle.  The answer is None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, title: str) -> None:
        super().__init__(classes="dialog")
        self.question = title

    def action_leave(self) -> None:
        """It was left."""
        self.dismiss(None)


class Ask(Dialog):
    """Asks for one line."""

    def __init__(self, title: str, usual: str = "") -> None:
        super().__init__(title)
        self._usual = usual

    def compose(self) -> ComposeResult:
        """A label, and the line."""
        with Vertical(classes="box"):
            yield Label(self.question, markup=False)
            yield Input(value=self._usual)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """It was typed."""
        self.dismiss(event.value.strip())


class Confirm(Dialog):
    """Asks whether it is meant.  The answer is ``yes`` or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes"),
        Binding("n", "leave", "No"),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The question, and two buttons; the harmless one is under the finger."""
        with Vertical(classes="box"):
            yield Label(self.question, markup=False)
            with Horizontal():
                yield Button("No", id="no")
                yield Button("Yes", id="yes", variant="error")

    def action_yes(self) -> None:
        """It is meant."""
        self.dismiss("yes")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss("yes" if event.button.id == "yes" else None)


class Choose(Dialog):
    """Asks for one of several; typing narrows them down."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to_list(1)", show=False),
        Binding("up", "to_list(-1)", show=False),
    ]

    def __init__(self, title: str, offers: Sequence[Offer]) -> None:
        super().__init__(title)
        self._offers = list(offers)
        self._found = self._offers

    def compose(self) -> ComposeResult:
        """A line to search with, and the list."""
        with Vertical(classes="box tall"):
            yield Label(self.question, markup=False)
            yield Input(placeholder="type to search")
            yield OptionList()

    def on_mount(self) -> None:
        """All are shown; the cursor is on the chosen one."""
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Fewer are."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """The one under the cursor is meant."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(self._found[options.highlighted].value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """It was clicked, or entered."""
        self.dismiss(self._found[event.option_index].value)

    def action_to_list(self, by: int) -> None:
        """The cursor of the list moves while one types."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _fill(self, text: str) -> None:
        search = Search(text)
        self._found = [offer for offer in self._offers if search.finds(offer.text.lower())]
        # What was found as it was typed comes before what has its letters somewhere.
        self._found.sort(key=lambda offer: not search.literal(offer.text.lower()))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(("● " if offer.chosen else "  ") + offer.text) for offer in self._found)
        chosen = next((at for at, offer in enumerate(self._found) if offer.chosen), 0)
        options.highlighted = chosen if self._found else None


class ChooseSeveral(ModalScreen[list[str] | None]):
    """Asks which of several are wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("enter", "take", "Take them", priority=True),
    ]

    def __init__(self, title: str, offers: Sequence[Offer]) -> None:
        super().__init__(classes="dialog")
        self.question = title
        self._offers = offers

    def compose(self) -> ComposeResult:
        """A list with marks."""
        with Vertical(classes="box tall"):
            yield Label(f"{self.question} (space marks, enter takes)", markup=False)
            yield SelectionList(*(Selection(offer.text, offer.value, offer.chosen) for offer in self._offers))

    def action_take(self) -> None:
        """In the order in which they were offered."""
        wanted = set(self.query_one(SelectionList).selected)
        self.dismiss([offer.value for offer in self._offers if offer.value in wanted])

    def action_leave(self) -> None:
        """It was left."""
        self.dismiss(None)
