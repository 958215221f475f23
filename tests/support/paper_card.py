"""A card made of paper: answers are looked up, nothing is computed.  It proves what the kernel asks, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from countertop.emv.capk import CapkStore
from countertop.emv.kernel import (
    ApplicationRead,
    ChooseApplication,
    EnterPin,
    GoOnline,
    Note,
    OnlineAnswer,
    Outcome,
    PowerOn,
    Request,
    Silence,
    Steps,
    Terminal,
    TerminalApplication,
    Transmit,
    contact,
)
from countertop.emv.tlv import join, make

ATR = bytes.fromhex("3B65000020 63CB6800".replace(" ", ""))
AID = bytes.fromhex("A0000000031010")
CDOL = bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F3704")
CDOL2 = b"\x8a\x02" + CDOL
RECORDS = {
    0x5A: bytes.fromhex("4242424242424242"),
    0x5F24: bytes.fromhex("301231"),
    0x5F34: b"\x01",
    0x8C: CDOL,
    0x8D: CDOL2,
}
OK = b"\x90\x00"
NOT_FOUND = b"\x6a\x82"


@dataclass
class PaperCard:
    """Answers by the beginning of a command.  ``records`` is the one record there is."""

    records: dict[int, bytes] = field(default_factory=lambda: dict(RECORDS))
    aip: str = "0000"
    afl: str = "08010100"
    aids: tuple[bytes, ...] = (AID,)
    pse: bool = False
    first: str = "80"
    second: str = "40"
    answers: dict[str, Callable[[bytes], bytes] | bytes | Silence] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def answer(self, command: bytes) -> bytes | Silence:
        text = command.hex().upper()
        self.seen.append(text)
        for start, given in self.answers.items():
            if text.startswith(start):
                return given(command) if callable(given) else given
        if text.startswith("00A404"):
            return self._select(command)
        if text.startswith("80A8"):
            return make(0x77, join(((0x82, bytes.fromhex(self.aip)), (0x94, bytes.fromhex(self.afl))))) + OK
        if text.startswith("00B2"):
            return make(0x70, join(self.records.items())) + OK
        if text.startswith("80AE"):
            second = sum(other.startswith("80AE") for other in self.seen) > 1
            return self.cryptogram(self.second if second else self.first)
        return b"\x6d\x00"

    def _select(self, command: bytes) -> bytes:
        name = command[5 : 5 + command[4]]
        if name == b"1PAY.SYS.DDF01":
            return NOT_FOUND
        following = command[3] == 2
        if name in self.aids and not following:
            return fci(name) + OK
        return NOT_FOUND

    def cryptogram(self, cid: str) -> bytes:
        objects = ((0x9F27, bytes.fromhex(cid)), (0x9F36, b"\x00\x01"), (0x9F26, bytes(8)), (0x9F10, b"\x06\x01\x12"))
        return make(0x77, join(objects)) + OK


def fci(aid: bytes, **more: bytes) -> bytes:
    """A file control information template with a label."""
    return make(0x6F, make(0x84, aid) + make(0xA5, make(0x50, b"PAPER") + b"".join(more.values())))


def terminal(**changes: Any) -> Terminal:
    """A terminal that knows one application, no keys, and works both ways."""
    settings: dict[str, Any] = {
        "applications": (TerminalApplication(AID),),
        "keys": CapkStore(()),
        "country": b"\x08\x40",
        "kind": 0x22,
    }
    return Terminal(**settings | changes)


def request(**changes: Any) -> Request:
    """Ten dollars, on a day in 2026."""
    settings: dict[str, Any] = {
        "amount": 1000,
        "currency": b"\x08\x40",
        "date": "261123",
        "time": "120000",
        "draw": lambda count: b"\x42" * count,
    }
    return Request(**settings | changes)


@dataclass
class Run:
    """What happened: the outcome, the commands' names, the decisions, and what was asked of people."""

    outcome: Outcome
    commands: list[str]
    decisions: dict[str, str]
    prompts: list[object]


def run(
    card: PaperCard,
    terminal: Terminal | None = None,
    request: Request | None = None,
    *,
    pins: tuple[str | None, ...] = (),
    answer: OnlineAnswer | None = None,
    choice: int | None = 0,
    atr: bytes | Silence = ATR,
) -> Run:
    """Drive the kernel against a card until it ends."""
    return drive(card.answer, lambda good: atr, terminal, request, pins=pins, answer=answer, choice=choice)


def drive(
    card: Callable[[bytes], bytes | Silence],
    reset: Callable[[bytes], bytes | Silence],
    at: Terminal | None = None,
    asked: Request | None = None,
    *,
    pins: tuple[str | None, ...] = (),
    answer: OnlineAnswer | Callable[[GoOnline], OnlineAnswer] | None = None,
    choice: int | None = 0,
    kernel: Callable[[Terminal, Request], Steps[Outcome]] = contact,
    usual: bytes = ATR,
) -> Run:
    """Drive a kernel against anything that answers.  ``usual``: the answer to reset, or to select, of a good card."""
    steps = kernel(at or terminal(), asked or request())
    typed = list(pins)
    commands: list[str] = []
    decisions: dict[str, str] = {}
    prompts: list[object] = []
    reply: object = None
    try:
        while True:
            event = steps.send(reply)
            reply = None
            match event:
                case Note(kind="decision"):
                    decisions[event.name] = event.result
                case PowerOn():
                    reply = reset(usual)
                case Transmit():
                    commands.append(event.name)
                    reply = card(event.command)
                case EnterPin():
                    prompts.append(event)
                    reply = typed.pop(0) if typed else None
                case GoOnline():
                    prompts.append(event)
                    reply = answer(event) if callable(answer) else answer
                case ChooseApplication():
                    prompts.append(event)
                    reply = choice
                case ApplicationRead():
                    prompts.append(event)
    except StopIteration as end:
        return Run(end.value, commands, decisions, prompts)
