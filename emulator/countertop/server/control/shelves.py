"""What there is to take: cards to hold against a reader, models to unbox, faults to switch on."""

from __future__ import annotations

from typing import Any

import orjson

from countertop.cards.catalog import all_cards
from countertop.cards.ours import OUR_CARDS
from countertop.cards.wallets import WALLETS, fits_a_wallet
from countertop.readers.faults import FAULTS
from countertop.readers.models import shelf
from countertop.server.control.ask import Ask

TAP, INSERT, SWIPE = "tap", "insert", "swipe"
CARD, TOKEN = "issuing.card", "issuing.token"
DELIVERED = "delivered"


def cards(ask: Ask) -> list[dict[str, Any]]:
    """GET cards: everything that can be presented: ``{card, title, number, kind, ways}``.

    ``card`` is what ``present`` takes; ``kind`` is ``test``, ``issued`` or ``phone``; ``ways`` of tap, insert, swipe.
    Issued cards are listed once their parcel is delivered.
    """
    found = [_test_card(card) for card in (*all_cards(), *OUR_CARDS)]
    found += [
        {
            "card": f"{wallet.name}:{card.name}",
            "title": f"{wallet.title}, {card.name}",
            "number": card.shown,
            "kind": "phone",
            "ways": [TAP],
        }
        for wallet in WALLETS.values()
        for card in all_cards()
        if fits_a_wallet(card)
    ]
    return ask.bench.transact(lambda tx: _issued(ask, tx)) + found


def models(ask: Ask) -> list[dict[str, Any]]:
    """GET models: reader models with the countries that they are sold in: ``{model, title, kind, simulator,
    countries}``."""
    return [
        {
            "model": model.name,
            "title": model.title,
            "kind": model.kind,
            "simulator": None if model.simulated is None else model.simulated.registration_code,
            "countries": sorted({country for sku in shelf().variants(model.name) for country in sku.countries}),
        }
        for model in shelf().models()
    ]


def faults(ask: Ask) -> list[dict[str, str]]:
    """GET reader_faults: what can be wrong with a reader: ``{name, says}``."""
    return [{"name": fault.name, "says": fault.says} for fault in FAULTS.values()]


def _test_card(card: Any) -> dict[str, Any]:
    return {
        "card": card.name,
        "title": card.name,
        "number": card.shown,
        "kind": "test",
        "ways": [TAP, INSERT, SWIPE] if card.chip else [SWIPE],
    }


def _issued(ask: Ask, tx: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for account in ask.bench.world.accounts:
        holders = {}
        for name, body in tx.each(account.id, CARD):
            card = orjson.loads(body)
            holders[name] = f"issued, {card['status']}"
            if card["shipping"] is not None and card["shipping"]["status"] == DELIVERED:
                found.append(_taken(name, holders[name], card["last4"], "issued", [TAP, INSERT, SWIPE]))
        for name, body in tx.each(account.id, TOKEN):
            token = orjson.loads(body)
            if token["status"] in ("active", "suspended"):
                title = f"{token['wallet_provider'] or 'phone'}, {token['status']}"
                found.append(_taken(name, title, token["last4"], "phone", [TAP]))
    return found


def _taken(name: str, title: str, last4: str, kind: str, ways: list[str]) -> dict[str, Any]:
    return {"card": name, "title": title, "number": f"•••• {last4}", "kind": kind, "ways": ways}
