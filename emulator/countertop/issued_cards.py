"""Hands on issued cards: their parcels, their state, what their holders do with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from countertop.accounts import CURRENCY_OF, shop_address
from countertop.cards import SimulatedCard
from countertop.errors import ConfigurationError
from countertop.services.issuing import card_secrets, held_cards, printed_cards, tokens

if TYPE_CHECKING:
    from countertop.api.scope import Scope
    from countertop.bench import Bench
    from countertop.services.issuing import Issuing

T = TypeVar("T")
CARD, TOKEN = "ic_", "intok_"
CARDS = "/v1/issuing/cards"
HELPERS = "/v1/test_helpers/issuing/cards"
HOLDER = {"name": "Ada Lovelace", "email": "ada@example.com", "phone_number": "+14155550100", "type": "individual"}


def account_of(bench: Bench, name: str) -> str:
    """The key of the account that a card (``ic_``) or a token (``intok_``) is of.  Raises ConfigurationError."""
    found = bench.transact(lambda tx: card_secrets.owner_of(tx, name))
    if found is None:
        raise ConfigurationError(f"There is no issued card {name[:40]!r}.", "Look at GET /v1/issuing/cards.")
    return found


def held(bench: Bench, name: str) -> SimulatedCard:
    """An issued card, or a token on its phone, by id.  Raises ConfigurationError for what nobody can hold."""
    find = held_cards.device_card_of if name.startswith(TOKEN) else held_cards.plastic_of
    return bench.in_issuing(account_of(bench, name), lambda room, scope: find(room, scope, name))


def is_issued(name: str) -> bool:
    """Whether a name is the id of an issued card, or of a token."""
    return name.startswith((CARD, TOKEN))


class Parcel:
    """The parcel that a card is in.  Each move raises CallFailed where the API refuses it."""

    def __init__(self, card: IssuedCard) -> None:
        self._card = card

    @property
    def status(self) -> str:
        """``pending``, ``submitted``, ``shipped``, ``delivered``, ``returned``, ``failure``, ``canceled``."""
        return str(self._card.object["shipping"]["status"])

    def submit(self) -> None:
        """It goes to the printer."""
        self._move("submit")

    def ship(self) -> None:
        """The carrier has it."""
        self._move("ship")

    def deliver(self) -> None:
        """It is at the door, whatever came before."""
        for move in {"pending": ("submit", "ship"), "submitted": ("ship",)}.get(self.status, ()):
            self._move(move)
        self._move("deliver")

    def come_back(self) -> None:
        """Nobody took it."""
        self._move("return")

    def fail(self) -> None:
        """It got lost."""
        self._move("fail")

    def _move(self, how: str) -> None:
        self._card.call("POST", f"{HELPERS}/{self._card.id}/shipping/{how}")


class IssuedCard:
    """A card that an account issued.  ``id``: its ``ic_`` id."""

    def __init__(self, bench: Bench, card: str, key: str) -> None:
        self._bench = bench
        self._key = key
        self.id = card
        self.parcel = Parcel(self)

    def __repr__(self) -> str:
        card = self.object
        return f"IssuedCard({self.id}, •••• {card['last4']}, {card['status']})"

    @property
    def object(self) -> dict[str, Any]:
        """The card as the API shows it now."""
        shown: dict[str, Any] = self.call("GET", f"{CARDS}/{self.id}")
        return shown

    @property
    def last4(self) -> str:
        """The last four digits of its number."""
        return str(self.object["last4"])

    @property
    def pin(self) -> str:
        """The PIN that its holder knows."""
        return self._inside(lambda room, scope: card_secrets.pin(room, scope.tx, self.id))

    @property
    def plastic(self) -> SimulatedCard:
        """The card to be held to a reader.  Raises ConfigurationError until it is delivered, and for a virtual one."""
        return self._inside(lambda room, scope: held_cards.plastic_of(room, scope, self.id))

    def in_phone(self, wallet: str) -> SimulatedCard:
        """Add it to a phone's wallet, as a network token; returns what the phone then holds.

        Raises ApiError for a card that no wallet takes.
        """

        def add(room: Issuing, scope: Scope) -> SimulatedCard:
            token = tokens.provision(room, scope, self.id, wallet)
            return held_cards.device_card_of(room, scope, token["id"])

        return self._inside(add)

    def printed(self, side: str = "front") -> str:
        """The ``front``, the ``back`` or the ``letter`` as SVG.  Raises ConfigurationError for a virtual card."""
        return self._inside(lambda room, scope: printed_cards.side_of(room, scope, self.id, side))

    def activate(self) -> None:
        """Its holder has it, and says so."""
        self.call("POST", f"{CARDS}/{self.id}", {"status": "active"})

    def freeze(self) -> None:
        """Stop it for a while."""
        self.call("POST", f"{CARDS}/{self.id}", {"status": "inactive"})

    def cancel(self, reason: str | None = None) -> None:
        """Stop it for good.  ``reason``: ``lost`` or ``stolen``."""
        more = {"cancellation_reason": reason} if reason else {}
        self.call("POST", f"{CARDS}/{self.id}", {"status": "canceled", **more})

    def limit(self, amount: int, interval: str = "per_authorization") -> None:
        """Give it a spending limit, in minor units, instead of the one it has."""
        limits = [{"amount": amount, "interval": interval}]
        self.call("POST", f"{CARDS}/{self.id}", {"spending_controls": {"spending_limits": limits}})

    def call(self, method: str, path: str, params: dict[str, Any] | None = None) -> Any:
        """A call of the issuing account's own.  Raises CallFailed."""
        return self._bench.call(method, path, params or {}, key=self._key)

    def _inside(self, work: Callable[[Issuing, Scope], T]) -> T:
        return self._bench.in_issuing(self._key, work)


def issue(bench: Bench, key: str, *, holder: str | None, type: str, status: str, options: dict[str, Any]) -> IssuedCard:
    """Issue a card through the API, to a new holder unless there is one."""
    account = bench.account(key)
    address = shop_address(account.country)
    if holder is None:
        made = bench.call("POST", "/v1/issuing/cardholders", HOLDER | {"billing": {"address": address}}, key=key)
        holder = made["id"]
    params: dict[str, Any] = {
        "cardholder": holder,
        "currency": CURRENCY_OF[account.country],
        "status": status,
        "type": type,
    }
    if type == "physical":
        params["shipping"] = {"name": HOLDER["name"], "address": address}
    card = bench.call("POST", CARDS, params | options, key=key)
    return IssuedCard(bench, card["id"], key)
