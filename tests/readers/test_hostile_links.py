"""A hostile chip in the slot of a reader: the sale ends or goes on, and the reader sells again; never an exception."""

import pytest
from hostile import HostileCard
from paper_card import ATR

from countertop.cards import CardLink
from countertop.cards.chip import VirtualChip, image_of
from countertop.emv.kernel import Silence
from countertop.errors import ReaderError
from countertop.readers.sale import RUNNING


class HostileLink:
    """A card link over a hostile card: what a card does not say is an OSError."""

    def __init__(self, seed: int) -> None:
        chip = VirtualChip(image_of("visa", 2026), pin="1234", random=lambda count: b"\x5a" * count)
        self._chip, self._card = chip, HostileCard(seed, chip.transmit)
        self.present = True

    def power_on(self) -> bytes:
        self._chip.power_on()
        return self._said(self._card.atr(ATR))

    def transmit(self, apdu: bytes) -> bytes:
        return self._said(self._card.answer(apdu))

    def power_off(self) -> None:
        self._chip.power_off()

    def _said(self, answer) -> bytes:
        if isinstance(answer, Silence):
            self.present = self.present and answer is not Silence.REMOVED
            raise OSError("silence")
        return answer


def test_it_is_a_card_link():
    assert isinstance(HostileLink(0), CardLink)


@pytest.mark.parametrize("block", range(10))
def test_hostile_chips(rig, block):
    serial = rig.simulated("GB")
    for seed in range(block * 30, block * 30 + 30):
        action = rig.start(serial)
        rig.present(serial, "insert", HostileLink(seed))
        for _ in range(6):
            rig.advance(1500)
            if rig.phase(serial) == "pin":
                rig.enter_pin(serial, "1234")
        ended = [end for end in rig.ended() if end.action == action]
        assert len(ended) <= 1, seed
        if not ended:
            assert rig.phase(serial) in RUNNING, seed
        try:
            rig.remove_card(serial)
        except ReaderError:
            assert not rig.state(serial).card_in_slot, seed
        rig.advance(5_000)
        if not ended:
            rig.present(serial, "tap", at_once=True)
            assert [end.succeeded for end in rig.ended() if end.action == action] == [True], seed
            rig.advance(5_000)


def test_a_strangers_card_is_never_sent_a_pin(rig):
    serial = rig.simulated("GB")
    rig.start(serial)
    chip = VirtualChip(image_of("offline_pin_cvm", 2026), pin="1234", random=lambda count: b"\x5a" * count)
    sent = []

    class Watched:
        """The chip as somebody else's."""

        present = True
        power_on, power_off = chip.power_on, chip.power_off

        def transmit(self, apdu: bytes) -> bytes:
            sent.append(apdu)
            return chip.transmit(apdu)

    rig.present(serial, "insert", Watched())
    rig.advance(10_000)
    assert sent
    assert not [apdu for apdu in sent if apdu[1] == 0x20]
    assert rig.phase(serial) != "pin"
