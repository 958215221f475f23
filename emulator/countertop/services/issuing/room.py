"""What the modules of Issuing stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from countertop.services.issuing.real_time import REQUEST, Question, RealTime
from countertop.services.issuing.settings import Settings, settings_of

if TYPE_CHECKING:
    from countertop.accounts import Account
    from countertop.api.scope import Document, Scope
    from countertop.services.rooms import Rooms
    from countertop.store import Transaction


class Issuing:
    """One world's Issuing."""

    def __init__(self, rooms: Rooms) -> None:
        self.timers = rooms.timers
        self.vault = rooms.vault
        self.public_url = rooms.public_url
        self.real_time = RealTime()
        self._accounts = rooms.accounts
        self._scope = rooms.scope

    def settings(self, scope: Scope) -> Settings:
        """The settings of the scope's account."""
        return settings_of(scope.tx, scope.account.id)

    def scope(self, tx: Transaction, account: str) -> Scope:
        """A scope of an account, for what no call of its own caused."""
        return self._scope(tx, self.account(account))

    def account(self, account: str) -> Account:
        """An account by its id; asked of accounts that have objects, which are never forgotten."""
        found = self._accounts.by_id(account)
        assert found is not None, "an account outlives its objects"
        return found

    def question(self, scope: Scope, authorization: Document) -> Question | None:
        """How to ask the account's own decider about an authorization as it is shown; None when it has none.

        Writes the event ``issuing_authorization.request`` that is asked with.
        """
        settings, account = self.settings(scope), scope.account.id
        if not self.real_time.is_asked(account, settings):
            return None
        event = scope.emit(REQUEST, authorization)
        assert event is not None, "only updates that change nothing have no event"
        return self.real_time.question(account, settings, authorization["id"], event)


Show = Callable[["Scope", "Document"], "Document"]
"""How a stored object is shown: with what it embeds."""


def save_shown(scope: Scope, show: Show, document: Document, event: str | None, before: Document | None = None) -> None:
    """Write an object and, when named, its event, in which both states are shown.

    ``before``: the object as it was stored before, for events that carry ``previous_attributes``.
    """
    scope.save(document)
    if event is not None:
        scope.emit(event, show(scope, document), None if before is None else show(scope, before))
