"""What services are given, and what they give back: the joints between this room and the rest of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from countertop.api.scope import Operations, Scope

if TYPE_CHECKING:
    from countertop.account_book import AccountBook
    from countertop.accounts import Account
    from countertop.api.catalog import Catalog
    from countertop.api.render import Finisher
    from countertop.errands import Errands
    from countertop.gateway import Gateway, PlatformPort
    from countertop.gateway.pos import PosPort
    from countertop.network.host import IssuerHost
    from countertop.network.router import Router
    from countertop.services.issuing import Issuing
    from countertop.store import Transaction
    from countertop.timers import Timers
    from countertop.vault import Vault

TimerWork = Callable[[Scope, str], None]
"""What a persistent timer does when it is due: (scope, object id)."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms that services stand on."""

    gateway: Gateway
    network: Router
    vault: Vault
    timers: Timers
    errands: Errands
    accounts: AccountBook
    catalog: Catalog
    scope: Callable[[Transaction, Account], Scope]
    public_url: Callable[[], str]
    """Where pages behind ``url`` members are served: the server's address, once one runs."""
    link_address: Callable[[str], str | None]
    """Where the reader with this serial takes a POS's commands; None while no server runs."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the services do: operations by name, timer work by kind, computed members by object type, the
    platform's end of the wire to the devices, its answers to what their local links ask, the room of Issuing, and the
    issuer hosts of cards that are issued here."""

    operations: Operations
    timers: Mapping[str, TimerWork]
    finishers: Mapping[str, Finisher]
    platform: PlatformPort
    desk: PosPort
    issuing: Issuing
    hosts: tuple[IssuerHost, ...]


@dataclass(slots=True)
class Family:
    """What one family of services contributes."""

    operations: Operations
    timers: Mapping[str, TimerWork] = field(default_factory=dict)
    finishers: Mapping[str, Finisher] = field(default_factory=dict)
