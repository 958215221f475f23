"""Accounts: what only a dashboard could set."""

from __future__ import annotations

from typing import Any

from countertop.accounts import Account
from countertop.server.control.ask import Ask, NotFound
from countertop.server.control.bodies import AccountDeclaration, AccountSettings


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET accounts"""
    return [_view(account) for account in ask.bench.world.accounts]


def declare(ask: Ask) -> dict[str, Any]:
    """POST accounts"""
    body = ask.model(AccountDeclaration)
    return _view(ask.bench.configure_account(body.key, **body.given()))


def show(ask: Ask) -> dict[str, Any]:
    """GET accounts/{key}: looking makes no account."""
    name = ask.names["key"]
    for account in ask.bench.world.accounts:
        names = [account.id]
        if account.suffix is not None:
            names += [account.suffix, *(f"{kind}_test_{account.suffix}" for kind in ("sk", "rk", "pk"))]
        if name in names:
            return _view(account)
    raise NotFound(f"There is no account {name[:60]!r} yet.", "An account is made when its key is first used.")


def configure(ask: Ask) -> dict[str, Any]:
    """POST accounts/{key}"""
    return _view(ask.bench.configure_account(ask.names["key"], **ask.model(AccountSettings).given()))


def _view(account: Account) -> dict[str, Any]:
    document = account.document()
    suffix = document.pop("suffix")
    return {"key": None if suffix is None else f"sk_test_{suffix}", **document}
