"""The card's end of vpcd's protocol (card-hardware.md H.1), against a vpcd of our own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from tests.cards.hands import make

from countertop.cards.chip import VirtualChip, vpcd

SELECT = bytes.fromhex("00A4040007A000000003101000")
OFF, ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"


class Reader:
    """A virtual reader that waits for a card."""

    def __init__(self, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]
        self.connection: socket.socket | None = None

    def accept(self) -> None:
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(10)

    def send(self, *messages: bytes) -> None:
        assert self.connection is not None
        for message in messages:
            self.connection.sendall(len(message).to_bytes(2, "big") + message)

    def receive(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def gone(self) -> bool:
        assert self.connection is not None
        return self.connection.recv(1) == b""

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.listener.close()

    def _exactly(self, length: int) -> bytes:
        assert self.connection is not None
        data = b""
        while len(data) < length:
            piece = self.connection.recv(length - len(data))
            assert piece, "the card left"
            data += piece
        return data


@contextmanager
def lent(chip: VirtualChip, port: int) -> Iterator[list[str]]:
    """The card, lent to a reader; yields what it says of it."""
    stop, said = Event(), []
    options = {"stop": stop, "say": said.append, "retry_s": 0.01}
    thread = Thread(target=vpcd.serve, args=(chip, "127.0.0.1", port), kwargs=options)
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def in_reader() -> Iterator[Callable[[VirtualChip], Reader]]:
    """Put a card into a reader."""
    readers, contexts = [], []

    def put(chip: VirtualChip) -> Reader:
        reader = Reader()
        readers.append(reader)
        context = lent(chip, reader.port)
        context.__enter__()
        contexts.append(context)
        reader.accept()
        return reader

    yield put
    for context in contexts:
        context.__exit__(None, None, None)
    for reader in readers:
        reader.close()


def test_controls_have_no_answer_and_the_atr_has(in_reader: Callable[[VirtualChip], Reader]) -> None:
    chip = make()
    reader = in_reader(chip)
    reader.send(ON, RESET, ATR, OFF, ATR)
    assert reader.receive() == reader.receive() == chip.image.profile.atr


def test_commands_are_answered_as_by_the_card_itself(in_reader: Callable[[VirtualChip], Reader]) -> None:
    reader, alone = in_reader(make()), make()
    reader.send(ON)
    for command in (SELECT, bytes.fromhex("80A8000002830000"), bytes.fromhex("0084000000"), b"\x00\xa4", SELECT[:5]):
        assert reader.ask(command) == alone.transmit(command)


def test_a_reset_clears_the_selection_and_asking_for_the_atr_does_not(
    in_reader: Callable[[VirtualChip], Reader],
) -> None:
    reader = in_reader(make())
    challenge = bytes.fromhex("0084000008")
    for control in (ON, RESET, OFF):
        reader.ask(SELECT)
        reader.send(ATR)
        reader.receive()
        assert reader.ask(challenge)[-2:] == b"\x90\x00"
        reader.send(control)
        assert reader.ask(challenge) == b"\x69\x85"


def test_messages_come_in_pieces(in_reader: Callable[[VirtualChip], Reader]) -> None:
    reader = in_reader(make())
    assert reader.connection is not None
    for byte in len(SELECT).to_bytes(2, "big") + SELECT:
        reader.connection.sendall(bytes((byte,)))
    assert reader.receive()[-2:] == b"\x90\x00"


def test_the_card_waits_for_its_reader_and_comes_back() -> None:
    reader = Reader()
    port = reader.port
    reader.close()
    chip = make()
    with lent(chip, port) as said:
        reader = Reader(port)
        reader.accept()
        assert reader.ask(ATR) == chip.image.profile.atr
        reader.ask(SELECT)
        assert reader.connection is not None
        reader.connection.close()
        reader.accept()
        assert reader.ask(bytes.fromhex("0084000008")) == b"\x69\x85", "a card that was out has forgotten"
        reader.close()
    assert sum(line.startswith("in the reader") for line in said) == 2


def test_a_card_that_is_pulled_leaves_the_reader_for_good() -> None:
    reader = Reader()
    with lent(make(faults=["pulled_after:1"]), reader.port) as said:
        reader.accept()
        assert reader.ask(SELECT)[-2:] == b"\x90\x00"
        reader.send(SELECT)
        assert reader.gone()
    reader.close()
    assert "pulled out" in said[-1]
