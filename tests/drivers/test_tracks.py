"""Tracks as text and as bits, against the manual's examples and against the emulator's own codec."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv import track_bits as other
from countertop_drivers import BadAddress, ProtocolError
from countertop_drivers.track_bits import decode, encode, mirrored, pack, unpack
from countertop_drivers.tracks import ALPHABETIC, LONGEST, NUMERIC, CardData, framed, inner

TRACK_1 = b"B4111111111111111^DOE/JANE^30122011234"
TRACK_2 = b"4111111111111111=30122011234"
ALPHA_TEXT = st.text([chr(one) for one in range(0x20, 0x60) if one not in b"?"], max_size=76).map(str.encode)
DIGIT_TEXT = st.text([chr(one) for one in range(0x30, 0x3F)], max_size=37).map(str.encode)
TEXTS = st.one_of(
    st.tuples(st.just(1), ALPHA_TEXT),
    st.tuples(st.just(2), DIGIT_TEXT),
    st.tuples(st.just(3), DIGIT_TEXT),
    st.tuples(st.just(3), ALPHA_TEXT),
)


def test_the_lrc_of_the_example() -> None:
    assert NUMERIC.lrc(b";4111111111111111=30122011234?") == b";"


def test_the_bits_of_the_manual() -> None:
    """The MSR605 programmer's manual, section 9, gives these for %ABC123? and ;12345? (low bit of each byte first)."""
    assert mirrored(encode(b"ABC123", 1, leading=0, trailing=0)) == bytes.fromhex("C5B07814954E3E2A")
    assert mirrored(encode(b"12345", 2, leading=0, trailing=0)) == bytes.fromhex("2B8849EAAF")
    assert decode(mirrored(bytes.fromhex("C5B07814954E3E2A")), 1) == b"ABC123"
    assert decode(mirrored(bytes.fromhex("2B8849EAAF")), 2) == b"12345"


@given(TEXTS, st.integers(0, 90), st.integers(0, 90), st.booleans())
def test_there_and_back_whichever_way(case: tuple[int, bytes], leading: int, trailing: int, backwards: bool) -> None:
    track, text = case
    raw = encode(text, track, leading=leading, trailing=trailing)
    if backwards:
        raw = pack(unpack(raw)[::-1])
    # A track of letters without a format code, or of letters on track 3, may be readable both ways: then as it lies.
    if not backwards or track == 2:
        assert decode(raw, track) == text


@given(st.text("0123456789", min_size=8, max_size=19), st.sampled_from(["", "3012"]), st.sampled_from(["", "201"]))
def test_bank_cards_pulled_backwards(pan: str, expiry: str, code: str) -> None:
    card = CardData(pan, expiry, code, "12", "DOE/JANE")
    for track in (1, 2):
        backwards = pack(unpack(encode(card.text(track), track))[::-1])
        assert decode(backwards, track) == card.text(track)


@given(TEXTS)
def test_the_emulators_codec_agrees(case: tuple[int, bytes]) -> None:
    track, text = case
    if track == 3 and not NUMERIC.has(text):
        return  # it knows digits on track 3 only
    raw = encode(text, track, leading=9, trailing=5)
    assert other.decode(other.unpack(raw), track).encode() == framed(text, track)
    assert other.pack(other.encode(framed(text, track).decode(), track, leading=9, trailing=5)) == raw


@given(DIGIT_TEXT, st.data())
def test_one_wrong_bit_is_seen(text: bytes, data: st.DataObject) -> None:
    bits = list(unpack(encode(text, 2, leading=0, trailing=0)).rstrip("0"))
    at = data.draw(st.integers(0, len(bits) - 1))
    bits[at] = "10"[int(bits[at])]
    with pytest.raises(ProtocolError, match=r"[Tt]rack 2"):
        decode(pack("".join(bits)), 2)


@given(st.binary(max_size=600), st.sampled_from([1, 2, 3]))
def test_any_bits_are_a_track_or_an_error(raw: bytes, track: int) -> None:
    try:
        text = decode(raw, track)
    except ProtocolError as error:
        assert f"rack {track}" in str(error)
    else:
        assert inner(framed(text, track), track) == text


@pytest.mark.parametrize(
    ("bits", "problem"),
    [
        ("", "nothing on track 2"),
        ("000", "nothing on track 2"),
        ("11111", "no start sentinel"),
        ("11010" + "10001", "parity of character 2"),
        ("11010" + "00001", "ends before character 3"),
        ("11010" + "11111", "ends before its LRC"),
        ("11010" + "11111" + "10000", "LRC is wrong"),
        ("11010" + "00001" * 39, "no end sentinel in its first 39"),
    ],
)
def test_what_is_wrong_and_where(bits: str, problem: str) -> None:
    with pytest.raises(ProtocolError, match=problem):
        decode(pack(bits), 2)


def test_something_behind_the_lrc() -> None:
    bits = unpack(encode(b"1", 2, leading=0, trailing=0)).rstrip("0")
    with pytest.raises(ProtocolError, match="follows its LRC"):
        decode(pack(bits + "0001"), 2)
    with pytest.raises(ProtocolError, match="more than fit"):
        decode(bytes(513), 2)


@pytest.mark.parametrize(
    ("text", "track", "body"),
    [
        (b";123?", 2, b"123"),
        (b"123", 2, b"123"),
        (b"", 1, b""),
        (b";?", 2, b""),
        (b";?" + NUMERIC.lrc(b";?"), 2, b""),
        (b"%A?" + ALPHABETIC.lrc(b"%A?"), 1, b"A"),
        (b"%AB?", 3, b"AB"),
        (b";12?", 3, b"12"),
    ],
)
def test_sentinels_come_off(text: bytes, track: int, body: bytes) -> None:
    assert inner(text, track) == body


@pytest.mark.parametrize(
    ("text", "track", "problem"),
    [
        (b";123", 2, "Track 2 has no end sentinel"),
        (b"123?", 2, r"Track 2: character 4 \(3F\)"),
        (b";12A?", 2, r"Track 2: character 4 \(41\)"),
        (b"%a?", 1, r"Track 1: character 2 \(61\)"),
        (b";12?0", 2, "Track 2: its LRC is wrong"),
        (b";12?00", 2, "Track 2: 2 characters follow"),
        (b"1" * 38, 2, "room for 37 characters, not for 38"),
        (b";" + b"1" * 38 + b"?", 2, "38 characters, more than"),
    ],
)
def test_texts_that_are_no_tracks(text: bytes, track: int, problem: str) -> None:
    with pytest.raises(ProtocolError, match=problem):
        inner(text, track)


def test_there_are_three_tracks() -> None:
    for track in (0, 4):
        with pytest.raises(BadAddress, match="no track"):
            framed(b"1", track)
    for track, longest in enumerate(LONGEST, 1):
        assert decode(encode(b"1" * (longest - 3), track), track) == b"1" * (longest - 3)


def test_fields() -> None:
    card = CardData.parse(b"%" + TRACK_1 + b"?", 1)
    assert card == CardData("4111111111111111", "3012", "201", "1234", "DOE/JANE")
    assert card.text(1) == TRACK_1
    assert card.text(2) == TRACK_2
    assert CardData.parse(TRACK_2, 2) == CardData("4111111111111111", "3012", "201", "1234")
    assert "4111" not in repr(card)
    assert "1234" not in repr(card)


def test_fields_that_are_missing() -> None:
    card = CardData.parse(b"4111111111111111===77", 2)
    assert (card.expiry, card.service_code, card.discretionary) == ("", "", "77")
    assert CardData.parse(b"4111111111111111==20177", 2).text(2) == b"4111111111111111==20177"
    assert CardData.parse(b"B3782 822463 10005^DOE^3012201", 1).pan == "378282246310005"


@pytest.mark.parametrize(
    ("text", "track", "problem"),
    [
        (b"4111111111111111", 2, "no separator"),
        (b"B4111111111111111^DOE", 1, "no separators"),
        (b"4111111=3012201", 2, "PAN"),
        (b"41111111=301", 2, "Track 2 ends before the end of its expiry"),
        (b"41111111=301220", 2, "Track 2 ends before the end of its service code"),
        (b"41111111=30:2201", 2, "expiry"),
        (b"41111111=301220:", 2, "service code"),
        (b"441111111^A^3012201", 1, "format code"),
        (b"B41111111^" + b"A" * 27 + b"^3012201", 1, "name"),
    ],
)
def test_stripes_of_other_kinds(text: bytes, track: int, problem: str) -> None:
    with pytest.raises(ProtocolError, match=problem) as refusal:
        CardData.parse(text, track)
    assert "4111" not in str(refusal.value)
    with pytest.raises(BadAddress, match="no fields"):
        CardData.parse(b"123", 3)


def test_fields_that_do_not_fit() -> None:
    with pytest.raises(ProtocolError, match="room"):
        CardData("4" * 19, "3012", "201", "1" * 20).text(2)
    with pytest.raises(ProtocolError, match="ASCII"):
        CardData("4" * 19, name="MÜLLER").text(1)
    with pytest.raises(ProtocolError, match="character"):
        CardData("4" * 19, discretionary="A").text(2)
