"""A device side on its own: a fleet between a scripted platform and a store that is two dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from countertop.cards import Presentation, find_card
from countertop.clock import Clock
from countertop.feed import Feed, FeedItem
from countertop.gateway import (
    ActionEnded,
    ActionType,
    AuthorizationAnswer,
    AuthorizationRequest,
    CancelAction,
    Gateway,
    PairingCodeShown,
    Registered,
    StartAction,
    ToPlatform,
)
from countertop.ids import IdSource
from countertop.readers import DeviceState, ReaderFleet, Screen
from countertop.timers import Timers

Answer = Callable[[AuthorizationRequest], AuthorizationAnswer | None]


class Rows:
    """A transaction: written rows and effects, kept on commit only."""

    def __init__(self, table: dict[tuple[str, str, str], bytes]) -> None:
        self.table = table
        self.image = dict(table)
        self.effects: list[Callable[[], None]] = []
        self.writes = 0

    def get(self, account: str, kind: str, object_id: str) -> dict[str, Any] | None:
        body = self.image.get((account, kind, object_id))
        return None if body is None else orjson.loads(body)

    def raw(self, account: str, kind: str, object_id: str) -> bytes | None:
        return self.image.get((account, kind, object_id))

    def put(self, account: str, kind: str, document: dict[str, Any], *, created: int) -> bytes:
        self.writes += 1
        body = orjson.dumps(document)
        self.image[account, kind, document["id"]] = body
        return body

    def delete(self, account: str, kind: str, object_id: str) -> None:
        self.image.pop((account, kind, object_id), None)

    def each(self, account: str, kind: str) -> Iterator[tuple[str, bytes]]:
        return ((key[2], body) for key, body in self.image.items() if key[:2] == (account, kind))

    def after_commit(self, effect: Callable[[], None]) -> None:
        self.effects.append(effect)

    def commit(self) -> None:
        self.table.clear()
        self.table.update(self.image)
        for effect in self.effects:
            effect()


class TokenBook:
    """A vault that hands out numbered tokens."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.sealed: dict[str, bytes] = {}

    def tokenize(self, tx: Any, pan: str) -> str:
        return self.tokens.setdefault(pan, f"tok_{len(self.tokens)}")

    def reveal(self, tx: Any, token: str) -> str:
        return next(pan for pan, known in self.tokens.items() if known == token)

    def seal(self, tx: Any, name: str, secret: bytes) -> None:
        self.sealed[name] = secret

    def open(self, tx: Any, name: str) -> bytes:
        return self.sealed[name]


class Rig:
    """A fleet and what stands around it.

    ``heard``: (serial, message) in order; ``answer`` decides about a card, None: later.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.table: dict[tuple[str, str, str], bytes] = {}
        self.feed = Feed()
        self.items: list[FeedItem] = []
        self.feed.watch(self.items.append)
        self.gateway = Gateway()
        self.vault = TokenBook()
        self.heard: list[tuple[str, ToPlatform]] = []
        self.answer: Answer = lambda request: AuthorizationAnswer(request.action, True)
        self.actions = 0
        self.fleet = ReaderFleet(
            clock=self.clock,
            timers=self.timers,
            ids=IdSource("rig"),
            vault=self.vault,
            gateway=self.gateway,
            feed=self.feed,
            transact=self._transact,
            is_ours=lambda pan: True,
        )
        self.gateway.connect(self.fleet, self)

    # The platform's end.
    def deliver(self, context: Any, serial: str, message: ToPlatform) -> None:
        self.heard.append((serial, message))
        if isinstance(message, AuthorizationRequest):
            answer = self.answer(message)
            if answer is not None:
                self.gateway.to_device(context, serial, answer)

    def _transact(self, work: Callable[[Any], None]) -> None:
        with self.tx() as tx:
            work(tx)

    @contextmanager
    def tx(self) -> Iterator[Rows]:
        rows = Rows(self.table)
        yield rows
        rows.commit()

    def lost_tx(self) -> Rows:
        """A transaction that will never be committed."""
        return Rows(self.table)

    # What tests do.
    def advance(self, milliseconds: int) -> None:
        """Let bench time pass; every timer on the way fires at its instant."""
        end = self.clock.now_ms() + milliseconds
        for _ in range(100_000):
            due = self.timers.next_due_ms()
            if due is None or due > end:
                break
            self.clock.advance_to(due)
            self.timers.fire_due(None)  # type: ignore[arg-type]  # the rig has volatile timers only
        self.clock.advance_to(end)

    def simulated(self, country: str = "US", name: str = "Test Shop") -> str:
        with self.tx() as tx:
            info = self.fleet.make_simulated(tx, "simulated-wpe", country)
            assert info is not None
            self.gateway.to_device(tx, info.serial, Registered("tmr_1", name))
        return info.serial

    def unbox(self, country: str = "US", *, at_once: bool = True, model: str = "bbpos_wisepos_e") -> str:
        with self.tx() as tx:
            return self.fleet.unbox(tx, model, country, at_once=at_once)

    def registered(self, country: str = "US", *, model: str = "bbpos_wisepos_e") -> str:
        serial = self.unbox(country, model=model)
        self.send(serial, Registered("tmr_real", "Corner Shop"))
        return serial

    def send(self, serial: str, message: Any) -> None:
        with self.tx() as tx:
            self.gateway.to_device(tx, serial, message)

    def start(
        self,
        serial: str,
        amount: int = 1250,
        currency: str = "usd",
        *,
        kind: ActionType = "process_payment_intent",
        **more: Any,
    ) -> str:
        self.actions += 1
        action = f"action_{self.actions}"
        self.send(serial, StartAction(action, kind, amount, currency, **more))
        return action

    def do(self, serial: str, hand: str, *args: Any, **more: Any) -> None:
        """Anything that hands or the platform's questions do to a device, by the name of the method."""
        with self.tx() as tx:
            getattr(self.fleet, hand)(tx, serial, *args, **more)

    def cancel(self, serial: str, action: str) -> None:
        self.send(serial, CancelAction(action))

    def present(self, serial: str, how: Any, card: Any = "visa", *, at_once: bool = False) -> None:
        card = find_card(card) if isinstance(card, str) else card
        with self.tx() as tx:
            self.fleet.present(tx, serial, Presentation(how, card), at_once=at_once)

    def enter_pin(self, serial: str, pin: str) -> None:
        with self.tx() as tx:
            self.fleet.enter_pin(tx, serial, pin)

    def remove_card(self, serial: str) -> None:
        with self.tx() as tx:
            self.fleet.remove_card(tx, serial)

    def press(self, serial: str, button: str) -> None:
        with self.tx() as tx:
            self.fleet.press(tx, serial, button)

    def fault(self, serial: str, name: str, on: bool = True) -> None:
        with self.tx() as tx:
            self.fleet.set_fault(tx, serial, name, on)

    def restart(self) -> None:
        with self.tx() as tx:
            self.fleet.boot_all(tx)

    def state(self, serial: str) -> DeviceState:
        return self.fleet.state(self.lost_tx(), serial)

    def phase(self, serial: str) -> str:
        return self.state(serial).phase

    def screen(self, serial: str) -> Screen:
        return self.fleet.screen(self.lost_tx(), serial)

    def refusal(self, serial: str) -> str | None:
        return self.fleet.refusal(self.lost_tx(), serial)

    def said(self, kind: type) -> list[Any]:
        """The messages of one type that the platform heard."""
        return [message for _, message in self.heard if isinstance(message, kind)]

    def ended(self) -> list[ActionEnded]:
        return self.said(ActionEnded)

    def codes(self) -> list[PairingCodeShown]:
        return self.said(PairingCodeShown)


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def make_rig() -> type[Rig]:
    """For tests that build many rigs, or that hypothesis drives."""
    return Rig
