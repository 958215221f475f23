"""The point-of-sale side: a client that finds readers, connects to one over its local link, and takes payments with it.

It knows a server only by its address, as an SDK does; docs/point-of-sale.md describes what is said on the way.
"""

from __future__ import annotations

from countertop.pos.client import PointOfSale
from countertop.pos.errors import PosError

__all__ = ["PointOfSale", "PosError"]
