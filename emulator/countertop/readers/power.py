"""Power, pairing and registration: what a device does when no sale runs."""

from __future__ import annotations

from countertop.errors import ReaderError
from countertop.gateway.messages import Configured, PairingCodeShown, Registered
from countertop.readers.state import DeviceState
from countertop.readers.turn import Turn

# A device in one of these phases has no screen of its own choice to go back to.
UNRESPONSIVE = ("off", "booting", "updating", "broken")
BREAKING_FAULTS = ("hardware_fault", "tamper")


def boot(turn: Turn) -> None:
    """Power is back: whatever went on is forgotten; pairing, serial and what waits for the wire are kept."""
    _forget(turn)
    turn.change(phase="booting", due_ms=turn.worked(turn.sku.model.timing_ms.boot))


def reboot(turn: Turn) -> None:
    """Somebody holds the power button until it starts again.  Raises ReaderError for a device that cannot."""
    if turn.state.phase == "off":
        raise ReaderError("The reader has no power.", "Put it on its charger first.")
    if is_broken(turn.state):
        raise ReaderError("The reader is broken, and does not start.", "Clear its fault first.")
    boot(turn)


def switch_off(turn: Turn) -> None:
    """The power is gone in the middle of whatever went on."""
    _forget(turn)
    turn.change(phase="off", due_ms=None)


def die(turn: Turn) -> None:
    """The device breaks in the middle of whatever went on."""
    _forget(turn)
    turn.change(phase="broken", due_ms=None)


def is_broken(state: DeviceState) -> bool:
    """Whether it has a fault that it cannot work with."""
    return any(name in state.faults for name in BREAKING_FAULTS)


def booted(turn: Turn) -> None:
    """The device is up."""
    turn.change(booted_ms=turn.now_ms)
    if is_broken(turn.state):
        turn.change(phase="broken", due_ms=None)
        return
    # Connected from here on; what it shows first may already be sent.
    turn.change(phase="idle", due_ms=None)
    rest(turn)


def rest(turn: Turn) -> None:
    """Nothing goes on: want a forgotten card removed, else show splash screen or pairing code.

    A restart that waited for this moment takes place.
    """
    turn.change(sale=None, notice=None, message=None, code=None)
    if turn.state.card_in_slot:
        turn.change(phase="remove_card", due_ms=None)
    elif turn.state.restart_pending:
        boot(turn)
    elif turn.state.reader is None and not turn.state.simulated and turn.sku.model.kind == "smart":
        show_code(turn)
    else:
        turn.change(phase="idle", due_ms=None)


def show_code(turn: Turn) -> None:
    """Show a fresh registration code; a new one follows when it expires."""
    expires_ms = turn.after(turn.sku.model.timing_ms.pairing_code)
    turn.change(phase="pairing", due_ms=expires_ms, code=turn.room.new_code(), code_expires_ms=expires_ms)
    tell_code(turn)


def tell_code(turn: Turn) -> None:
    """Tell the platform the code on the screen."""
    if turn.state.code is not None:
        turn.send(PairingCodeShown(turn.state.code, turn.state.code_expires_ms))


def code_expired(turn: Turn) -> None:
    """The code is too old: an unpaired device shows another, a paired one leaves its settings."""
    rest(turn)


def open_pairing(turn: Turn) -> None:
    """Settings, generate pairing code.  Raises ReaderError unless the device is idle or already pairing."""
    if turn.state.simulated:
        raise ReaderError("A simulated reader has no pairing code.", "It is registered by its simulator code.")
    if turn.sku.model.kind != "smart":
        raise ReaderError("A mobile reader has no pairing code.", "An app registers it when it connects.")
    if turn.state.phase not in ("idle", "pairing"):
        raise ReaderError(f"The reader is {turn.state.phase}.", "Settings open from the splash screen only.")
    show_code(turn)


def registered(turn: Turn, message: Registered) -> None:
    """The device now belongs to an account; a sale of its former life is forgotten."""
    turn.change(reader=message.reader, name=message.name, pos=None)
    if turn.state.phase not in UNRESPONSIVE:
        rest(turn)


def unregistered(turn: Turn) -> None:
    """Its reader object is gone."""
    turn.change(reader=None, name="", pos=None, splashscreen=None)
    if turn.state.phase not in UNRESPONSIVE:
        rest(turn)


def configured(turn: Turn, message: Configured) -> None:
    """Its location's configuration was changed."""
    turn.change(reboot_from=message.reboot_from, reboot_to=message.reboot_to, splashscreen=message.splashscreen)


def _forget(turn: Turn) -> None:
    turn.change(
        sale=None,
        card_in_slot=False,
        notice=None,
        message=None,
        code=None,
        pos=None,
        installing="",
        restart_pending=False,
    )
