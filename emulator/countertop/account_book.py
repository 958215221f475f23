"""The accounts of one bench: made when a key is first used, declared beforehand, or connected to a platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from countertop.accounts import Account
from countertop.clock import Clock
from countertop.errors import ConfigurationError
from countertop.ids import account_id

if TYPE_CHECKING:
    from countertop.store import Store, Transaction

KIND = "_account"


class AccountBook:
    """Finds accounts by key suffix or id.  Rows live in the store; the maps here are their image in memory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._by_suffix: dict[str, Account] = {}
        self._by_id: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(tuple(self._by_id.values()))

    def ids(self) -> tuple[str, ...]:
        """The ids of all accounts."""
        return tuple(self._by_id)

    def reload(self) -> None:
        """Read the rows again, after a start, a reset or a restore."""
        self._by_suffix.clear()
        self._by_id.clear()
        with self._store.transaction() as tx:
            for _, body in tx.each("", KIND):
                row = orjson.loads(body)
                del row["created"]
                self._remember(Account(**row))

    def for_suffix(self, suffix: str) -> Account:
        """The account of ``sk_test_<suffix>``; made on first use, with the defaults of a US shop."""
        account = self._by_suffix.get(suffix)
        if account is None:
            account = Account(id=account_id(suffix, self._clock.now()), suffix=suffix)
            self._write(account)
        return account

    def by_id(self, identity: str) -> Account | None:
        """The account with this ``acct_`` id, or None."""
        return self._by_id.get(identity)

    def find(self, name: str) -> Account:
        """An account by key (``sk_test_X``), suffix or id.  Raises ConfigurationError for an unknown ``acct_`` id."""
        if name.startswith("acct_"):
            found = self._by_id.get(name)
            if found is None:
                known = ", ".join(self._by_id) or "none yet"
                raise ConfigurationError(f"There is no account {name}.", f"Accounts so far: {known}")
            return found
        for kind in ("sk", "rk", "pk"):
            name = name.removeprefix(f"{kind}_test_")
        if not name or "_live_" in name:
            raise ConfigurationError("An account is named by a test key.", "Use sk_test_ and any text.")
        return self.for_suffix(name)

    def configure(self, name: str, **settings: Any) -> Account:
        """Set what only a dashboard could: country, default_currency, mcc, business_name, statement_descriptor."""
        account = self.find(name).with_settings(**settings)
        self._write(account)
        return account

    def connect(self, tx: Transaction, platform: Account, identity: str, country: str) -> Account:
        """A connected account of a platform, inside the transaction that makes its API object."""
        account = Account(id=identity, platform=platform.id).with_settings(country=country)
        tx.put("", KIND, {**account.document(), "created": self._clock.now()}, created=self._clock.now())
        tx.after_commit(lambda: self._remember(account))
        return account

    def _write(self, account: Account) -> None:
        with self._store.transaction() as tx:
            tx.put("", KIND, {**account.document(), "created": self._clock.now()}, created=self._clock.now())
        self._remember(account)

    def _remember(self, account: Account) -> None:
        self._by_id[account.id] = account
        if account.suffix is not None:
            self._by_suffix[account.suffix] = account
