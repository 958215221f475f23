"""The rooms of one emulated world, built and joined; the bench puts hands, a lock and a life around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from countertop import services
from countertop.account_book import AccountBook
from countertop.accounts import Account
from countertop.api.auth import Key
from countertop.api.catalog import Catalog, Endpoint, load
from countertop.api.core import Core
from countertop.api.events import EventWriter
from countertop.api.faults import ApiFaults
from countertop.api.render import Renderer
from countertop.api.scope import Handler, Scope
from countertop.cards.catalog import card_of_number
from countertop.cards.chip import find_profile
from countertop.clock import Clock
from countertop.errands import Errands
from countertop.errors import ConfigurationError
from countertop.feed import Feed
from countertop.gateway import Gateway
from countertop.housekeeping import Housekeeping
from countertop.ids import IdSource
from countertop.network.guest_cards import GuestCardHost
from countertop.network.issuer_of_test_cards import TestCardHost
from countertop.network.router import Router
from countertop.readers.fleet import ReaderFleet
from countertop.readers.pos import PosLink
from countertop.services.generic import operation_for
from countertop.services.issuing import ephemeral_keys
from countertop.services.terminal import sessions
from countertop.store import memory_store
from countertop.timers import Timers, Work
from countertop.vault import Vault
from countertop.webhooks.deliveries import RETRY, Deliveries

if TYPE_CHECKING:
    from countertop.store import Store, Transaction

Transact = Callable[[Callable[["Transaction"], None]], None]
STARTS = "_starts"
NO_SERVER = "https://pages.countertop.test"
"""Stands in for a server's address while none runs; the name can never resolve (RFC 6761)."""


def no_link(serial: str) -> str | None:
    """Where a POS reaches a reader while no server runs: nowhere."""
    return None


class World:
    """Clock, store, accounts, devices, services and the API core, each made once and joined here."""

    def __init__(
        self,
        *,
        seed: int | str,
        transact: Transact,
        clock: Clock | None = None,
        store: Store | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.seed = str(seed)
        self.clock = clock or Clock()
        self.public_url = NO_SERVER
        self.link_address: Callable[[str], str | None] = no_link
        self.store = store or memory_store()
        self.catalog: Catalog = load()
        self.feed = Feed()
        self.timers = Timers(self.clock)
        self.errands = Errands()
        self.ids = IdSource(self._seed_of_this_start(seed))
        self.vault = vault or Vault.in_memory(seed)
        self.accounts = AccountBook(self.store, self.clock)
        self.accounts.reload()
        self.faults = ApiFaults()
        self.gateway = Gateway()
        self.deliveries = Deliveries(self.clock, self.timers, self.feed)
        self.events = EventWriter(self.catalog.api_version, self.deliveries)
        self.devices = ReaderFleet(
            clock=self.clock,
            timers=self.timers,
            ids=self.ids,
            vault=self.vault,
            gateway=self.gateway,
            feed=self.feed,
            transact=transact,
            is_ours=self._is_ours,
        )
        self.test_cards = TestCardHost(self.vault)
        self.network = Router(self.test_cards, self.vault, guests=GuestCardHost())
        self.services = services.build(
            services.Rooms(
                gateway=self.gateway,
                network=self.network,
                vault=self.vault,
                timers=self.timers,
                errands=self.errands,
                accounts=self.accounts,
                catalog=self.catalog,
                scope=self.scope,
                public_url=lambda: self.public_url,
                link_address=lambda serial: self.link_address(serial),
            )
        )
        for host in self.services.hosts:
            self.network.add(host)
        self.gateway.connect(self.devices, self.services.platform)
        self.pos_link = PosLink(self.devices, self.gateway, self.services.desk)
        self.timers.on(RETRY, self.deliveries.retry)
        for kind, work in self.services.timers.items():
            self.timers.on(kind, self._in_scope(work))
        self.housekeeping = Housekeeping(self.clock, self.timers, self.store, self.accounts.ids)
        self.store.after_undo = self.recollect
        self._handlers: dict[str, Handler | None] = {}
        self._of_apps = ephemeral_keys.bearers(self.store, self.accounts, self.clock)
        self._of_pos = sessions.bearers(self.store, self.accounts, self.clock)
        self.core = Core(
            catalog=self.catalog,
            operation=self._operation,
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            events=self.events,
            accounts=self.accounts,
            feed=self.feed,
            renderer=Renderer(self.services.finishers),
            faults=self.faults,
            bearers=self._bearer,
        )

    def scope(self, tx: Transaction, account: Account) -> Scope:
        """A scope for work that no API call caused: a timer, a message from a device."""
        return Scope(account, tx, self.clock, self.ids, self.events, self.feed)

    def send_script(self, tx: Transaction, card: str, script: str, pin: str | None) -> None:
        """Have a test card's issuer send it a script.  Raises UnknownCard, ConfigurationError for another script."""
        profile = find_profile(card)
        if not profile.card.chip or profile.card.wallet is not None:
            raise ConfigurationError(f"{profile.name} has no chip that hears scripts.", "Cards in a slot do.")
        token = self.vault.tokenize(tx, profile.card.number)
        self.test_cards.send_script(tx, token, script, psn=f"{profile.psn:02d}", pin=pin)

    def wake(self) -> None:
        """After a start or a restore: timers are queued again, readers boot, pending deliveries go out."""
        with self.store.transaction() as tx:
            self.timers.reload(tx)
            self.devices.boot_all(tx)
            self.deliveries.resume(tx, self.accounts.ids())
        self.housekeeping.schedule()

    def reset(self) -> None:
        """Forget everything but the time."""
        self.store.reset()
        self.keep_start()
        self.faults.clear()
        self.accounts.reload()
        self.wake()

    def keep_start(self) -> None:
        """After a reset or a restore: the next start must still not draw the ids of this one again."""
        with self.store.transaction() as tx:
            tx.put("", STARTS, {"id": "starts", "count": self._start}, created=0)

    def recollect(self) -> None:
        """After a commit failed and the store was rolled back: what is kept beside it follows."""
        self.accounts.reload()
        with self.store.transaction() as tx:
            self.timers.requeue(tx)
            self.devices.requeue(tx)

    def _is_ours(self, pan: str) -> bool:
        """Whether a PAN was made up for tests, so that it may be kept whole."""
        return card_of_number(pan) is not None or self.network.is_ours(pan)

    def _bearer(self, key: Key) -> Account:
        return (self._of_apps if key.kind == "ek" else self._of_pos)(key)

    def _operation(self, endpoint: Endpoint) -> Handler | None:
        name = endpoint.operation
        if name not in self._handlers:
            written = self.services.operations.get(name)
            self._handlers[name] = operation_for(endpoint) if written is None else written
        return self._handlers[name]

    def _in_scope(self, work: services.TimerWork) -> Work:
        def run(tx: Transaction, account: str, object_id: str) -> None:
            owner = self.accounts.by_id(account)
            if owner is not None:
                work(self.scope(tx, owner), object_id)

        return run

    def _seed_of_this_start(self, seed: int | str) -> str:
        # A durable world must not draw the ids of its last start again.
        with self.store.transaction() as tx:
            row = tx.get("", STARTS, "starts") or {"id": "starts", "count": 0}
            row["count"] += 1
            tx.put("", STARTS, row, created=0)
        self._start: int = row["count"]
        return f"{seed}" if row["count"] == 1 else f"{seed}/{row['count']}"
