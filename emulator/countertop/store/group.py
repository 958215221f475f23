"""A group: what several transactions wrote together, to be made durable or undone as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from countertop.store.image import Image, Row
from countertop.store.partition import Record
from countertop.store.transaction import Effect, Transaction

Key = tuple[str, str, str]
Redo = dict[Key, Record | None]
RESET: Key = ("", "", "")
"""First in a redo: everything from before is gone."""


class Group:
    """Redo by key (the last write of a key is the one that counts), undo in order, and the effects to come."""

    def __init__(self) -> None:
        self.redo: Redo = {}
        self.effects: list[Effect] = []
        self._undo: list[tuple[str, str, str, Record | None]] = []
        self._image_before: Image | None = None

    def __bool__(self) -> bool:
        return bool(self.redo or self.effects)

    def add(self, tx: Transaction) -> None:
        """Take in a transaction that has ended well."""
        for account, kind, name, old, new in tx.writes:
            self._undo.append((account, kind, name, old))
            self.redo[account, kind, name] = new
        self.effects += tx.effects

    def replace_all(self, image: Image) -> None:
        """Empty the image as part of this group."""
        self._image_before = image.swap()
        self.redo = {RESET: None}

    def undo(self, image: Image) -> None:
        """Make the image what it was before this group."""
        for account, kind, name, old in reversed(self._undo):
            image.partition(account, kind).set(name, old)
        if self._image_before is not None:
            image.swap_back(self._image_before)


def encode_redo(redo: Redo) -> tuple[bytes, bytes]:
    """(header, bodies): the header lists the writes with the lengths of their bodies, -1 for a removal."""
    header = []
    bodies = []
    for key, record in redo.items():
        if record is None:
            header.append([*key, 0, 0, -1])
        else:
            header.append([*key, record.created, record.sequence, len(record.body)])
            bodies.append(record.body)
    return orjson.dumps(header), b"".join(bodies)


def decode_redo(header: bytes, bodies: bytes) -> Iterator[tuple[Key, Record | None]]:
    """What :func:`encode_redo` encoded, in order.  Raises ValueError for anything else."""
    position = 0
    entries = orjson.loads(header)
    if not isinstance(entries, list):
        raise ValueError("the header is not a list")
    for entry in entries:
        match entry:
            case [str(account), str(kind), str(name), int(), int(), -1]:
                yield (account, kind, name), None
            case [str(account), str(kind), str(name), int(created), int(sequence), int(length)] if length >= 0:
                yield (account, kind, name), Record(bodies[position : position + length], created, sequence)
                position += length
            case _:
                raise ValueError("the header holds something that is not a write")
    if position != len(bodies):
        raise ValueError("the bodies do not add up to what the header says")


def encode_rows(rows: Iterable[Row]) -> bytes:
    """Rows as one piece of bytes."""
    header, bodies = encode_redo({(account, kind, name): record for account, kind, name, record in rows})
    return f"{len(header)}\n".encode() + header + bodies


def decode_rows(data: bytes) -> Iterator[Row]:
    """What :func:`encode_rows` encoded.  Raises ValueError for anything else."""
    length, newline, content = data.partition(b"\n")
    if not newline or not length.isdigit():
        raise ValueError("no length at the start")
    cut = int(length)
    if cut > len(content):
        raise ValueError("shorter than its header")
    for (account, kind, name), record in decode_redo(content[:cut], content[cut:]):
        if record is None:
            raise ValueError("a removal among rows")
        yield account, kind, name, record
