"""Which readers may be out of date, and asking for them in small lots: what is in sight, and the one looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from countertop.client import ServerClient
from countertop_tui.desk import Desk

MOST = 100
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came back.  ``selected``: the one in the view, if it was asked about, with its whole ``action`` and, when
    they were asked for, its last ``sales``.

    ``new``: some readers were not known before, or stand elsewhere in the table now.
    """

    serials: tuple[str, ...]
    new: bool
    selected: str | None = None
    action: dict[str, Any] | None = None
    sales: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class _Lot:
    views: list[dict[str, Any]]
    selected: str | None
    action: dict[str, Any] | None
    sales: list[dict[str, Any]] | None


class Refreshing:
    """Notes who changed, asks once in a while, one lot at a time.

    The live stream says what a device shows at once; what the platform makes of it (action, status, label) has to be
    asked for, and only for what somebody sees.
    """

    def __init__(self, desk: Desk, then: Callable[[Refreshed], None]) -> None:
        self._desk = desk
        self._then = then
        self._stale: set[str] = set()
        self._fading: dict[str, None] = {}
        self._unknown: dict[str, None] = {}
        self._asking = False
        self._look = False
        self.sold = False
        """The selected one sold something: its list is out of date."""

    @property
    def busy(self) -> bool:
        """Whether an answer is due, or somebody waits to be asked about."""
        return self._asking or self._look

    def heard(self, serial: str, connected: bool) -> None:
        """A device changed; one that lost its network is asked about until the platform has noticed."""
        self._stale.add(serial)
        if serial not in self._desk.rows:
            self._unknown[serial] = None
        if not connected:
            self._fading[serial] = None

    def everything(self, selected: str | None) -> None:
        """All was loaded just now."""
        self._stale.clear()
        self._fading.clear()
        self._unknown.clear()
        self.look_at(selected)

    def look_at(self, serial: str | None) -> None:
        """This is the one in the view: ask for all of it."""
        if serial is not None:
            self._stale.add(serial)
        self._look = self.sold = True

    def sweep(self, in_sight: Iterable[str], selected: str | None) -> None:
        """Ask for what is in sight and stale, and for some of those that fade; nothing while an answer is due."""
        if self._asking:
            return
        wanted = dict.fromkeys(serial for serial in in_sight if serial in self._stale)
        wanted |= dict.fromkeys(list(self._unknown)[:MOST]) | dict.fromkeys(list(self._fading)[:MOST])
        looked = selected if self._look or selected in self._stale else None
        if looked is not None and looked in self._desk.rows:
            wanted[looked] = None
        if not wanted:
            self._look = False
            return
        serials = list(wanted)
        sold = self.sold and looked is not None
        self._asking, self._look = True, False
        self.sold = self.sold and not sold
        self._stale.difference_update(serials)
        for serial in serials:
            self._unknown.pop(serial, None)
        self._desk.ask(lambda client: _lot(client, serials, looked, sold=sold), self._came, self._failed)

    def take(self, views: list[dict[str, Any]]) -> None:
        """Readers as they are now."""
        self._then(self._put(views))

    def _put(self, views: list[dict[str, Any]]) -> Refreshed:
        rows, new, changed = self._desk.rows, False, list[str]()
        for view in views:
            serial = str(view["serial"])
            was = rows[serial].status if serial in rows else ""
            if serial not in rows or rows[serial].view != view:
                changed.append(serial)
            new = rows.put(view) or new
            if view["status"] == OFFLINE:
                self._fading.pop(serial, None)
                if was == "online":
                    self._desk.sales.lost.add(self._desk.now_ms)
            elif view["status"] is None or "offline" not in view["faults"]:
                self._fading.pop(serial, None)
        return Refreshed(tuple(changed), new)

    def _came(self, lot: _Lot) -> None:
        self._asking = False
        found = self._put(lot.views)
        self._then(replace(found, selected=lot.selected, action=lot.action, sales=lot.sales))

    def _failed(self, why: str) -> None:
        self._asking = False


def _lot(client: ServerClient, serials: list[str], looked: str | None, *, sold: bool) -> _Lot:
    views = client.some_readers(serials)
    # Nothing here goes to the API itself: a screen must not use up faults that somebody armed, nor fill the log.
    view = next((view for view in views if view["serial"] == looked and view["key"] is not None), None)
    if view is None:
        return _Lot(views, looked, None, None)
    sales = client.reader_sales(view["id"]) if sold else None
    return _Lot(views, looked, client.reader_action(view["serial"]), sales)
