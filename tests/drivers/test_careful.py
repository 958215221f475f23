"""What may be sent to a card that may be somebody's own (card-hardware.md A.6)."""

from __future__ import annotations

import pytest
from usb_bench import card

from countertop_drivers import CardLink
from countertop_drivers.careful import PIN, SCRIPTS, TC, CarefulLink, NotAllowed, permission


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("00A404000E315041592E5359532E444446303100", None),
        ("00A4040207A000000003101000", None),
        ("00B2010C00", None),
        ("80A8000002830000", None),
        ("0088000004010203040000", None),
        ("0084000000", None),
        ("80CA9F1700", None),
        ("80CA9F3600", None),
        ("00C0000010", None),
        ("80AE000000", None),
        ("80AE100000", None),
        ("80AE800000", None),
        ("80AE900000", None),
        ("80AE400000", TC),
        ("80AE500000", TC),
        ("80AE4F0000", TC),
        ("0082000008" + "00" * 8, TC),
        ("802A8E80040102030400", None),
        ("002A9E9A00", SCRIPTS),
        ("80EA0000040102030400", None),
        ("0020008008241234FFFFFFFFFF", PIN),
        ("0020008808" + "00" * 8, PIN),
        ("841E0000080102030405060708", SCRIPTS),
        ("8C1E000008" + "00" * 8, SCRIPTS),
        ("8418000008" + "00" * 8, SCRIPTS),
        ("8416000008" + "00" * 8, SCRIPTS),
        ("8424000208" + "00" * 8, SCRIPTS),
        ("04DA9F5808" + "00" * 8, SCRIPTS),
        ("04DC010C08" + "00" * 8, SCRIPTS),
        ("00DA9F5801FF", SCRIPTS),
        ("80DA9F5801FF", SCRIPTS),
        ("80D0000000", SCRIPTS),
        ("00D6000001FF", SCRIPTS),
        ("00E2000001FF", SCRIPTS),
        ("00E4000000", SCRIPTS),
        ("002C0080", SCRIPTS),
        ("84B2010C00", SCRIPTS),
        ("08A4040000", SCRIPTS),
        ("FFCA000000", SCRIPTS),
        ("", SCRIPTS),
        ("00A404", SCRIPTS),
    ],
)
def test_what_a_command_needs(command, needs):
    assert permission(bytes.fromhex(command)) == needs


VERIFY, TC_REQUEST, SCRIPT = (bytes.fromhex(text) for text in ("0020008001FF", "80AE400000", "84240000"))


def test_what_is_held_back_never_reaches_the_card():
    heard: list[bytes] = []
    inner = card(answer=lambda apdu: heard.append(apdu) or b"\x90\x00")
    link = CarefulLink(inner)
    link.power_on()
    for apdu, word in ((VERIFY, "--allow pin"), (TC_REQUEST, "--allow tc"), (SCRIPT, "--allow scripts")):
        with pytest.raises(NotAllowed, match="was not sent") as refusal:
            link.transmit(apdu)
        assert word in refusal.value.hint
    assert heard == []
    assert link.transmit(bytes.fromhex("00B2010C00")) == b"\x90\x00"


@pytest.mark.parametrize(("allowed", "apdu"), [(PIN, VERIFY), (TC, TC_REQUEST), (SCRIPTS, SCRIPT)])
def test_one_permission_lets_one_kind_through(allowed, apdu):
    link = CarefulLink(card(answer=lambda apdu: b"\x90\x00"), [allowed])
    link.power_on()
    assert link.transmit(apdu) == b"\x90\x00"
    for other in {VERIFY, TC_REQUEST, SCRIPT} - {apdu}:
        with pytest.raises(NotAllowed):
            link.transmit(other)


def test_it_is_a_card_link_with_everything_else_of_the_one_below():
    inner = card()
    link = CarefulLink(inner)
    assert isinstance(link, CardLink)
    assert link.present
    assert link.wait(True, 0)
    link.take_away()
    assert not link.present
    with link:
        link.power_off()


def test_permissions_that_there_are_not():
    with pytest.raises(ValueError, match="no such permission: murder"):
        CarefulLink(card(), ["murder"])
