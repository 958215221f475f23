"""The log of webhook deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from countertop.server.control.ask import Ask, NotFound


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET deliveries: newest first; of one account with ``?key=``, so many with ``?limit=``."""
    bench = ask.bench
    accounts = [bench.account(ask.query["key"])] if ask.query.get("key") else list(bench.world.accounts)
    rows = bench.transact(
        lambda tx: [row for account in accounts for row in bench.world.deliveries.log(tx, account.id)]
    )
    if len(accounts) > 1:
        rows.sort(key=lambda row: int(row["created"]), reverse=True)
    limit = ask.query.get("limit", "")
    return rows[: int(limit)] if limit.isascii() and limit.isdigit() and len(limit) < 10 else rows


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
