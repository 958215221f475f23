"""The panels, each a file of its own.  A new one is a module with a :class:`~countertop_tui.panel.Panel`, and a line
here.

Nothing is imported until it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from countertop_tui.panel import Panel


@dataclass(frozen=True, slots=True)
class Entry:
    """A panel.  ``name``: its id on the screen; ``target``: ``module:class``.  Its key is its place, from 1."""

    name: str
    title: str
    target: str

    def load(self) -> type[Panel]:
        """The class."""
        module, _, name = self.target.partition(":")
        found: type[Panel] = getattr(import_module(module), name)
        return found


PANELS: tuple[Entry, ...] = (
    Entry("readers", "Readers", "countertop_tui.panels.readers:ReadersPanel"),
    Entry("places", "Locations", "countertop_tui.panels.places:PlacesPanel"),
    Entry("parcels", "Parcels", "countertop_tui.panels.parcels:ParcelsPanel"),
    Entry("webhooks", "Webhooks", "countertop_tui.panels.webhooks:WebhooksPanel"),
    Entry("clock", "Clock", "countertop_tui.panels.clock:ClockPanel"),
    Entry("log", "Log", "countertop_tui.panels.log:LogPanel"),
    Entry("devices", "Devices", "countertop_tui.panels.devices:DevicesPanel"),
)
