"""A whole EMV sale through the readers: our kernel, our cards, and every byte of the cable between them."""

from __future__ import annotations

from typing import Any

import pytest
from air_card import chip_of, reader
from paper_card import Run, drive, request
from tests.cards.hands import make
from tests.cards.test_chip_sale import TERMINAL, issuer
from usb_bench import T1_ATR, link_to

from countertop.emv.kernel import OnlineAnswer, Silence, contactless
from countertop_drivers import CardLink, acr122
from countertop_drivers.ccid.descriptor import Level
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import CLEVER, PLAIN, VirtualCcid
from countertop_drivers.virtual.usb_backend import virtual_backend


def pay(link: CardLink, chip: Any, **options: Any) -> Run:
    """One sale over the link."""
    return drive(
        link.transmit,
        lambda _: link.power_on(),
        TERMINAL,
        request(),
        answer=lambda asked: issuer(chip, asked.data),
        **options,
    )


@pytest.mark.parametrize("name", ["visa", "mastercard", "offline_pin_cvm"])
@pytest.mark.parametrize("atr", [None, T1_ATR])
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("features", [CLEVER, PLAIN])
def test_a_contact_sale(name, atr, level, features):
    chip = make(name)
    device = VirtualCcid(chip, level=level, features=features, atr=atr, extensions=1)
    with link_to(device) as link:
        done = pay(link, chip, pins=("1234",))
        assert link.choice.protocol == link.atr.protocols[0]
    assert (done.outcome.result, done.outcome.reason) == ("approved", "approved"), done.outcome.why
    assert "GENERATE AC" in " ".join(done.commands).upper()
    assert chip.state.atc == 1


def test_a_contactless_sale():
    chip = chip_of("visa")
    with acr122.open_url("usb", backend=virtual_backend(VirtualAcr122(chip))) as link:
        done = drive(
            link.transmit,
            lambda _: link.power_on(),
            reader(),
            request(),
            answer=OnlineAnswer(True, "00"),
            kernel=contactless,
        )
    assert done.outcome.result == "approved", done.outcome.why


def test_a_card_pulled_out_in_the_middle():
    chip = make("visa")
    device = VirtualCcid(chip)
    with link_to(device) as link:
        seen = []

        def transmit(command: bytes) -> Any:
            seen.append(command)
            if len(seen) == 4:
                device.remove()
            try:
                return link.transmit(command)
            except OSError:
                return Silence.MUTE if link.present else Silence.REMOVED

        done = drive(transmit, lambda _: link.power_on(), TERMINAL, request(), answer=None)
    assert done.outcome.result == "removed"
