"""The log of webhook deliveries."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import islice
from typing import Any

from countertop.errors import ConfigurationError
from countertop.server.control.ask import Ask, NotFound


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET deliveries: newest first; of one account with ``?key=``, so many with ``?limit=``."""
    bench = ask.bench
    accounts = [bench.account(ask.query["key"])] if ask.query.get("key") else list(bench.world.accounts)
    limit = ask.query.get("limit", "")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 10):
        raise ConfigurationError(f"limit={limit[:20]} is no number of deliveries.", "Use a whole number.")

    def look(tx: Any) -> list[dict[str, Any]]:
        logs = [bench.world.deliveries.each(tx, account.id) for account in accounts]
        newest_first = heapq.merge(*logs, key=lambda row: -int(row["created"]))
        return list(islice(newest_first, int(limit) if limit else None))

    return bench.transact(look)


def show(ask: Ask) -> dict[str, Any]:
    """GET deliveries/{delivery}: the row, the body that is sent, and the headers with a signature made now."""
    return _with_row(ask, ask.bench.world.deliveries.shown)


def resend(ask: Ask) -> dict[str, Any]:
    """POST deliveries/{delivery}/resend: once more now, whatever became of it so far."""
    return _with_row(ask, ask.bench.world.deliveries.resend)


def _with_row(ask: Ask, work: Callable[[Any, str, str], dict[str, Any] | None]) -> dict[str, Any]:
    """What ``work`` makes of the delivery, in whosever account it is.  Raises NotFound."""
    name = ask.names["delivery"]

    def look(tx: Any) -> dict[str, Any] | None:
        found = (work(tx, account.id, name) for account in ask.bench.world.accounts)
        return next((row for row in found if row is not None), None)

    row = ask.bench.transact(look)
    if row is None:
        raise NotFound(f"There is no delivery {name[:100]!r}.", "GET deliveries lists them.")
    return row
