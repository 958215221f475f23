"""Real devices: what is plugged in here, which reader each is attached to, and what crosses its cable."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, Tree

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop_tui.attach_processes import AttachProcesses, command_of, plugged_in
from countertop_tui.columns import Column
from countertop_tui.deeds import Deed
from countertop_tui.desk import Desk
from countertop_tui.dialogs import Ask, Choose, Offer
from countertop_tui.record_panel import RecordPanel
from countertop_tui.record_table import Record, RecordTable

MOST_FRAMES = 200


class DevicesPanel(RecordPanel):
    """What is plugged in, and what is attached."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "attach", "Attach"),
        Binding("r", "record", "Attach and record"),
        Binding("u", "url", "Attach by URL"),
        Binding("d", "detach", "Detach"),
    ]
    COLUMNS = (
        Column("state", "State", 10),
        Column("url", "Device", 28),
        Column("reader", "Reader", 16),
        Column("card", "Card", 5),
        Column("exchanges", "Answers", 7),
        Column("how", "How", 6),
        Column("title", "What it is", 30),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._processes = AttachProcesses(self._ended)
        self._plugged: list[dict[str, Any]] = []
        self._frames: dict[str, deque[str]] = {}
        self._looking = False

    def compose(self) -> ComposeResult:
        """Table, tree, and the frames below it."""
        with Horizontal():
            yield RecordTable(self.COLUMNS)
            with Vertical(classes="beside"):
                yield Tree[Any]("", classes="detail")
                yield Static("", id="frames", markup=False)

    def on_unmount(self) -> None:
        """Nothing outlives the screen."""
        self._processes.stop()

    def opened(self) -> None:
        """Ask the server, and the drivers here."""
        super().opened()
        self._look()

    def found(self) -> None:
        """The server is there again; what is plugged in here has not changed by that."""
        super().opened()

    def records(self, client: ServerClient) -> list[Record]:
        """What is attached anywhere, then what is plugged in here and free."""
        attached = client.attachments()
        readers = client.some_readers([str(one["serial"]) for one in attached])
        names = {str(view["serial"]): str(view["label"] or view["serial"]) for view in readers}
        taken = {str(one["device"]) for one in attached}
        titles = {str(one["url"]): str(one["title"]) for one in self._plugged}
        found = [_attached(one, names, titles) for one in attached]
        return found + [_free(one) for one in self._plugged if one["url"] not in taken]

    def stirs(self, item: StreamItem) -> bool:
        """Devices that come, go and answer."""
        return item.topic == "device"

    def heard(self, items: Sequence[StreamItem]) -> None:
        """Keep what crossed the cables."""
        super().heard(items)
        for item in items:
            if item.topic == "device" and "name" in item.data:
                frames = self._frames.setdefault(str(item.data["serial"]), deque(maxlen=MOST_FRAMES))
                frames.extend(_frame(item.data))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the device under the cursor."""
        record = self.selected
        if action in ("attach", "record"):
            return True if record is not None and record.data.get("serial") is None else None
        if action == "detach":
            return True if record is not None and record.data.get("serial") is not None else None
        return True

    def action_attach(self) -> None:
        """Make the device under the cursor the slot of a reader."""
        if self.selected is not None:
            self._choose_reader(str(self.selected.data["url"]))

    def action_record(self) -> None:
        """The same, and write down every frame."""
        record = self.selected
        if record is None:
            return
        device = str(record.data["url"])

        def named(file: str | None) -> None:
            if file:
                self._choose_reader(device, file)

        self.app.push_screen(Ask("Record to which file? Secrets are masked.", "device.trace.json"), named)

    def action_url(self) -> None:
        """Attach a device that no list shows, such as one on a serial line."""

        def typed(device: str | None) -> None:
            if device:
                self._choose_reader(device)

        self.app.push_screen(Ask("URL of the device", "pn532:serial:/dev/ttyUSB0"), typed)

    def action_detach(self) -> None:
        """Let go of the device under the cursor."""
        record = self.selected
        if record is None:
            return
        serial = str(record.data["serial"])
        self.desk.do(
            Deed(f"Detach {record.data['device']}"),
            lambda client: client.detach(serial),
            lambda done: self.action_reload(),
        )

    # --- inside ---------------------------------------------------------------------------------------------------

    def _choose_reader(self, device: str, record: str = "") -> None:
        offers = [Offer(row.serial, f"{row.label or row.serial}  {row.model}") for row in self.desk.rows.every()]

        def chosen(serial: str | None) -> None:
            if serial:
                deed = Deed(f"Attach {device}", command_of(device, serial, self.desk.url, record))
                start = partial(self._processes.start, device, serial, self.desk.url, record)
                self.desk.do(deed, lambda client: start())

        self.app.push_screen(Choose(f"{device}: at which reader?", offers), chosen)

    def _look(self) -> None:
        if self._looking:
            return
        self._looking = True

        def looked(found: list[dict[str, Any]]) -> None:
            self._looking = False
            self._plugged = found
            self.action_reload()

        def failed(why: str) -> None:
            self._looking = False

        self.desk.ask(lambda client: plugged_in(), looked, failed)

    def _ended(self, device: str, said: str) -> None:
        """One ended by itself; called in a thread."""
        self.app.call_from_thread(self._say_ended, device, said)

    def _say_ended(self, device: str, said: str) -> None:
        bad = said.startswith("countertop:")
        self.app.notify(said, title=device, severity="error" if bad else "information", markup=False)
        self.action_reload()

    def _show(self) -> None:
        super()._show()
        record = self.selected
        serial = "" if record is None else str(record.data.get("serial") or "")
        shown = self.query_one("#frames", Static)
        width, height = shown.content_size
        lines = list(self._frames.get(serial, ()))[-(height or 1) :]
        shown.update("\n".join(line if len(line) <= width else f"{line[: width - 1]}…" for line in lines))


def _attached(one: dict[str, Any], names: dict[str, str], titles: dict[str, str]) -> Record:
    serial, device = str(one["serial"]), str(one["device"])
    cells = (
        "● attached",
        device,
        names.get(serial, serial),
        "there" if one["card"] else "",
        str(one["exchanges"]),
        str(one["how"]),
        titles.get(device, ""),
    )
    return Record(f"attached {serial}", cells, one, "green")


def _free(one: dict[str, Any]) -> Record:
    return Record(f"free {one['url']}", ("○ free", str(one["url"]), "", "", "", "", str(one["title"])), one)


def _frame(data: dict[str, Any]) -> list[str]:
    """A command and its answer."""
    command, response = str(data["command"]), str(data["response"])
    ends = f"  {response[-4:]}" if command and len(response) >= 4 else ""
    lines = [f"{data['name']}{ends}"]
    lines += [f"  > {command}"] if command else []
    return [*lines, f"  < {response}"]
