"""Issuing: what only a dashboard could set, wallets that ask for tokens, watch lists, and what was decided why."""

from __future__ import annotations

from typing import Any

import orjson

from countertop.api.errors import ApiError
from countertop.cards.wallets import WALLETS
from countertop.errors import ConfigurationError
from countertop.issued_cards import account_of
from countertop.server.control.ask import Ask, Blob
from countertop.server.control.bodies import IssuingSettings, Listed, Provision
from countertop.services.issuing import (
    authorization_objects,
    cardholder_requirements,
    cardholders,
    printed_cards,
    tokens,
)
from countertop.services.issuing.settings import settings_of

MOST_DECISIONS = 100


def show(ask: Ask) -> dict[str, Any]:
    """GET accounts/{key}/issuing"""
    account = ask.bench.account(ask.names["key"]).id
    settings = ask.bench.transact(lambda tx: settings_of(tx, account))
    return {name: getattr(settings, name) for name in type(settings).__dataclass_fields__}


def configure(ask: Ask) -> dict[str, Any]:
    """POST accounts/{key}/issuing"""
    ask.bench.configure_issuing(ask.names["key"], **ask.model(IssuingSettings).given())
    return show(ask)


def decisions(ask: Ask) -> list[dict[str, Any]]:
    """GET accounts/{key}/issuing/decisions: the latest first, each with its reason."""
    account = ask.bench.account(ask.names["key"]).id

    def look(tx: Any) -> list[dict[str, Any]]:
        page = tx.page(account, authorization_objects.KIND, limit=MOST_DECISIONS)
        found = [orjson.loads(body) for body in page.bodies]
        return [
            {"authorization": one["id"], "card": one["card"], **entry}
            for one in found
            for entry in reversed(one["request_history"])
        ]

    return ask.bench.transact(look)


def provision(ask: Ask) -> dict[str, Any]:
    """POST cards/{card}/tokens: a wallet asks for a token of an issued card."""
    body, card = ask.model(Provision), ask.names["card"]
    bench = ask.bench
    if body.wallet not in WALLETS:
        raise ConfigurationError(f"There is no wallet {body.wallet[:40]!r}.", f"There are: {', '.join(WALLETS)}")
    try:
        token = bench.in_issuing(
            account_of(bench, card),
            lambda room, scope: tokens.provision(room, scope, card, body.wallet, status=body.status),
        )
    except ApiError as error:
        raise ConfigurationError(error.message) from None
    return {"id": token["id"], "card": card, "status": token["status"], "last4": token["last4"]}


def printed(ask: Ask) -> Blob:
    """GET cards/{card}/printed/{side}: front, back, or letter, as SVG."""
    name, side = ask.names["card"], ask.names["side"]
    account = account_of(ask.bench, name)
    text = ask.bench.in_issuing(account, lambda room, scope: printed_cards.side_of(room, scope, name, side))
    return Blob(text.encode(), "image/svg+xml")


def put_on_list(ask: Ask) -> dict[str, Any]:
    """POST accounts/{key}/cardholders/{cardholder}/list: a watch list has the name."""
    body, name = ask.model(Listed), ask.names["cardholder"]
    try:
        after = ask.bench.in_issuing(
            ask.names["key"],
            lambda _, scope: cardholder_requirements.put_on_list(
                scope, cardholders.fetch(scope, name), rejected=body.rejected
            ),
        )
    except ApiError as error:
        raise ConfigurationError(error.message) from None
    return {"id": name, "status": after["status"], "requirements": after["requirements"]}
