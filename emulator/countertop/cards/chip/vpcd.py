"""Lending a card to PC/SC: the card's end of vpcd, the virtual reader of pcscd (card-hardware.md H.1).

The card connects to vpcd; being connected is being in the reader.  Every message is a length of two bytes and as many
bytes; a single byte is a control, anything else a command.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Event

from countertop.cards.chip.chip import CardUnpowered, VirtualChip

POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
# How long a reader may keep silent before this end looks whether it is to stop.
GLANCE_S = 0.25
RETRY_S = 1.0


class Disconnected(Exception):
    """The reader closed the connection, or it is time to stop."""


def answer(chip: VirtualChip, message: bytes) -> bytes | None:
    """What goes back for a message; None where vpcd expects nothing.  OSError: the card is mute or gone."""
    if message == GET_ATR:
        # Asked for all the time, to see whether the card is still there: no reset.
        return chip.image.profile.atr
    if message == POWER_OFF:
        chip.power_off()
    elif message in (POWER_ON, RESET):
        chip.power_on()
    if len(message) < 2:
        return None
    try:
        return chip.transmit(message)
    except CardUnpowered:
        chip.power_on()
        return chip.transmit(message)


def serve(
    chip: VirtualChip,
    host: str,
    port: int,
    *,
    stop: Event,
    say: Callable[[str], None],
    retry_s: float = RETRY_S,
) -> None:
    """Keep the card in the reader at this address until ``stop`` is set; wait for the reader, and reconnect.

    ``say`` is told of every change.  Returns early when the card is gone (a fault).
    """
    waiting = False
    while not stop.is_set():
        try:
            connection = socket.create_connection((host, port), timeout=GLANCE_S)
        except OSError as error:
            if not waiting:
                say(f"no virtual reader at {host}:{port} yet ({error.strerror or error}); waiting for one")
                waiting = True
            stop.wait(retry_s)
            continue
        waiting = False
        say(f"in the reader at {host}:{port}")
        with connection:
            try:
                _converse(chip, connection, stop)
            except Disconnected:
                say(f"out of the reader at {host}:{port}")
            except OSError as error:
                say(f"out of the reader at {host}:{port}: {error}")
                if not chip.present:
                    return
        chip.power_off()
        stop.wait(retry_s)


def _converse(chip: VirtualChip, connection: socket.socket, stop: Event) -> None:
    while True:
        length = int.from_bytes(_receive(connection, 2, stop), "big")
        message = _receive(connection, length, stop)
        back = answer(chip, message)
        if back is None:
            continue
        if len(message) > 1 and chip.answer_ms:
            stop.wait(chip.answer_ms / 1000)
        connection.sendall(len(back).to_bytes(2, "big") + back)


def _receive(connection: socket.socket, length: int, stop: Event) -> bytes:
    data = b""
    while len(data) < length:
        try:
            piece = connection.recv(length - len(data))
        except TimeoutError:
            if stop.is_set():
                raise Disconnected from None
            continue
        if not piece:
            raise Disconnected
        data += piece
    return data
