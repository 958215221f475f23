"""What was sold at the readers, out of the charges of all accounts."""

from __future__ import annotations

from typing import Any

import orjson

from countertop.errors import ConfigurationError
from countertop.server.control.ask import Ask
from countertop.server.control.readers import registered_as, serial_of

CHARGE = "charge"
MOST_LOOKED_AT = 20_000
"""Nobody else is answered meanwhile: so many take a fifth of a second."""
USUAL, MOST = 20, 200


def by_reader(ask: Ask) -> list[dict[str, Any]]:
    """GET sales: ``{reader, approved, declined, amounts: {currency: minor units}}`` of each reader that took a card
    since ``since`` (Unix seconds), out of the latest 20,000 charges of an account."""
    since = _whole(ask, "since", 0)
    totals: dict[str, dict[str, Any]] = {}

    def look(tx: Any) -> None:
        for account in ask.bench.world.accounts:
            for seen, (_, body) in enumerate(tx.each(account.id, CHARGE)):
                charge = orjson.loads(body)
                if charge["created"] < since or seen >= MOST_LOOKED_AT:
                    break
                reader = _reader_of(charge)
                if reader is not None:
                    _count(totals, reader, charge)

    ask.bench.transact(look)
    return list(totals.values())


def of_reader(ask: Ask) -> list[dict[str, Any]]:
    """GET readers/{reader}/sales: its last charges, newest first, at most ``limit``: ``{id, payment_intent, created,
    amount, currency, status, card, read_method, failure_code, refunded}``."""
    limit = min(_whole(ask, "limit", USUAL), MOST)
    reader = registered_as(ask.bench, serial_of(ask))
    sought = reader.encode()
    found: list[dict[str, Any]] = []

    def look(tx: Any) -> None:
        for account in ask.bench.world.accounts:
            for seen, (_, body) in enumerate(tx.each(account.id, CHARGE)):
                if len(found) >= limit or seen >= MOST_LOOKED_AT:
                    break
                # Most charges are of other readers: those need not be decoded.
                if sought in body and _reader_of(charge := orjson.loads(body)) == reader:
                    found.append(_line(charge))

    ask.bench.transact(look)
    return found


def _whole(ask: Ask, name: str, usual: int) -> int:
    given = ask.query.get(name, "")
    if not given:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) < 12):
        raise ConfigurationError(f"{name}={given[:20]} is no number.", "Use a whole number from 0 on.")
    return int(given)


def _present(charge: dict[str, Any]) -> dict[str, Any]:
    details = charge["payment_method_details"] or {}
    found: dict[str, Any] = details.get("card_present") or details.get("interac_present") or {}
    return found


def _reader_of(charge: dict[str, Any]) -> str | None:
    return _present(charge).get("reader")


def _count(totals: dict[str, dict[str, Any]], reader: str, charge: dict[str, Any]) -> None:
    row = totals.setdefault(reader, {"reader": reader, "approved": 0, "declined": 0, "amounts": {}})
    if charge["status"] == "failed":
        row["declined"] += 1
        return
    row["approved"] += 1
    currency = charge["currency"]
    row["amounts"][currency] = row["amounts"].get(currency, 0) + charge["amount"]


def _line(charge: dict[str, Any]) -> dict[str, Any]:
    card = _present(charge)
    return {
        "id": charge["id"],
        "payment_intent": charge["payment_intent"],
        "created": charge["created"],
        "amount": charge["amount"],
        "currency": charge["currency"],
        "status": charge["status"],
        "card": f"{card.get('brand')} •••• {card.get('last4')}",
        "read_method": card.get("read_method"),
        "failure_code": charge["failure_code"],
        "refunded": charge["amount_refunded"],
    }
