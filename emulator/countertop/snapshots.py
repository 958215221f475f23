"""A whole world as bytes, and back: the store's content and the clock's instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.errors import ConfigurationError, ReaderError
from countertop.services.terminal.running import RUNNING

if TYPE_CHECKING:
    from countertop.world import World

LONGEST_INSTANT = 15
MAGIC = b"countertop-snapshot 1 "


def take(world: World) -> bytes:
    """The world now.  Raises ReaderError while a reader is busy with an action: a sale cannot be half restored."""
    with world.store.transaction() as tx:
        for serial, _ in tx.each("", RUNNING):
            raise ReaderError(f"The reader {serial} is busy with an action.", "Finish or cancel it, then try again.")
    return MAGIC + f"{world.clock.now_ms()} {world.vault.identity}\n".encode() + world.store.snapshot()


def put_back(world: World, data: bytes) -> None:
    """Make the world what it was when the snapshot was taken.

    Raises ConfigurationError for other bytes, and for a snapshot whose cards were sealed under another key: one of a
    world with another seed, or of a data file with another key file.
    """
    head, newline, content = data.partition(b"\n")
    instant, _, vault = head.removeprefix(MAGIC).partition(b" ")
    if not head.startswith(MAGIC) or not newline or not instant.isdigit() or len(instant) > LONGEST_INSTANT:
        raise ConfigurationError("This is not a snapshot of a Countertop world.", "Take one with bench.snapshot().")
    if vault.decode("ascii", "replace") != world.vault.identity:
        raise ConfigurationError(
            "The cards in this snapshot were sealed under another key.",
            "Restore it into a world with the same seed, or with the same key file.",
        )
    before, before_ms = world.store.snapshot(), world.clock.now_ms()
    try:
        _become(world, content, int(instant))
    except (ConfigurationError, TypeError, ValueError, KeyError) as error:
        _become(world, before, before_ms)
        raise ConfigurationError("This snapshot is damaged; the world is as it was.", "Take another one.") from error


def _become(world: World, content: bytes, instant_ms: int) -> None:
    world.store.restore(content)
    world.keep_start()
    world.clock.restore(instant_ms)
    world.accounts.reload()
    world.wake()
