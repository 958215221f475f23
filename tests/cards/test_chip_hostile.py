"""Any terminal, however hostile: a card answers every string of bytes, and keeps its rules in any order of commands."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.cards.hands import AAC, ARQC, PSE, TC, YEAR, Hands, make, said

from countertop.cards import all_cards
from countertop.cards.chip import ChipState, VirtualChip, image_of
from countertop.emv.apdu import Command
from countertop.emv.dol import build

NAMES = ["visa", "visa_debit", "mastercard", "mastercard_prepaid", "amex", "amex2", "discover2", "interac"]
INSTRUCTIONS = [0x16, 0x18, 0x1E, 0x20, 0x24, 0x82, 0x84, 0x88, 0xA4, 0xA8, 0xAE, 0xB2, 0xC0, 0xCA, 0xDA, 0xDC]
CLASSES = [0x00, 0x80, 0x84, 0x8C, 0x04, 0x0C, 0xFF]


def commands() -> st.SearchStrategy[bytes]:
    """Bytes that look like commands, and bytes that do not."""
    shaped = st.builds(
        lambda cla, ins, p1, p2, data, le: Command(cla, ins, p1, p2, data, le).encoded,
        st.sampled_from(CLASSES),
        st.sampled_from(INSTRUCTIONS) | st.integers(0, 255),
        st.sampled_from([0, 1, 2, 4, 0x40, 0x50, 0x80, 0x90, 0x9F]) | st.integers(0, 255),
        st.sampled_from([0, 2, 0x0C, 0x14, 0x1C, 0x36, 0x80, 0x88]) | st.integers(0, 255),
        st.binary(max_size=64) | st.sampled_from([PSE, b"\x83\x00", bytes.fromhex("A0000000031010")]),
        st.none() | st.integers(1, 256),
    )
    return shaped | st.binary(max_size=300)


@given(
    st.sampled_from(NAMES),
    st.lists(commands(), min_size=1, max_size=12),
    st.sampled_from(["off", "selected", "begun", "first", "second"]),
    st.booleans(),
)
@settings(max_examples=300)
def test_any_bytes_have_an_answer(name: str, sent: list[bytes], stage: str, tpdu: bool) -> None:
    hands = Hands(make(name, tpdu=tpdu))
    if stage != "off":
        hands.select()
    if stage in ("begun", "first", "second"):
        hands.gpo()
    if stage in ("first", "second"):
        data = build(hands.application.cdol1, hands.values)
        hands.send(0x80, 0xAE, ARQC, 0, data=data, le=256)
    if stage == "second":
        hands.send(0x80, 0xAE, TC, 0, data=build(hands.application.cdol2, hands.values), le=256)
    before = hands.chip.state
    for command in sent:
        answer = hands.chip.transmit(command)
        assert isinstance(answer, bytes)
        assert 2 <= len(answer) <= 258
        assert answer[-2] in (0x90, 0x61, 0x62, 0x63, 0x67, 0x68, 0x69, 0x6A, 0x6C, 0x6D, 0x6E)
    after = hands.chip.state
    assert after.atc >= before.atc
    assert after.card_blocked == before.card_blocked, "nobody but the issuer blocks a card"
    assert after.blocked == before.blocked
    assert hands.chip.pin == hands.chip.image.profile.card.pin
    assert ChipState.from_row(after.to_row()) == after


@given(st.sampled_from(NAMES), st.binary(min_size=0, max_size=255), st.sampled_from(["cdol1", "cdol2"]))
def test_any_data_of_a_terminal_makes_a_cryptogram_or_a_status(name: str, noise: bytes, which: str) -> None:
    """Amounts that are no digits, issuer answers out of nowhere: of the right length, and of any."""
    hands = Hands(make(name))
    hands.begin()
    first = sum(length for _, length in hands.application.cdol1)
    data = noise.ljust(first, b"\xff")[:first]
    assert hands.send(0x80, 0xAE, ARQC, 0, data=data, le=256).ok
    if which == "cdol2":
        second = sum(length for _, length in hands.application.cdol2)
        data = noise[::-1].ljust(second, b"\xff")[:second]
        assert hands.send(0x80, 0xAE, TC, 0, data=data, le=256).ok
    assert hands.send(0x80, 0xAE, TC, 0, data=noise, le=256).sw in (0x6700, 0x6985, 0x9000)


class TerminalInAnyOrder(RuleBasedStateMachine):
    """A terminal that does everything in any order; beside it, what the card must have remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.hands = Hands(make("offline_pin_cvm"))
        self.selected = self.begun = False
        self.first: int | None = None
        self.second: int | None = None
        self.atc, self.tries = 0, 3

    def forget(self, *, selected: bool) -> None:
        self.selected, self.begun, self.first, self.second = selected, False, None, None

    @rule()
    def power(self) -> None:
        self.hands.chip.power_on()
        self.forget(selected=False)

    @rule()
    def select(self) -> None:
        assert self.hands.select().ok
        self.forget(selected=True)

    @rule()
    def select_what_is_not_there(self) -> None:
        assert self.hands.select(b"nothing").sw == 0x6A82

    @rule()
    def select_the_directory(self) -> None:
        assert self.hands.select(PSE).ok
        self.forget(selected=False)

    @rule()
    def begin(self) -> None:
        response = self.hands.gpo()
        if self.selected and not self.begun:
            assert response.ok
            self.begun, self.atc = True, self.atc + 1
        else:
            assert response.sw == 0x6985

    @rule(pin=st.sampled_from(["1234", "0000"]))
    def verify(self, pin: str) -> None:
        status = self.hands.verify(pin)
        if not self.begun:
            assert status == 0x6985
        elif self.tries == 0:
            assert status == 0x6983
        elif pin == "1234":
            assert status == 0x9000
            self.tries = 3
        else:
            self.tries -= 1
            assert status == 0x63C0 | self.tries

    @rule(kind=st.sampled_from([AAC, TC, ARQC]))
    def first_cryptogram(self, kind: int) -> None:
        response = self.hands.send(
            0x80, 0xAE, kind, 0, data=build(self.hands.application.cdol1, self.hands.values), le=256
        )
        if self.begun and self.first is None:
            assert response.ok
            self.first = said(response)[0x9F27][0] & 0xC0
            assert self.first in {AAC: (AAC,), ARQC: (ARQC,), TC: (TC, ARQC)}[kind], "a card only lowers"
        else:
            assert response.sw in (0x6985, 0x6700)

    @rule(kind=st.sampled_from([AAC, TC, ARQC]))
    def second_cryptogram(self, kind: int) -> None:
        response = self.hands.send(
            0x80, 0xAE, kind, 0, data=build(self.hands.application.cdol2, self.hands.values), le=256
        )
        if self.first == ARQC and self.second is None and kind != ARQC:
            assert response.ok
            self.second = said(response)[0x9F27][0] & 0xC0
            assert self.second == kind
        else:
            assert response.sw in (0x6985, 0x6700)

    @precondition(lambda self: self.begun)
    @rule()
    def read(self) -> None:
        assert self.hands.read(2, 1).ok

    @invariant()
    def counters_are_right(self) -> None:
        state = self.hands.chip.state
        assert (state.atc, state.pin_tries) == (self.atc, self.tries)


TestTerminalInAnyOrder: Any = TerminalInAnyOrder.TestCase
TestTerminalInAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_every_card_survives_a_storm_of_bytes() -> None:
    random = Random(4)
    for card in all_cards():
        chip = VirtualChip(image_of(card.name, YEAR), pin=card.pin, random=random.randbytes)
        chip.power_on()
        for _ in range(60):
            assert len(chip.transmit(random.randbytes(random.randrange(0, 40)))) >= 2
