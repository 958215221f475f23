"""A whole world as bytes, and back: the store's content and the clock's instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.errors import ConfigurationError, ReaderError
from countertop.services.terminal.actions import RUNNING

if TYPE_CHECKING:
    from countertop.world import World

MAGIC = b"countertop-snapshot 1 "


def take(world: World) -> bytes:
    """The world now.  Raises ReaderError while a reader is busy with an action: a sale cannot be half restored."""
    with world.store.transaction() as tx:
        for serial, _ in tx.each("", RUNNING):
            raise ReaderError(f"The reader {serial} is busy with an action.", "Finish or cancel it, then try again.")
    return MAGIC + f"{world.clock.now_ms()}\n".encode() + world.store.snapshot()


def put_back(world: World, data: bytes) -> None:
    """Make the world what it was when the snapshot was taken.  Raises ConfigurationError for other bytes."""
    head, newline, content = data.partition(b"\n")
    instant = head.removeprefix(MAGIC)
    if not head.startswith(MAGIC) or not newline or not instant.isdigit():
        raise ConfigurationError("This is not a snapshot of a Countertop world.")
    world.store.restore(content)
    world.clock.restore(int(instant))
    world.accounts.reload()
    world.wake()
