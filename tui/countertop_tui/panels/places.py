"""Locations and configurations of every account."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from countertop.client import ServerClient
from countertop.errors import ConfigurationError
from countertop_tui.columns import Column
from countertop_tui.deeds import Deed
from countertop_tui.dialogs import Ask, Confirm
from countertop_tui.reader_commands import ADDRESS
from countertop_tui.record_panel import RecordPanel
from countertop_tui.record_table import Record

LOCATION, CONFIGURATION = "terminal.location", "terminal.configuration"
PATHS = {LOCATION: "/v1/terminal/locations", CONFIGURATION: "/v1/terminal/configurations"}


class PlacesPanel(RecordPanel):
    """Where readers stand, and how they are set up there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_place", "New location"),
        Binding("L", "rename", "Rename"),
        Binding("D", "delete", "Delete"),
    ]
    COLUMNS = (
        Column("kind", "Kind", 14),
        Column("name", "Name", 22),
        Column("country", "Country", 8),
        Column("readers", "Readers", 8),
        Column("configuration", "Configuration", 28),
        Column("account", "Account", 20),
        Column("id", "Id", 28),
    )
    STIRS = ("terminal.",)

    def records(self, client: ServerClient) -> list[Record]:
        """Locations, then configurations."""
        readers = Counter(row.location for row in self.desk.rows.every())
        found = []
        for account in client.accounts():
            key = account["key"]
            if key is None:
                continue
            for place in client.pages(PATHS[LOCATION], key=key):
                cells = (
                    "location",
                    str(place["display_name"]),
                    str(place["address"]["country"]),
                    str(readers[place["id"]]),
                    str(place.get("configuration_overrides") or ""),
                    str(key),
                    str(place["id"]),
                )
                found.append(Record(place["id"], cells, {"key": key, **place}))
            for configuration in client.pages(PATHS[CONFIGURATION], key=key):
                name = configuration["name"] or ("account default" if configuration["is_account_default"] else "")
                cells = ("configuration", str(name), "", "", "", str(key), str(configuration["id"]))
                found.append(Record(configuration["id"], cells, {"key": key, **configuration}, "cyan"))
        return found

    def loaded(self, records: list[Record]) -> None:
        """Names of locations are shown elsewhere too."""
        super().loaded(records)
        places = {record.key: record.cells[1] for record in records if record.data["object"] == LOCATION}
        self.desk.rows.places = places

    def detail(self, record: Record) -> Any:
        """The object itself."""
        return {name: value for name, value in record.data.items() if name != "key"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What works with nothing under the cursor."""
        return None if action in ("rename", "delete") and self.selected is None else True

    def action_new_place(self) -> None:
        """A location, with an example address."""

        def named(typed: str | None) -> None:
            if not typed:
                return
            name, _, country = typed.rpartition(" ")
            deed = Deed(f"New location {typed}")
            self.desk.do(deed, lambda client: _make(client, name, country), lambda made: self.action_reload())

        self.app.push_screen(Ask("Name, and country as two letters", "Counter US"), named)

    def action_rename(self) -> None:
        """Another name."""
        record = self.selected
        if record is None:
            return
        member = "display_name" if record.data["object"] == LOCATION else "name"

        def named(typed: str | None) -> None:
            if typed:
                path = f"{PATHS[record.data['object']]}/{record.key}"
                self.desk.do(
                    Deed(f"Rename {record.key}"),
                    lambda client: client.call("POST", path, {member: typed}, key=record.data["key"]),
                    lambda done: self.action_reload(),
                )

        self.app.push_screen(Ask(f"New name of {record.cells[1]}", record.cells[1]), named)

    def action_delete(self) -> None:
        """Gone, with the readers that stand there."""
        record = self.selected
        if record is None:
            return

        def meant(answer: str | None) -> None:
            if answer:
                path = f"{PATHS[record.data['object']]}/{record.key}"
                self.desk.do(
                    Deed(f"Delete {record.key}"),
                    lambda client: client.call("DELETE", path, key=record.data["key"]),
                    lambda done: self.action_reload(),
                )

        self.app.push_screen(Confirm(f"Delete the {record.cells[0]} {record.cells[1]}?"), meant)


def _make(client: ServerClient, name: str, country: str) -> Any:
    if not name or len(country) != 2 or not country.isalpha():
        raise ConfigurationError("A location needs a name and a country.", "Type both, such as: Counter US")
    params = {"display_name": name, "address": {**ADDRESS, "country": country.upper()}}
    return client.call("POST", PATHS[LOCATION], params)
