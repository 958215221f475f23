"""The bits of a stripe: the computed example of card-hardware.md D.1, and both ways through a reader."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.track_bits import CLOCKING_ZEROS, decode, encode, lrc, pack, unpack
from countertop.emv.tracks import TrackError

EXAMPLE = ";4111111111111111=30122011234?"
EXAMPLE_1 = "%B4111111111111111^PUBLIC/JANE^30122011234?"
ZEROS = st.integers(0, 70)
BITS = st.lists(st.integers(0, 1), max_size=900).map(bytes)
CHARACTERS_1 = "".join(chr(code) for code in range(0x20, 0x60) if chr(code) not in "%?")
# What begins with a letter, as a format code is, reads one way only.
TEXTS_1 = st.builds("%{}{}?".format, st.sampled_from(string.ascii_uppercase), st.text(CHARACTERS_1, max_size=75))
TEXTS_2 = st.builds(";{}?".format, st.text("0123456789:<=>", max_size=37))
TEXTS_3 = st.builds(";{}?".format, st.text("0123456789:<=>", max_size=104))
TEXTS = st.one_of(
    TEXTS_1.map(lambda text: (text, 1)), TEXTS_2.map(lambda text: (text, 2)), TEXTS_3.map(lambda text: (text, 3))
)


def bits(text: str) -> bytes:
    """Bits from a string of 0 and 1, spaces aside."""
    return bytes(int(digit) for digit in text.replace(" ", ""))


def test_the_computed_example() -> None:
    assert lrc(EXAMPLE, 2) == ";"
    written = encode(EXAMPLE, 2, leading=3, trailing=2)
    assert len(written) == 3 + 5 * (len(EXAMPLE) + 1) + 2
    # ";" is 0B and "4" is 04, least significant bit first, odd parity; "?" is 0F.
    assert written[:18] == bits("000 11010 00100 10000")
    assert written[-12:] == bits("11111 11010 00")
    assert decode(written, 2) == EXAMPLE


def test_a_character_of_track_1_has_seven_bits() -> None:
    # ISO/IEC 7811: "%" is 05, "?" is 1F, counted from the space.  Their LRC is 1A, ":".
    assert lrc("%?", 1) == ":"
    assert encode("%?", 1, leading=0, trailing=0) == bits("1010001 1111100 0101100")


def test_zeros_on_either_side_by_default() -> None:
    written = encode(EXAMPLE, 2)
    assert written == bytes(CLOCKING_ZEROS) + encode(EXAMPLE, 2, leading=0, trailing=0) + bytes(CLOCKING_ZEROS)


@given(TEXTS, ZEROS, ZEROS)
def test_a_swipe_is_read_either_way(text_and_track: tuple[str, int], leading: int, trailing: int) -> None:
    text, track = text_and_track
    written = encode(text, track, leading=leading, trailing=trailing)
    assert decode(written, track) == text
    assert decode(written[::-1], track) == text


@given(TEXTS)
def test_every_bit_column_is_even_and_every_character_odd(text_and_track: tuple[str, int]) -> None:
    text, track = text_and_track
    size = 7 if track == 1 else 5
    written = encode(text, track, leading=0, trailing=0)
    characters = [written[at : at + size] for at in range(0, len(written), size)]
    assert all(sum(character) % 2 == 1 for character in characters)
    assert all(sum(column) % 2 == 0 for column in list(zip(*characters, strict=True))[:-1])


@pytest.mark.parametrize(("text", "track"), [(EXAMPLE, 2), (EXAMPLE_1, 1), (";014111111111111111=724=0?", 3)])
def test_every_flipped_bit_of_an_example_is_noticed(text: str, track: int) -> None:
    written = encode(text, track)
    for at in range(len(written)):
        damaged = bytearray(written)
        damaged[at] ^= 1
        for swipe in (bytes(damaged), bytes(damaged[::-1])):
            with pytest.raises(TrackError, match=r"parity|LRC|sentinel|more than 79"):
                decode(swipe, track)


@given(TEXTS_2, st.data())
def test_a_flipped_bit_of_track_2_is_noticed(text: str, data: st.DataObject) -> None:
    written = bytearray(encode(text, 2))
    written[data.draw(st.integers(0, len(written) - 1))] ^= 1
    for swipe in (bytes(written), bytes(written[::-1])):
        with pytest.raises(TrackError):
            decode(swipe, 2)


@given(TEXTS_2, st.data())
def test_a_track_that_is_cut_off_is_noticed(text: str, data: st.DataObject) -> None:
    # Zeros at the end of the LRC can be cut off: where nothing is written, there are zeros.
    written = encode(text, 2, leading=0, trailing=0).rstrip(b"\0")
    kept = data.draw(st.integers(0, len(written) - 1))
    with pytest.raises(TrackError):
        decode(written[:kept], 2)


@pytest.mark.parametrize(
    ("signal", "why"),
    [
        ("", "nothing on the track"),
        ("0000000", "nothing on the track"),
        ("00 10000 11111", "no start sentinel"),
        ("00 11010 00100 10000 00", "no end sentinel"),
        ("00 11010 00100 10001 11111", "parity of character 3 is wrong"),
        ("00 11010 00100 11111 00", "there is no LRC"),
        ("00 11010 00100 11111 00011 00", "parity of the LRC is wrong"),
        ("00 11010 00100 11111 10000 00", "LRC is wrong"),
        ("00 11010 11111 00100 00", None),
        ("00 11010 11111 00100 00 1 00", "more than zeros behind the LRC"),
        ("11010" + "10000" * 60, "more than 40 characters"),
        ("11010" + "10000" * 38 + "11111" + "00100", "more than 40 characters"),
        # Backwards the LRC looks like a start sentinel; the way that was given is the one spoken of.
        ("00 11010 00100 10001 11111 01011 00", "parity of character 3 is wrong"),
    ],
)
def test_what_is_wrong_is_said(signal: str, why: str | None) -> None:
    if why is None:
        assert decode(bits(signal), 2) == ";?"
        return
    with pytest.raises(TrackError, match=why):
        decode(bits(signal), 2)


def test_what_is_wrong_is_said_of_a_card_swiped_backwards() -> None:
    with pytest.raises(TrackError, match="parity of character 3 is wrong"):
        decode(bits("00 11010 00100 10001 11111 00")[::-1], 2)


@given(BITS, st.integers(1, 3))
def test_any_bits_are_refused_or_a_text(signal: bytes, track: int) -> None:
    start = encode("%?" if track == 1 else ";?", track, leading=0, trailing=0)[: 7 if track == 1 else 5]
    for swipe in (signal, start + signal):
        try:
            text = decode(swipe, track)
        except TrackError:
            continue
        assert encode(text, track, leading=0, trailing=0).strip(b"\0") in (swipe.strip(b"\0"), swipe[::-1].strip(b"\0"))


@given(st.binary(), st.integers(-1, 5))
def test_any_bytes_are_refused_or_a_text(data: bytes, track: int) -> None:
    for signal in (data, unpack(data)):
        with contextlib.suppress(TrackError):
            assert decode(signal, track).endswith("?")


@given(st.text() | st.text("%;?B0123", max_size=120), st.integers(-1, 5))
def test_any_text_is_refused_or_comes_back(text: str, track: int) -> None:
    try:
        written = encode(text, track)
    except TrackError:
        return
    assert decode(written, track) == text


@pytest.mark.parametrize(
    ("text", "track", "why"),
    [
        ("", 2, "start sentinel"),
        ("4111?", 2, "start sentinel"),
        ("%4111?", 2, "start sentinel"),
        (";4111", 2, "end sentinel"),
        (";41?11?", 2, "end sentinel"),
        (";41A1?", 2, "character"),
        ("%b?", 1, "character"),
        (f";{'1' * 38}?", 2, "more than 40"),
        (f"%{'1' * 77}?", 1, "more than 79"),
        (f";{'1' * 105}?", 3, "more than 107"),
        (EXAMPLE, 0, "tracks 1, 2 and 3"),
        (EXAMPLE, 4, "tracks 1, 2 and 3"),
    ],
)
def test_what_cannot_be_written(text: str, track: int, why: str) -> None:
    with pytest.raises(TrackError, match=why) as caught:
        encode(text, track)
    assert "41" not in str(caught.value)


def test_full_tracks_fit() -> None:
    for text, track, width, longest in (
        (f"%{'1' * 76}?", 1, 7, 79),
        (f";{'1' * 37}?", 2, 5, 40),
        (f";{'1' * 104}?", 3, 5, 107),
    ):
        written = encode(text, track, leading=0, trailing=0)
        assert len(written) == width * longest
        assert decode(written, track) == text


@given(BITS)
def test_packed_bits_come_back(signal: bytes) -> None:
    packed = pack(signal)
    assert len(packed) == (len(signal) + 7) // 8
    assert unpack(packed) == signal + bytes(-len(signal) % 8)


def test_the_first_bit_is_the_most_significant() -> None:
    assert pack(bits("10000001 11")) == b"\x81\xc0"
    assert unpack(b"\x81\xc0") == bits("10000001 11000000")
    assert decode(unpack(pack(encode(EXAMPLE, 2))), 2) == EXAMPLE


@given(st.binary(min_size=1).filter(lambda data: max(data) > 1))
def test_what_is_no_bit_is_refused(data: bytes) -> None:
    for read in (pack, lambda signal: decode(signal, 2)):
        with pytest.raises(TrackError, match="neither 0 nor 1"):
            read(data)
