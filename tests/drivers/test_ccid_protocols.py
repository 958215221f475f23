"""T=0 and T=1 between our host and a card's end: chains, more time, lost and spoilt blocks, cards that lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usb_bench import T1_ATR, card, echo, link_to

from countertop_drivers import CardMute, DriverError, ProtocolError
from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.ccid.descriptor import Level
from countertop_drivers.ccid.t0 import complete, over_t0, tpdu_by_characters
from countertop_drivers.ccid.t1 import T1
from countertop_drivers.ccid.t1_blocks import Block, information
from countertop_drivers.virtual.ccid import PLAIN, VirtualCcid
from countertop_drivers.virtual.contacts_t0 import T0Card
from countertop_drivers.virtual.contacts_t1 import T1Card

BIG = bytes.fromhex("80A8 0100 C8".replace(" ", "")) + bytes(range(200)) + b"\0"
BIG_ANSWER = (bytes(range(200)) + bytes(range(256)))[:256] + b"\x90\x00"


def powered(answer=echo):
    one = card(T1_ATR, answer)
    one.power_on()
    return one


def engine(spoil=None, **options):
    chip = T1Card(
        powered(), ifsc=options.pop("ifsc", 32), spoil=spoil, wtx=options.pop("wtx", 0), crc=options.get("crc", False)
    )
    return T1(lambda data, waiting: chip.block(data), ifsc=32, **options)


def test_long_commands_and_answers_are_chained_both_ways():
    for crc in (False, True):
        t1 = engine(crc=crc)
        assert t1.transmit(BIG) == BIG_ANSWER
        t1.announce(254)
        assert t1.transmit(BIG) == BIG_ANSWER


def test_more_time_is_granted_for_the_next_block_only():
    chip = T1Card(powered(), wtx=2)
    granted = []

    def swap(data, waiting):
        granted.append(waiting)
        return chip.block(data)

    assert T1(swap).transmit(bytes.fromhex("80A8000400")) == bytes.fromhex("000102039000")
    assert granted == [0, 2, 2]


@pytest.mark.parametrize("place", range(18))
@pytest.mark.parametrize("trouble", ["lost", "bit", "cut", "long", "noise"])
def test_one_spoilt_block_anywhere_costs_nothing_but_time(place, trouble):
    def spoil(number, block):
        if number != place:
            return block
        return {
            "lost": b"",
            "bit": block[:-1] + bytes((block[-1] ^ 1,)),
            "cut": block[:-1],
            "long": block + b"\0",
            "noise": b"\xff" * 5,
        }[trouble]

    t1 = engine(spoil, wtx=1)
    assert t1.transmit(BIG) == BIG_ANSWER
    assert t1.transmit(BIG) == BIG_ANSWER


def test_two_spoilt_blocks_in_a_row():
    def spoil(number, block):
        return b"" if number % 7 in (3, 4) else block

    assert engine(spoil).transmit(BIG) == BIG_ANSWER


def test_a_card_that_is_lost_is_resynchronised():
    spoilt = [0]

    def spoil(number, block):
        # Four errors in a row: out of step.  The answer to S(RESYNCH) and all that follows comes through.
        spoilt[0] += 1
        return b"" if spoilt[0] <= 4 else block

    short = bytes.fromhex("80A8000400")
    assert engine(spoil).transmit(short) == bytes.fromhex("000102039000")
    spoilt[0] = 0
    with pytest.raises(CardMute, match="does not keep to T=1"):
        engine(spoil, resynchronise=False).transmit(short)
    with pytest.raises(CardMute, match="S\\(RESYNCH\\)"):
        T1(lambda data, waiting: b"").transmit(short)


def test_the_bytes_of_a_resynchronisation():
    seen = []
    answers = iter([b"", b"", b"", b"", Block(0xE0).encode(), information(0, b"\x90\x00").encode()])

    def swap(data, waiting):
        seen.append(data.hex())
        return next(answers)

    assert T1(swap).transmit(b"\0\1\2\3") == b"\x90\x00"
    assert seen == ["0000040001020304"] + ["00810081"] * 3 + ["00c000c0", "0000040001020304"]


def test_a_card_may_ask_for_smaller_blocks_in_between():
    chip = T1Card(powered(), ifsc=254)
    asked = []

    def swap(data, waiting):
        if not asked:
            asked.append(data)
            return Block(0xC1, b"\x10").encode()
        if data == Block(0xE1, b"\x10").encode():
            return chip.block(asked[0])
        assert len(data) <= 20
        return chip.block(data)

    assert T1(swap, ifsc=100).transmit(BIG) == BIG_ANSWER


def test_cards_that_never_end():
    with pytest.raises(CardMute, match="more time without an end"):
        T1(lambda data, waiting: Block(0xC3, b"\x01").encode()).transmit(b"\0\1\2\3")
    turn = [1]

    def endless(data, waiting):
        turn[0] ^= 1
        return information(turn[0], bytes(254), more=True).encode()

    with pytest.raises(ProtocolError, match="more than any response"):
        T1(endless).transmit(b"\0\1\2\3")


@given(
    st.lists(
        st.binary(max_size=12)
        | st.builds(lambda pcb, inf: Block(pcb, inf).encode(), st.integers(0, 255), st.binary(max_size=5)),
        max_size=30,
    )
)
def test_any_blocks_at_all(blocks):
    came = iter(blocks)
    t1 = T1(lambda data, waiting: next(came, b""))
    for _ in range(2):
        try:
            t1.transmit(BIG)
        except DriverError:
            continue


def test_the_tpdus_of_t0():
    seen = []

    def answering(*answers):
        said = iter(bytes.fromhex(text) for text in answers)

        def send(tpdu):
            seen.append(tpdu.hex().upper())
            return next(said)

        return send

    case4 = bytes.fromhex("00A4040002112200")
    assert over_t0(case4, answering("6104", "010203049000")).hex() == "010203049000"
    assert over_t0(bytes.fromhex("00B2010C00"), answering("6C02", "01029000")).hex() == "01029000"
    assert over_t0(case4, answering("6102", "01026101", "039000")).hex() == "0102039000"
    assert over_t0(case4, answering("6283", "6C03", "0102039000")).hex() == "0102036283"
    assert over_t0(bytes.fromhex("00200080021122"), answering("63C2")).hex() == "63c2"
    assert over_t0(bytes.fromhex("00A40400"), answering("9000")).hex() == "9000"
    assert seen == [
        "00A40400021122", "00C0000004", "00B2010C00", "00B2010C02", "00A40400021122", "00C0000002", "00C0000001",
        "00A40400021122", "00C0000000", "00C0000003", "00200080021122", "00A4040000",
    ]  # fmt: skip


def test_a_command_is_not_run_twice_for_its_length():
    runs = []

    def counted(apdu):
        runs.append(apdu)
        return echo(apdu)

    chip = T0Card(powered(counted))
    assert over_t0(bytes.fromhex("8084000800"), chip.tpdu) == bytes(range(8)) + b"\x90\x00"
    assert len(runs) == 1


def test_extended_commands_travel_in_envelopes():
    seen = []

    def send(tpdu):
        seen.append(tpdu)
        return b"\x90\x00"

    apdu = bytes.fromhex("80A8000000012C") + bytes(300)
    assert over_t0(apdu, send) == b"\x90\x00"
    assert b"".join(tpdu[5:] for tpdu in seen) == apdu
    assert [tpdu[:5].hex() for tpdu in seen] == ["00c20000ff", "00c2000034"]


@given(st.lists(st.binary(max_size=6), max_size=40), st.sampled_from(["00A4040002112200", "00B2010C00", "00A40400"]))
def test_any_answers_over_t0(answers, apdu):
    came = iter(answers)
    for run in (
        lambda: over_t0(bytes.fromhex(apdu), lambda tpdu: next(came, b"\x61\x01")),
        lambda: tpdu_by_characters(
            bytes.fromhex(apdu), lambda data, expected: next(came, b"\x60")[:expected] or b"\x6f"
        ),
        lambda: complete(Apdu.parse(bytes.fromhex(apdu)), b"\x61\x00", lambda tpdu: next(came, b"\x6c\x01")),
    ):
        try:
            run()
        except DriverError as error:
            assert str(error)


def test_extended_apdus_where_the_reader_takes_them():
    device = VirtualCcid(card(), level=Level.EXTENDED_APDU)
    with link_to(device) as link:
        link.power_on()
        apdu = bytes.fromhex("80A80BB800 03E8".replace(" ", "")) + bytes(1000) + b"\0\0"
        assert link.transmit(apdu) == (bytes(1000) + bytes(range(256)) * 12)[:3000] + b"\x90\x00"
    with link_to(VirtualCcid(card())) as link:
        link.power_on()
        with pytest.raises(DriverError, match="no short APDU"):
            link.transmit(apdu)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_bad_line_ends_in_the_answer_or_in_an_error(data):
    level = data.draw(st.sampled_from([Level.TPDU, Level.CHARACTER]))
    bad = data.draw(st.sets(st.integers(0, 40), max_size=12))

    def spoil(number, block):
        return block[:-1] + bytes((block[-1] ^ 0x10,)) if number in bad else block

    device = VirtualCcid(card(T1_ATR), level=level, features=PLAIN, t1={"spoil": spoil})
    with link_to(device) as link:
        for _ in range(4):
            try:
                link.power_on()
                assert link.transmit(BIG) == BIG_ANSWER
            except CardMute:
                continue
