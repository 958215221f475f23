"""Keeps the devices of a bench: state, timers, presence and the live feed, always in step with the rows.

Every call loads one device's state, lets something happen to it (a :class:`~countertop.readers.turn.Turn`),
keeps the new state in the caller's transaction, and only then sends what the device has to say.  Screen,
timer and presence follow from the state; nothing else about a device is kept, but for the card that is at it
at the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

import orjson

from countertop.clock import Clock
from countertop.errors import ReaderError
from countertop.feed import Feed
from countertop.gateway import Gateway
from countertop.ids import IdSource
from countertop.readers import battery, chores, machine
from countertop.readers.drawing import draw
from countertop.readers.held import Held
from countertop.readers.models import Sku, shelf
from countertop.readers.ports import Context, Timers, Transact, Vault
from countertop.readers.presence import Presence
from countertop.readers.room import Room
from countertop.readers.rows import from_row, to_row
from countertop.readers.screen import Screen
from countertop.readers.signals import Signals, signals
from countertop.readers.slot import Slot
from countertop.readers.state import KIND, DeviceState
from countertop.readers.trail import Trail
from countertop.readers.turn import Turn

# States kept beside their bytes: more devices than are ever busy at once, and little memory.
MOST_DECODED = 512
# While a sale is in one of these, a chip in the slot is at work.
WITH_A_CHIP = frozenset(("reading", "application", "pin", "collected", "authorizing"))


class Keeper:
    """What every part of the fleet does with a device: look at it, and let something happen to it."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        ids: IdSource,
        vault: Vault,
        gateway: Gateway,
        feed: Feed,
        transact: Transact,
        is_ours: Callable[[str], bool],
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._ids = ids
        self._vault = vault
        self._gateway = gateway
        self._feed = feed
        self._transact = transact
        self._is_ours = is_ours
        self._presence = Presence()
        self._held: dict[str, Held] = {}
        self._slots: dict[str, Slot] = {}
        self._numbers = count(1)
        self._trails: dict[str, Trail] = {}
        self._chores: dict[str, int] = {}
        self._decoded: dict[str, tuple[bytes, DeviceState]] = {}

    # --- looking ------------------------------------------------------------------------------------------

    def find(self, tx: Context, serial: str) -> DeviceState | None:
        """A device's state; None for a serial that no device has."""
        body = tx.raw("", KIND, serial)
        if body is None:
            return None
        known = self._decoded.get(serial)
        # The same bytes are the same state: a sale looks at its device a dozen times.
        if known is not None and known[0] is body:
            return known[1]
        state = from_row(orjson.loads(body))
        self._remember(serial, body, state)
        return state

    def state(self, tx: Context, serial: str) -> DeviceState:
        """A device's state.  Raises ReaderError for a serial that no device has."""
        state = self.find(tx, serial)
        if state is None:
            raise ReaderError(
                f"There is no reader with the serial {serial!r}.", "Readers have the serial on their box."
            )
        return state

    def screen(self, tx: Context, serial: str) -> Screen:
        """What is on a device's screen.  Raises ReaderError for a serial that no device has."""
        state = self.state(tx, serial)
        return draw(state, _sku(state), self._clock.now_ms())

    def signals(self, tx: Context, serial: str) -> Signals:
        """The lights and tones of its tap zone.  Raises ReaderError for a serial that no device has."""
        state = self.state(tx, serial)
        return signals(state, _sku(state))

    def battery(self, tx: Context, serial: str) -> battery.Battery | None:
        """A device's charge; None for one without a battery.  Raises ReaderError for a serial that no device has."""
        state = self.state(tx, serial)
        return battery.battery(state, _sku(state), self._clock.now_ms())

    def serials(self, tx: Context) -> list[str]:
        """Every device's serial."""
        return [serial for serial, _ in tx.each("", KIND)]

    def last_seen_ms(self, serial: str) -> int | None:
        """The device's last sign of life (Unix milliseconds); None when it never gave one."""
        return self._presence.last_seen_ms(serial, self._clock.now_ms())

    # --- changing -----------------------------------------------------------------------------------------

    @contextmanager
    def turn(self, tx: Context, serial: str) -> Iterator[Turn]:
        """Let something happen to a device; what it became and says is kept and sent when the block is left.

        Raises ReaderError for a serial that no device has; a block that raises changes nothing.
        """
        before = self.state(tx, serial)
        room = Room(tx, self._clock, self._ids, self._vault, self._held.get(serial), self._numbers, self._is_ours)
        slot, trail = self._slot_of(before), self._trails.setdefault(serial, Trail())
        turn = Turn(before, _sku(before), self._clock.now_ms(), room, slot, trail)
        yield turn
        self._keep_slot(room, turn)
        after = turn.state
        if after.connected != before.connected and not after.connected:
            turn.change(last_seen_ms=self.last_seen_ms(serial))
            after = turn.state
        if after != before:
            self._remember(serial, tx.put("", KIND, to_row(after), created=after.created), after)
            tx.after_commit(partial(self._follow, before, after, turn.now_ms))
        for message in turn.messages:
            self._gateway.to_platform(tx, serial, message)

    def drop(self, tx: Context, serial: str) -> None:
        """The device is thrown away; one that is not there stays so."""
        tx.delete("", KIND, serial)
        tx.after_commit(partial(self._forget, serial))

    # --- inside -------------------------------------------------------------------------------------------

    def _slot_of(self, state: DeviceState) -> Slot | None:
        """The slot of the running sale; one that is ahead of its rows, which went back, is of no use any more."""
        slot = self._slots.get(state.serial)
        if slot is None:
            return None
        sale = state.sale
        if sale is None or state.phase not in WITH_A_CHIP or sale.slot_steps != slot.steps:
            del self._slots[state.serial]
            return None
        return slot

    def _keep_slot(self, room: Room, turn: Turn) -> None:
        """What a chip learnt in this turn is kept; a slot whose card nobody reads any more is left alone."""
        slot, serial = turn.slot, turn.state.serial
        if slot is None:
            self._slots.pop(serial, None)
            return
        if turn.state.phase not in WITH_A_CHIP or turn.state.sale is None:
            slot.close()
            self._slots.pop(serial, None)
        else:
            self._slots[serial] = slot
            if turn.sale.slot_steps != slot.steps:
                turn.change_sale(slot_steps=slot.steps)
        room.keep_chip(slot)

    def _offered(self, sku: str) -> list[str]:
        """How a device of this SKU takes cards."""
        return list(shelf().sku(sku).model.input.interfaces)

    def _forget_cards(self) -> None:
        self._held.clear()
        self._slots.clear()
        self._trails.clear()

    def _remember(self, serial: str, body: bytes, state: DeviceState) -> None:
        if len(self._decoded) >= MOST_DECODED:
            self._decoded.clear()
        self._decoded[serial] = (body, state)

    def _add(self, tx: Context, state: DeviceState) -> None:
        tx.put("", KIND, to_row(state), created=state.created)
        if state.connected:
            # At once, and not after the commit: whoever makes the device asks in the same transaction when
            # it was seen.  Should the transaction fail, nobody ever learns the serial.
            self._presence.start(state.serial, self._clock.now_ms(), heartbeat_ms(state))

    def _rows(self, tx: Context) -> Iterator[DeviceState]:
        for _, row in list(tx.each("", KIND)):
            yield from_row(orjson.loads(row))

    def _follow(self, before: DeviceState, after: DeviceState, at_ms: int) -> None:
        """Timers, presence and watchers, once the change is committed."""
        serial = after.serial
        if after.due_ms is None:
            if before.due_ms is not None:
                self._timers.cancel(_phase_key(serial))
        elif after.due_ms != before.due_ms:
            self._set_phase_timer(after)
        self._set_chore_timer(after)
        if after.connected != before.connected:
            if after.connected:
                self._presence.start(serial, at_ms, heartbeat_ms(after))
            else:
                self._presence.stop(serial, after.last_seen_ms)
        if after.sale is None:
            self._held.pop(serial, None)
            self._trails.pop(serial, None)
        if self._feed.watched and (item := _item(after, at_ms)) != _item(before, at_ms):
            self._feed.publish(at_ms, "reader", item)

    def _set_phase_timer(self, state: DeviceState) -> None:
        if state.due_ms is not None:
            fire = partial(self._fire, self._tick, state.serial, state.due_ms)
            self._timers.volatile(state.due_ms, _phase_key(state.serial), fire)

    def _set_chore_timer(self, state: DeviceState) -> None:
        serial = state.serial
        due_ms = chores.next_ms(state, _sku(state), self._clock.now_ms())
        if due_ms == self._chores.get(serial):
            return
        if due_ms is None:
            del self._chores[serial]
            self._timers.cancel(_chore_key(serial))
            return
        self._chores[serial] = due_ms
        self._timers.volatile(due_ms, _chore_key(serial), partial(self._fire, self._do_chores, serial, due_ms))

    def _fire(self, work: _Timed, serial: str, due_ms: int) -> None:
        self._transact(partial(work, serial, due_ms))

    def _tick(self, serial: str, due_ms: int, tx: Context) -> None:
        state = self.find(tx, serial)
        if state is None or state.due_ms != due_ms:
            return
        with self.turn(tx, serial) as turn:
            machine.tick(turn)

    def _do_chores(self, serial: str, due_ms: int, tx: Context) -> None:
        if self._chores.get(serial) != due_ms or self.find(tx, serial) is None:
            return
        with self.turn(tx, serial) as turn:
            chores.do(turn, due_ms)
        del self._chores[serial]
        tx.after_commit(partial(self._set_chore_timer, turn.state))

    def _forget(self, serial: str) -> None:
        self._timers.cancel(_phase_key(serial))
        self._timers.cancel(_chore_key(serial))
        self._chores.pop(serial, None)
        self._presence.forget(serial)
        for memory in (self._held, self._slots, self._trails):
            memory.pop(serial, None)
        if self._feed.watched:
            self._feed.publish(self._clock.now_ms(), "reader", {"serial": serial, "reader": None, "state": "gone"})


_Timed = Callable[[str, int, Context], None]


def _sku(state: DeviceState) -> Sku:
    return shelf().sku(state.sku)


def heartbeat_ms(state: DeviceState) -> int:
    """How often a device gives a sign of life, in milliseconds."""
    return _sku(state).model.timing_ms.heartbeat


def _phase_key(serial: str) -> str:
    return f"reader:{serial}"


def _chore_key(serial: str) -> str:
    return f"reader:{serial}:chores"


def _item(state: DeviceState, now_ms: int) -> dict[str, object]:
    """A device on the live feed; nothing of it is secret."""
    card = state.sale.card if state.sale is not None else None
    charge = battery.battery(state, _sku(state), now_ms)
    return {
        "serial": state.serial,
        "reader": state.reader,
        "state": state.phase,
        "faults": list(state.faults),
        "connected": state.connected,
        "card": None if card is None else {"brand": card.brand, "last4": card.last4, "read_method": card.read_method},
        "card_in_slot": state.card_in_slot,
        "battery": None if charge is None else {"percent": charge.percent, "charging": charge.charging},
        "signals": signals(state, _sku(state)).document(),
        "screen": draw(state, _sku(state), now_ms).document(),
    }
