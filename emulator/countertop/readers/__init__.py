"""The virtual readers: device state machines with screens, behind the gateway.

:class:`~countertop.readers.fleet.ReaderFleet` is every reader of a bench.  Models and country variants are
data (``countertop_firmware``).  This room knows the gateway's messages and nothing of the services behind
them.
"""

from countertop.readers.fleet import ReaderFleet
from countertop.readers.screen import Screen
from countertop.readers.state import DeviceState

__all__ = ["DeviceState", "ReaderFleet", "Screen"]
