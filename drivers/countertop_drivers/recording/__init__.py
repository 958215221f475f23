"""Recordings of what crosses a cable: written as it happens, with secrets masked; read as text; replayed.

The format is described in docs/hardware.md, and by :mod:`.format`, which reads it.
"""

from __future__ import annotations

from countertop_drivers.recording.format import VERSION, Frame, Recording, parse, read
from countertop_drivers.recording.recorder import recorded
from countertop_drivers.recording.text import render

__all__ = ["VERSION", "Frame", "Recording", "parse", "read", "recorded", "render"]
