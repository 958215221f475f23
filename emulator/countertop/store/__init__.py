"""The store: every object, event, timer and delivery of a world, in one transaction at a time.

A memory image answers all reads.  A durable store adds a journal of groups (one write and one sync for all the
transactions of a group) and SQLite as its checkpoint.  See docs/architecture.md, "Durability".
"""

from __future__ import annotations

from countertop.store.opening import memory_store, open_store
from countertop.store.store import Store
from countertop.store.transaction import CreatedRange, Page, Transaction

__all__ = ["CreatedRange", "Page", "Store", "Transaction", "memory_store", "open_store"]
