"""Webhook deliveries: what was sent where, how that went; send it again, look at what is sent and how it is signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from countertop.client import ServerClient
from countertop.client.sse import StreamItem
from countertop_tui.columns import Column
from countertop_tui.deeds import Deed
from countertop_tui.dialogs import Confirm
from countertop_tui.record_panel import RecordPanel
from countertop_tui.record_table import Record

MOST = 500
COLORS = {"delivered": "green", "failed": "red", "pending": "yellow"}
GLYPHS = {"delivered": "✓", "failed": "✗", "pending": "…"}


class WebhooksPanel(RecordPanel):
    """The delivery log, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "payload", "Payload"),
        Binding("r", "resend", "Send again"),
        Binding("R", "resend_failed", "Send all failed again"),
        Binding("y", "copy_payload", "Copy payload"),
    ]
    COLUMNS = (
        Column("status", "Status", 12),
        Column("time", "Time", 9),
        Column("type", "Event", 34),
        Column("answer", "Answer", 10),
        Column("tries", "Tries", 5),
        Column("url", "To", 40),
        Column("event", "Id", 30),
    )

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self._payloads: dict[str, Any] = {}

    def records(self, client: ServerClient) -> list[Record]:
        """The last five hundred."""
        return [_record(row) for row in client.deliveries(limit=MOST)]

    def detail(self, record: Record) -> Any:
        """The row, and once it was asked for what is sent."""
        return self._payloads.get(record.key, record.data)

    def stirs(self, item: StreamItem) -> bool:
        """Each attempt."""
        return item.topic in ("webhook", "event")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing works on nothing."""
        if action == "resend_failed":
            return True if any(record.data["status"] == "failed" for record in self.table.records) else None
        return None if action in ("resend", "payload", "copy_payload") and self.selected is None else True

    def action_payload(self) -> None:
        """Ask for what is sent: headers with a signature made now, and the body."""
        self._with_payload(lambda key, shown: self._show())

    def action_copy_payload(self) -> None:
        """Copy the body, and the signature that goes with it."""

        def copy(key: str, shown: dict[str, Any]) -> None:
            headers = "".join(f"{name}: {value}\n" for name, value in (shown["headers"] or {}).items())
            self.app.copy_to_clipboard(f"{headers}\n{shown['body'] or ''}")
            self.app.notify("Headers with their signature, and body", title="Copied")

        self._with_payload(copy)

    def action_resend(self) -> None:
        """Once more, now: a retry of one that failed, a replay of one that arrived."""
        record = self.selected
        if record is not None:
            self._send([record])

    def action_resend_failed(self) -> None:
        """All that failed."""
        failed = [record for record in self.table.records if record.data["status"] == "failed"]

        def meant(answer: str | None) -> None:
            if answer:
                self._send(failed)

        self.app.push_screen(Confirm(f"Send {len(failed)} deliveries once more?"), meant)

    def _send(self, records: list[Record]) -> None:
        def send(client: ServerClient) -> None:
            for record in records:
                client.resend(record.key)

        first = records[0]
        command = f"countertop webhooks --resend {first.key} --url {self.desk.url}" if len(records) == 1 else ""
        self.desk.do(Deed(f"Send {first.cells[2]} again", command), send, lambda done: self.action_reload())

    def _with_payload(self, then: Any) -> None:
        record = self.selected
        if record is None:
            return
        key = record.key

        def shown(found: dict[str, Any]) -> None:
            body = None if found["body"] is None else json.loads(found["body"])
            # What was asked for stands first.
            self._payloads[key] = {"headers": found["headers"], "body": body} | (found | {"body": body})
            then(key, found)

        self.desk.ask(lambda client: client.delivery(key), shown)


def _record(row: dict[str, Any]) -> Record:
    status = str(row["status"])
    last = row["attempts"][-1] if row["attempts"] else None
    answer = "" if last is None else str(last["status"] if last["status"] is not None else last["error"])
    time = datetime.fromtimestamp(row["created"], UTC).strftime("%H:%M:%S")
    cells = (
        f"{GLYPHS.get(status, '·')} {status}",
        time,
        str(row["event_type"]),
        answer,
        str(len(row["attempts"])),
        str(row["url"]),
        str(row["event"]),
    )
    return Record(str(row["id"]), cells, row, COLORS.get(status, ""))
