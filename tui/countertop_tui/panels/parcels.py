"""Parcels on their way: physical cards of every account, and how far they are."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from countertop.client import ServerClient
from countertop_tui.columns import Column
from countertop_tui.deeds import Deed
from countertop_tui.dialogs import Confirm
from countertop_tui.record_panel import RecordPanel
from countertop_tui.record_table import Record

MOST = 300
"""Of an account, the newest."""
STEPS = ("pending", "submitted", "shipped", "delivered")
ENDS = {"returned": "red", "failure": "red", "canceled": "red", "delivered": "green"}
MOVES = {
    "submit": ("pending",),
    "ship": ("pending", "submitted"),
    "deliver": ("shipped",),
    "return": ("shipped",),
    "fail": ("shipped",),
}
"""What can be done with a parcel, and where it has to be (issuing.md §3.6)."""
BAD = frozenset(("return", "fail"))


class ParcelsPanel(RecordPanel):
    """Card shipments; hardware orders join them when there are some."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "move('submit')", "Submit"),
        Binding("h", "move('ship')", "Ship"),
        Binding("d", "move('deliver')", "Deliver"),
        Binding("r", "move('return')", "Return"),
        Binding("F", "move('fail')", "Fail"),
    ]
    COLUMNS = (
        Column("status", "Status", 11),
        Column("way", "On its way", 22),
        Column("what", "What", 16),
        Column("to", "To", 20),
        Column("service", "Service", 10),
        Column("carrier", "Carrier", 12),
        Column("tracking", "Tracking", 22),
        Column("eta", "Expected", 12),
        Column("id", "Id", 30),
    )
    STIRS = ("issuing_card.",)

    def records(self, client: ServerClient) -> list[Record]:
        """Newest first, account by account."""
        found = []
        for account in client.accounts():
            if account["key"] is None:
                continue
            cards = client.pages("/v1/issuing/cards", {"type": "physical"}, key=account["key"])
            for card in islice(cards, MOST):
                if card["shipping"] is not None:
                    found.append(_record(account["key"], card))
        return found

    def detail(self, record: Record) -> Any:
        """The shipping of the card."""
        return record.data["shipping"]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the parcel under the cursor can do next."""
        if action != "move":
            return True
        record = self.selected
        where = None if record is None else record.data["shipping"]["status"]
        return True if where in MOVES[str(parameters[0])] else None

    def action_move(self, name: str) -> None:
        """One step on, or off the way."""
        record = self.selected
        if record is None:
            return

        def move(answer: str | None = "yes") -> None:
            if answer:
                path = f"/v1/test_helpers/issuing/cards/{record.key}/shipping/{name}"
                self.desk.do(
                    Deed(f"{name.capitalize()} the parcel of {record.key}"),
                    lambda client: client.call("POST", path, key=record.data["key"]),
                    lambda done: self.action_reload(),
                )

        if name in BAD:
            self.app.push_screen(
                Confirm(f"{name.capitalize()} the parcel of {record.key}? It does not come back."), move
            )
        else:
            move()

    def on_line_table_moved(self, message: Any) -> None:
        """Another parcel can do other things."""
        super().on_line_table_moved(message)
        self.refresh_bindings()


def _record(key: str, card: dict[str, Any]) -> Record:
    shipping = card["shipping"]
    status = str(shipping["status"])
    eta = shipping["eta"]
    cells = (
        status,
        way(status),
        f"card •••• {card['last4']}",
        str(shipping["name"]),
        str(shipping["service"]),
        str(shipping["carrier"] or ""),
        str(shipping["tracking_number"] or ""),
        "" if eta is None else _day(eta),
        str(card["id"]),
    )
    return Record(card["id"], cells, {"key": key, "shipping": shipping}, ENDS.get(status, ""))


def way(status: str) -> str:
    """How far it is, as a row of stations."""
    if status not in STEPS:
        return f"✗ {status}"
    at = STEPS.index(status)
    return "──".join("●" if place <= at else "○" for place in range(len(STEPS)))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y")
