"""The card's commands one by one, and in the wrong order (card-hardware.md A.6, A.7, E.1)."""

from __future__ import annotations

from random import Random

import pytest
from tests.cards.hands import AAC, ARQC, CDA, PSE, TC, YEAR, Hands, changed, make, said

from countertop.cards.chip import ChipState, VirtualChip, image_of
from countertop.cards.link import CardLink
from countertop.emv import tlv
from countertop.emv.apdu import Command, Response
from countertop.emv.dol import build

VISA = bytes.fromhex("A0000000031010")


@pytest.fixture
def hands() -> Hands:
    return Hands(make())


# --- power ---------------------------------------------------------------------------------------------------


def test_it_is_a_card_link_and_wants_power() -> None:
    chip = VirtualChip(image_of("visa", YEAR), pin="1234", random=Random(1).randbytes)
    assert isinstance(chip, CardLink)
    assert chip.present
    with pytest.raises(OSError, match="no power"):
        chip.transmit(b"\x00\xa4\x04\x00")
    assert chip.power_on() == chip.power_on() == chip.image.profile.atr
    chip.power_off()
    chip.power_off()
    with pytest.raises(OSError, match="no power"):
        chip.transmit(b"\x00\xa4\x04\x00")


def test_a_reset_forgets_the_transaction_and_keeps_the_counters(hands: Hands) -> None:
    hands.begin()
    hands.verify("0000")
    hands.chip.power_on()
    assert hands.generate(ARQC).sw == 0x6985
    assert hands.read(1, 1).sw == 0x6985
    assert (hands.chip.state.atc, hands.chip.state.pin_tries) == (1, 2)


def test_the_state_goes_through_a_row(hands: Hands) -> None:
    hands.begin()
    hands.verify("0000")
    hands.generate(TC)
    state = hands.chip.state
    assert state != ChipState()
    assert ChipState.from_row(state.to_row()) == state
    assert ChipState.from_row({"atc": 7, "colour": "red"}) == ChipState(atc=7)
    assert "pin" not in {name for name in state.to_row() if name != "pin_tries"}


# --- selection -----------------------------------------------------------------------------------------------


def test_the_directory_lists_the_applications() -> None:
    hands = Hands(make("visa_debit"))
    fci = hands.select(PSE)
    assert fci.ok
    assert tlv.find(fci.data, 0x84) == PSE
    sfi = tlv.find(fci.data, 0x88)
    assert sfi is not None
    found = []
    for number in (1, 2):
        record = hands.read(sfi[0], number)
        assert record.ok
        found.append((tlv.find(record.data, 0x4F), tlv.find(record.data, 0x87)))
    assert found == [(VISA, b"\x01"), (bytes.fromhex("A0000000980840"), b"\x02")]
    assert hands.read(sfi[0], 3).sw == 0x6A83
    assert hands.read(sfi[0], 0).sw == 0x6A83
    assert hands.read(2, 1).sw == 0x6A82
    assert hands.gpo().sw == 0x6985


def test_the_answer_to_select_names_the_application(hands: Hands) -> None:
    response = hands.select()
    assert response.ok
    [fci] = tlv.parse(response.data)
    assert (fci.tag, fci.find(0x84), fci.find(0x50)) == (0x6F, VISA, b"VISA CREDIT")
    assert (fci.find(0x9F12), fci.find(0x9F11), fci.find(0x5F2D)) == (b"Visa Credit", b"\x01", b"en")


def test_a_part_of_a_name_finds_one_after_the_other() -> None:
    hands = Hands(make("eftpos_au_debit"))
    part = bytes.fromhex("A000000384")
    names = [tlv.find(hands.select(part).data, 0x84), tlv.find(hands.select(part, following=True).data, 0x84)]
    assert names == [bytes.fromhex("A00000038410"), bytes.fromhex("A00000038420")]
    assert hands.select(part, following=True).sw == 0x6A82
    assert hands.select(bytes.fromhex("A000000003")).sw == 0x6A82
    assert hands.select(bytes.fromhex("A0000003")).sw == 0x6A82, "shorter than a RID"


def test_what_select_does_not_know(hands: Hands) -> None:
    assert hands.select(VISA, following=True).sw == 0x6A82, "nothing was selected first"
    assert hands.select(b"2PAY.SYS.DDF01").sw == 0x6A82
    assert hands.send(0x00, 0xA4, 0x00, 0x00, data=b"\x3f\x00").sw == 0x6A86
    assert hands.send(0x00, 0xA4, 0x04, 0x01, data=VISA).sw == 0x6A86
    assert hands.send(0x00, 0xA4, 0x04, 0x00).sw == 0x6A82


def test_a_failed_select_leaves_the_selected_application(hands: Hands) -> None:
    hands.begin()
    assert hands.select(b"2PAY.SYS.DDF01").sw == 0x6A82
    assert hands.read(2, 1).ok


# --- order ---------------------------------------------------------------------------------------------------


def test_commands_in_the_wrong_order(hands: Hands) -> None:
    assert hands.gpo().sw == 0x6985
    assert hands.read(1, 1).sw == 0x6985
    assert hands.send(0x80, 0xCA, 0x9F, 0x36, le=256).sw == 0x6985
    assert hands.send(0x00, 0x84, 0, 0, le=256).sw == 0x6985
    hands.select()
    assert hands.generate(ARQC).sw == 0x6985
    assert hands.verify("1234") == 0x6985
    assert hands.send(0x00, 0x88, 0, 0, data=bytes(4)).sw == 0x6985
    assert hands.send(0x00, 0x82, 0, 0, data=bytes(8)).sw == 0x6985
    assert hands.send(0x8C, 0x1E, 0, 0, data=bytes(8)).sw == 0x6985
    assert hands.gpo().ok
    assert hands.gpo().sw == 0x6985, "once for each SELECT"
    assert hands.send(0x8C, 0x1E, 0, 0, data=bytes(8)).sw == 0x6985, "there is no cryptogram yet"


def test_a_third_generate_ac_is_refused(hands: Hands) -> None:
    hands.begin()
    assert said(hands.generate(ARQC))[0x9F27] == b"\x80"
    assert hands.generate(ARQC, second=True).sw == 0x6985, "a second ARQC is not to be had"
    assert hands.generate(AAC, second=True).ok
    assert hands.generate(AAC, second=True).sw == 0x6985
    assert hands.generate(AAC).sw == 0x6985


@pytest.mark.parametrize("kind", [AAC, TC])
def test_after_an_offline_decision_there_is_no_second_one(hands: Hands, kind: int) -> None:
    hands.begin()
    assert said(hands.generate(kind))[0x9F27] == bytes((kind,))
    assert hands.generate(AAC, second=True).sw == 0x6985


# --- parameters and lengths ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        ("", 0x6700),
        ("00A404", 0x6700),
        ("00A4040007A00000", 0x6700),
        ("01A4040007A0000000031010", 0x6881),
        ("FFCA000000", 0x6E00),
        ("00FF0000", 0x6D00),
        ("80B2010C00", 0x6D00),
        ("00B2010D00", 0x6A86),
        ("00B2010400", 0x6A86),
        ("00B2012400", 0x6A82),
        ("00B2091400", 0x6A83),
        ("80CA9F9900", 0x6A88),
        ("80AEC00000", 0x6A86),
        ("80AE800100", 0x6A86),
        ("80AE810000", 0x6A86),
        ("80AE8000021122", 0x6700),
        ("00880001041122334400", 0x6A86),
        ("00880000021122", 0x6700),
        ("0084000100", 0x6A86),
        ("002000010824" + "FF" * 7, 0x6A86),
        ("0020008007" + "00" * 7, 0x6700),
        ("0020008008" + "1412340000000000", 0x6A80),
        ("0020008008" + "241A34FFFFFFFFFF", 0x6A80),
        ("0020008008" + "2F" + "1" * 14, 0x6A80),
        ("0020008008" + "241234FFFFFFFF00", 0x6A80),
        ("0020008808" + "00" * 8, 0x6985),
        ("00C0000000", 0x6985),
        ("0082000008" + "00" * 8, 0x6985),
    ],
)
def test_what_is_wrong_with_a_command(hands: Hands, apdu: str, sw: int) -> None:
    hands.begin()
    before = hands.chip.state
    assert Response.parse(hands.chip.transmit(bytes.fromhex(apdu))) == Response(b"", sw)
    assert hands.chip.state == before


@pytest.mark.parametrize("data", ["", "83", "8301", "8400", "83008300", "830100"])
def test_gpo_takes_what_the_pdol_asks_for(hands: Hands, data: str) -> None:
    hands.select()
    response = hands.send(0x80, 0xA8, 0, 0, data=bytes.fromhex(data), le=256)
    assert response.sw in (0x6A80, 0x6700)
    assert hands.chip.state.atc == 0
    assert hands.gpo().ok


def test_processing_options_come_in_both_formats() -> None:
    for name, tag in (("visa", 0x80), ("unionpay", 0x77)):
        hands = Hands(make(name))
        hands.select()
        [template] = tlv.parse(hands.gpo().data)
        assert template.tag == tag


# --- lengths asked for, and T=0 ------------------------------------------------------------------------------


def test_data_comes_with_and_without_le(hands: Hands) -> None:
    bare = Command(0x00, 0xA4, 0x04, 0x00, VISA).encoded
    assert hands.chip.transmit(bare) == hands.chip.transmit(bare + b"\x00")
    assert hands.chip.transmit(bare)[-2:] == b"\x90\x00"


def test_too_short_a_length_is_told_the_right_one(hands: Hands) -> None:
    hands.begin()
    record = hands.read(2, 1)
    short = hands.send(0x00, 0xB2, 1, 0x14, le=5)
    assert short == Response(b"", 0x6C00 | len(record.data))
    assert hands.send(0x00, 0xB2, 1, 0x14, le=len(record.data)) == record
    assert hands.send(0x00, 0xB2, 1, 0x14, le=65536) == record


def test_a_short_le_after_data_leaves_the_rest_to_be_fetched(hands: Hands) -> None:
    hands.begin()
    data = build(hands.application.cdol1, hands.values)
    first = hands.send(0x80, 0xAE, ARQC, 0, data=data, le=5)
    assert first.sw >> 8 == 0x61
    piece = hands.send(0x00, 0xC0, 0, 0, le=10)
    assert len(piece.data) == 10
    assert piece.sw == 0x6100 | (first.sw & 0xFF) - 10
    rest = hands.send(0x00, 0xC0, 0, 0, le=256)
    assert rest.ok
    assert tlv.parse(piece.data + rest.data)[0].tag == 0x77
    assert hands.send(0x00, 0xC0, 0, 0, le=256).sw == 0x6985
    assert hands.chip.state.atc == 1, "the command was carried out once"


def test_a_card_over_t0_has_its_answer_fetched() -> None:
    plain, slow = Hands(make()), Hands(make(tpdu=True))
    response = slow.send(0x00, 0xA4, 0x04, 0x00, data=VISA)
    assert response.sw >> 8 == 0x61
    assert slow.send(0x00, 0xC0, 0, 0, le=response.sw & 0xFF) == plain.select()
    slow.gpo()
    assert slow.send(0x80, 0xCA, 0x9F, 0x36, le=256).ok, "what carries no data is answered at once"
    waiting = slow.send(0x00, 0xA4, 0x04, 0x00, data=VISA)
    assert waiting.sw >> 8 == 0x61
    slow.read(1, 1)
    assert slow.send(0x00, 0xC0, 0, 0, le=256).sw == 0x6985, "another command in between drops it"


# --- counters ------------------------------------------------------------------------------------------------


def test_every_transaction_is_counted_once(hands: Hands) -> None:
    for expected in (1, 2, 3):
        hands.begin()
        assert hands.get(0x9F36) == expected
    assert hands.get(0x9F13) == 0
    assert hands.get(0x9F17) == 3


def test_the_last_number_blocks_the_card() -> None:
    hands = Hands(make(state=ChipState(atc=0xFFFE)))
    hands.begin()
    assert hands.get(0x9F36) == 0xFFFF
    assert said(hands.generate(AAC))[0x9F36] == b"\xff\xff"
    hands.select()
    assert hands.gpo().sw == 0x6985
    assert hands.chip.state.atc == 0xFFFF
    assert hands.select().sw == 0x6283


def test_the_log_shows_what_was_approved(hands: Hands) -> None:
    form = tlv.find(hands.select().data, 0x9F4D)
    assert form == b"\x0b\x0a"
    assert hands.read(11, 1).sw == 0x6A83
    hands.gpo()
    hands.generate(TC)
    hands.begin()
    hands.generate(AAC)
    entry = hands.read(11, 1)
    assert entry.data.hex() == "261123" + "00" + "0840" + "000000001250" + "0001"
    assert hands.read(11, 2).sw == 0x6A83
    assert tlv.find(hands.send(0x80, 0xCA, 0x9F, 0x4F, le=256).data, 0x9F4F) == bytes.fromhex(
        "9A039C015F2A029F02069F3602"
    )


def test_a_card_approves_so_many_alone_and_then_wants_its_issuer() -> None:
    hands = Hands(make(changed("visa", offline_limit=2)))
    kinds = []
    for _ in range(3):
        hands.begin()
        kinds.append(said(hands.generate(TC))[0x9F27][0])
    assert kinds == [TC, TC, ARQC]
    assert (hands.chip.state.offline_count, hands.chip.state.offline_amount) == (2, 2500)


def test_a_card_approves_so_much_alone() -> None:
    hands = Hands(make(changed("visa", offline_amount=1249)))
    hands.begin()
    assert said(hands.generate(TC))[0x9F27] == bytes((ARQC,))


def test_signed_answers_hide_the_cryptogram(hands: Hands) -> None:
    hands.begin()
    response = hands.send(0x80, 0xAE, ARQC | CDA, 0, data=build(hands.application.cdol1, hands.values), le=256)
    [template] = tlv.parse(response.data)
    assert [item.tag for item in template.children] == [0x9F27, 0x9F36, 0x9F4B, 0x9F10]


def test_an_aac_is_signed_only_for_whom_asks_for_a_signed_aac() -> None:
    for asked, tags in ((AAC | CDA, 0x9F4B), (TC | CDA, 0x9F26)):
        hands = Hands(make(faults=["application_blocked"]))
        assert hands.select().sw == 0x6283
        hands.gpo()
        response = hands.send(0x80, 0xAE, asked, 0, data=build(hands.application.cdol1, hands.values), le=256)
        assert tlv.find(response.data, tags) is not None
        assert tlv.find(response.data, 0x9F27) == b"\x00"


def test_the_same_randomness_gives_the_same_answers() -> None:
    first, second = Hands(make()), Hands(make())
    for hands in (first, second):
        hands.begin()
    assert first.generate(ARQC) == second.generate(ARQC)
