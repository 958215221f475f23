"""Numbers, verification codes and PINs of issued cards: in the vault alone (issuing.md §3.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countertop.cards.issued import DEVICE_NUMBERS, NUMBERS
from countertop.cards.numbers import check_digit

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing
    from countertop.store import Transaction

ROWS = "_issued_card"
"""Rows ``{id: ic_… or intok_…, account, token}``: whose it is, and which number of the vault it has."""
BY_NUMBER = "_issued_number"
"""Rows ``{id: the number's name in the vault, owners: [[account, ic_… or intok_…], …]}``, newest first."""
COUNTERS = "_issued_counter"
CARDS, DEVICES = "cards", "devices"
CVC = "123"
PIN = "0000"
PLAIN = "plain:"


def new_number(room: Issuing, tx: Transaction, account: str, name: str) -> str:
    """Draw the next number of the world for a card, keep it, and return it."""
    body = f"{NUMBERS}{_count(tx, CARDS):06d}"
    return keep_number(room, tx, account, name, body + check_digit(body))


def new_device_number(room: Issuing, tx: Transaction, account: str, name: str) -> str:
    """The same for a token in a phone."""
    body = f"{DEVICE_NUMBERS}{_count(tx, DEVICES):09d}"
    return keep_number(room, tx, account, name, body + check_digit(body))


def keep_number(room: Issuing, tx: Transaction, account: str, name: str, pan: str) -> str:
    """Give a card (or token) a number that there may be already: of the card that it replaces."""
    token = room.vault.tokenize(tx, pan)
    tx.put("", ROWS, {"id": name, "account": account, "token": token}, created=0)
    row = tx.get("", BY_NUMBER, token) or {"id": token, "owners": []}
    row["owners"] = [[account, name], *row["owners"]]
    tx.put("", BY_NUMBER, row, created=0)
    return pan


def number(room: Issuing, tx: Transaction, name: str) -> str:
    """The number of a card or token."""
    return room.vault.reveal(tx, _row(tx, name)["token"])


def find(tx: Transaction, token: str) -> list[tuple[str, str]]:
    """(account, card or token) of a number by its name in the vault, newest first; none for other people's."""
    row = tx.get("", BY_NUMBER, token)
    return [(owner[0], owner[1]) for owner in row["owners"]] if row is not None else []


def owner_of(tx: Transaction, name: str) -> str | None:
    """The account that issued a card or token; None for one that there is not."""
    row = tx.get("", ROWS, name)
    return None if row is None else str(row["account"])


def cvc(room: Issuing, tx: Transaction, name: str) -> str:
    """The verification code on the card; in test mode the same on every one."""
    return CVC


def pin(room: Issuing, tx: Transaction, name: str) -> str:
    """The PIN of a card; in test mode 0000 until it is set."""
    try:
        return room.vault.open(tx, f"issued_pin:{name}").decode()
    except KeyError:
        return PIN


def set_pin(room: Issuing, tx: Transaction, name: str, digits: str) -> None:
    """Keep a new PIN."""
    room.vault.seal(tx, f"issued_pin:{name}", digits.encode())


def _row(tx: Transaction, name: str) -> dict[str, Any]:
    row = tx.get("", ROWS, name)
    assert row is not None, "every card and token has a number"
    return row


def _count(tx: Transaction, name: str) -> int:
    row = tx.get("", COUNTERS, name) or {"id": name, "count": 0}
    row["count"] += 1
    tx.put("", COUNTERS, row, created=0)
    return int(row["count"])
