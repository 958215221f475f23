"""Network tokens as they are stored and shown: cards in phones (issuing.md §5)."""

from __future__ import annotations

from countertop.api.scope import Call, Document, Scope

KIND = "issuing.token"
CREATED, UPDATED = "issuing_token.created", "issuing_token.updated"
DATA = "network_data"
ALIVE = ("active", "requested", "suspended")
# Network data can be asked for so long.
SHOWN_FOR_S = 86_400
# Status → the ones that may follow it.
FOLLOWING = {
    "requested": frozenset(("active", "deleted")),
    "active": frozenset(("suspended", "deleted")),
    "suspended": frozenset(("active", "deleted")),
    "deleted": frozenset[str](),
}


def show(scope: Scope, token: Document) -> Document:
    """A stored token as the API shows it: with its network data where ``expand`` names that, for a day."""
    shown = {name: value for name, value in token.items() if name != DATA}
    if isinstance(scope, Call) and scope.expands(DATA) and scope.now < token["created"] + SHOWN_FOR_S:
        shown[DATA] = token[DATA]
    return shown


def save(scope: Scope, token: Document, event: str, before: Document | None = None) -> Document:
    """Write a token and its event."""
    scope.save(token)
    hidden = {DATA}
    shown = {name: value for name, value in token.items() if name not in hidden}
    earlier = None if before is None else {name: value for name, value in before.items() if name not in hidden}
    scope.emit(event, shown, earlier)
    return token


def delete_all(scope: Scope, card: str) -> None:
    """The card is gone, and so are its tokens (assumed)."""
    for name, _ in list(scope.tx.each(scope.account.id, KIND, where={"card": card})):
        token = scope.fetch(KIND, name)
        if token["status"] != "deleted":
            save(scope, token | {"network_updated_at": scope.now, "status": "deleted"}, UPDATED, token)
