"""The log of webhook deliveries."""

from __future__ import annotations

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
    bench = ask.bench
    name = ask.names["delivery"]

    def look(tx: Any) -> dict[str, Any] | None:
        for account in bench.world.accounts:
            found = bench.world.deliveries.shown(tx, account.id, name)
            if found is not None:
                return found
        return None

    row = bench.transact(look)
    if row is None:
        raise NotFound(f"There is no delivery {name[:100]!r}.", "GET deliveries lists them.")
    return row


def resend(ask: Ask) -> dict[str, Any]:
    """POST deliveries/{delivery}/resend: once more now, whatever became of it so far."""
    bench = ask.bench
    delivery = ask.names["delivery"]

    def again(tx: Any) -> dict[str, Any] | None:
        for account in bench.world.accounts:
            row = bench.world.deliveries.resend(tx, account.id, delivery)
            if row is not None:
                return row
        return None

    row = bench.transact(again)
    if row is None:
        raise NotFound(f"There is no delivery {delivery[:100]!r}.", "GET deliveries lists them.")
    return row
