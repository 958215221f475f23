"""The PIN at the card: in clear, enciphered, wrong, and used up (EMV Book 2 §7, Book 3 §6.5.12)."""

from __future__ import annotations

from random import Random

import pytest
from tests.cards.hands import AAC, Hands, make, said

from countertop.emv.data_authentication import encipher_pin

RIGHT, WRONG = "241234FFFFFFFFFF", "249999FFFFFFFFFF"


@pytest.fixture
def hands() -> Hands:
    hands = Hands(make("offline_pin_cvm"))
    hands.begin()
    return hands


def enciphered(hands: Hands, block: str, challenge: bytes | None = None) -> int:
    """VERIFY with an enciphered block; the status."""
    own = hands.send(0x00, 0x84, 0, 0, le=256)
    assert len(own.data) == 8
    key = hands.application.keys.pin
    assert key is not None
    data = encipher_pin(key.public, bytes.fromhex(block), challenge or own.data, Random(3).randbytes)
    return hands.send(0x00, 0x20, 0, 0x88, data=data).sw


def test_a_right_pin_gives_the_tries_back(hands: Hands) -> None:
    assert hands.verify("9999") == 0x63C2
    assert hands.get(0x9F17) == 2
    assert hands.verify("1234") == 0x9000
    assert hands.get(0x9F17) == 3


def test_three_wrong_ones_block_it_across_resets(hands: Hands) -> None:
    assert [hands.verify("9999") for _ in range(3)] == [0x63C2, 0x63C1, 0x63C0]
    assert hands.verify("1234") == 0x6983
    hands.chip.power_on()
    hands.begin()
    assert hands.verify("1234") == 0x6983
    cid = said(hands.generate(AAC))[0x9F27][0]
    assert cid & 0x07 == 2, "PIN tries exceeded (card-hardware.md E.2)"


@pytest.mark.parametrize("name", ["offline_pin_cvm", "diners_14digits"])
def test_an_enciphered_pin(name: str) -> None:
    hands = Hands(make(name))
    hands.begin()
    assert enciphered(hands, WRONG) == 0x63C2
    assert enciphered(hands, RIGHT) == 0x9000
    assert hands.get(0x9F17) == 3


def test_a_challenge_is_for_one_command(hands: Hands) -> None:
    key = hands.application.keys.pin
    assert key is not None
    challenge = hands.send(0x00, 0x84, 0, 0, le=256).data
    data = encipher_pin(key.public, bytes.fromhex(RIGHT), challenge, Random(3).randbytes)
    assert hands.get(0x9F17) == 3
    assert hands.send(0x00, 0x20, 0, 0x88, data=data).sw == 0x6985, "another command came in between"
    assert enciphered(hands, RIGHT, bytes(8)) == 0x6A80, "not the card's challenge"
    assert hands.send(0x00, 0x20, 0, 0x88, data=data).sw == 0x6985, "nor is one good after a failure"
    assert hands.get(0x9F17) == 3, "none of this was a try"


def test_what_is_no_enciphered_pin(hands: Hands) -> None:
    hands.send(0x00, 0x84, 0, 0, le=256)
    assert hands.send(0x00, 0x20, 0, 0x88, data=bytes(8)).sw == 0x6700
    hands.send(0x00, 0x84, 0, 0, le=256)
    assert hands.send(0x00, 0x20, 0, 0x88, data=bytes(128)).sw == 0x6A80
    hands.send(0x00, 0x84, 0, 0, le=256)
    assert hands.send(0x00, 0x20, 0, 0x88, data=b"\xff" * 128).sw == 0x6A80
    assert hands.get(0x9F17) == 3


def test_a_card_without_any_key_takes_no_enciphered_pin() -> None:
    from tests.cards.hands import changed

    hands = Hands(make(changed("amex2", cvm_list=bytes.fromhex("00000000000000004103"))))
    hands.begin()
    hands.send(0x00, 0x84, 0, 0, le=256)
    assert hands.send(0x00, 0x20, 0, 0x88, data=bytes(128)).sw == 0x6A86
