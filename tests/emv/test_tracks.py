"""What stripes say: layouts, limits and service codes of card-hardware.md D.1 (ISO/IEC 7813), tag 57 of EMV Book 3."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.tracks import ServiceCode, Track1, Track2, Track3, TrackError

PAN, SECRET = "4111111111111111", "98765"
NAME_CHARACTERS = "".join(chr(code) for code in range(0x20, 0x60) if chr(code) not in "%^?")


def digits(shortest: int, longest: int | None = None) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=shortest, max_size=shortest if longest is None else longest)


PANS = digits(12, 19)
EXPIRIES = st.just("") | st.builds("{:02d}{:02d}".format, st.integers(0, 99), st.integers(1, 12))
SERVICE_CODES = st.just("") | digits(3)
TRACKS_1 = st.builds(
    Track1,
    PANS,
    st.text(NAME_CHARACTERS, min_size=2, max_size=26),
    EXPIRIES,
    SERVICE_CODES,
    st.text(NAME_CHARACTERS, max_size=20),
    st.sampled_from(string.ascii_uppercase),
)
TRACKS_2 = st.builds(Track2, PANS, EXPIRIES, SERVICE_CODES, digits(0, 10))
TRACKS_3 = st.builds(Track3, digits(2), PANS, st.text(string.digits + ":<=>", max_size=82))
HOSTILE = st.text() | st.text("%;?=^B0123456789", max_size=120)


def test_the_layout_of_track_1() -> None:
    track = Track1.parse("%B4111111111111111^PUBLIC/JANE Q.DR^30122011234?")
    assert track == Track1(PAN, "PUBLIC/JANE Q.DR", "3012", "201", "1234")
    assert track.format_code == "B"


def test_the_layout_of_track_2() -> None:
    track = Track2.parse(";4111111111111111=30122011234?")
    assert track == Track2(PAN, "3012", "201", "1234")
    assert track.equivalent == bytes.fromhex("4111111111111111D30122011234")


def test_the_layout_of_track_3() -> None:
    assert Track3.parse(";014111111111111111=724=0=1?") == Track3("01", PAN, "724=0=1")


def test_a_chips_copy_of_track_2() -> None:
    # card-hardware.md G.9, the track of its CVC3 vector.
    data = bytes.fromhex("5123456789012345D35121010000000000000F")
    assert Track2.from_equivalent(data) == Track2("5123456789012345", "3512", "101", "0000000000000")


@given(TRACKS_1)
def test_track_1_is_read_as_written(track: Track1) -> None:
    assert Track1.parse(track.text) == track
    assert Track1.parse(track.text[1:-1]) == track


@given(TRACKS_2)
def test_track_2_is_read_as_written(track: Track2) -> None:
    assert Track2.parse(track.text) == track
    assert Track2.parse(track.text[1:-1]) == track
    assert Track2.from_equivalent(track.equivalent) == track


@given(TRACKS_3)
def test_track_3_is_read_as_written(track: Track3) -> None:
    assert Track3.parse(track.text) == track
    assert Track3.parse(track.text[1:-1]) == track


@pytest.mark.parametrize(
    ("dates", "expiry", "service_code"),
    [("3012201", "3012", "201"), ("=201", "", "201"), ("3012=", "3012", ""), ("==", "", "")],
)
def test_a_separator_stands_for_a_missing_date_or_code(dates: str, expiry: str, service_code: str) -> None:
    assert Track2.parse(f";{PAN}={dates}77?") == Track2(PAN, expiry, service_code, "77")
    assert Track2.from_equivalent(bytes.fromhex(f"{PAN}D{dates}77{'F' * (len(dates) % 2 == 0)}".replace("=", "D")))
    dates = dates.replace("=", "^")
    assert Track1.parse(f"%B{PAN}^A/B^{dates}77?") == Track1(PAN, "A/B", expiry, service_code, "77")


@given(HOSTILE)
def test_hostile_text_is_refused_or_a_track(text: str) -> None:
    for kind in (Track1, Track2, Track3):
        try:
            track = kind.parse(text)
        except TrackError:
            continue
        assert text in (track.text, track.text[1:-1])


@given(st.binary(max_size=24) | st.binary(max_size=9).map(bytes.fromhex(PAN + "D3012201").__add__))
def test_hostile_bytes_are_refused_or_a_chips_track(data: bytes) -> None:
    try:
        track = Track2.from_equivalent(data)
    except TrackError:
        return
    assert track.equivalent == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "FF",
        "4111111111111111",
        "4111111111111111D3012",
        "4111111111111111D3012201F".ljust(26, "F"),
        "4111111111111111D30122011F34",
        "4111111111111111D3012201A1FF",
        "411111111111111AD301220112",
        "F4111111111111111D3012201F",
        "4111111111111111D301220112345678901234567",
        "4111111111111111D30132011F",
        b";4111111111111111=3012201?".hex(),
    ],
)
def test_what_is_no_chips_track(data: str) -> None:
    with pytest.raises(TrackError):
        Track2.from_equivalent(bytes.fromhex(data + "0" * (len(data) % 2)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "separator"),
        ("%?", "separator"),
        (f"%B{PAN}^A/B^3012201", "end sentinel"),
        (f"B{PAN}^A/B^3012201?", "start sentinel"),
        (f"%B{PAN}^A/B3012201?", "separator"),
        (f"%b{PAN}^A/B^3012201?", "format code"),
        (f"%{PAN}^A/B^3012201?", "format code"),
        ("%B41111111111^A/B^3012201?", "12 to 19"),
        ("%B41111111111111111111^A/B^3012201?", "12 to 19"),
        (f"%B{PAN}^A^3012201?", "name"),
        (f"%B{PAN}^{'A' * 27}^3012201?", "name"),
        (f"%B{PAN}^a/b^3012201?", "name"),
        (f"%B{PAN}^A/B^301?", "expiry"),
        (f"%B{PAN}^A/B^30A2201?", "expiry"),
        (f"%B{PAN}^A/B^3013201?", "month"),
        (f"%B{PAN}^A/B^301220?", "service code"),
        (f"%B{PAN}^A/B^301220X?", "service code"),
        (f"%B{PAN}^A/B^3012201a?", "discretionary"),
        (f"%B{PAN}^A/B^30122011^2?", "discretionary"),
        (f"%B{PAN}^A/B^3012201?1?", "discretionary"),
        (f"%B{PAN}^A/B^3012201{'1' * 60}?", "room for 79"),
        ("%CASACRAMENTO^PUBLIC$JANE^1 MAIN ST?", "PAN"),
    ],
)
def test_what_is_no_track_1(text: str, why: str) -> None:
    with pytest.raises(TrackError, match=why):
        Track1.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "separator"),
        (";", "end sentinel"),
        (f";{PAN}=3012201?8", "end sentinel"),
        (f"{PAN}=3012201?", "start sentinel"),
        (f";{PAN}3012201?", "separator"),
        (";41111111111=3012201?", "12 to 19"),
        (";٤١١١١١١١١١١١١١١١=3012201?", "12 to 19"),
        (f";{PAN}=?", "expiry"),
        (f";{PAN}=3000201?", "month"),
        (f";{PAN}=301220=?", "service code"),
        (f";{PAN}=30122011=2?", "discretionary"),
        (f";{PAN}=3012201{'1' * 14}?", "room for 40"),
    ],
)
def test_what_is_no_track_2(text: str, why: str) -> None:
    with pytest.raises(TrackError, match=why):
        Track2.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "separator"),
        ("%01411111111111=1?", "start sentinel"),
        (f";01{PAN}?", "separator"),
        (f";0A{PAN}=1?", "format code"),
        (";0141111111111=1?", "12 to 19"),
        (f";01{PAN}=1A?", "track 3 has not"),
        (f";01{PAN}={'1' * 86}?", "room for 107"),
    ],
)
def test_what_is_no_track_3(text: str, why: str) -> None:
    with pytest.raises(TrackError, match=why):
        Track3.parse(text)


def test_a_full_track_fits() -> None:
    assert len(Track1.parse(f"%B{PAN}^{'A' * 26}^3012201{'1' * 24}?").text) == 78
    assert len(Track2.parse(f";{PAN}=3012201{'1' * 13}?").text) == 39
    assert len(Track3.parse(f";01{PAN}={'1' * 85}?").text) == 106
    with pytest.raises(TrackError, match="80 characters"):
        Track1(PAN, "A" * 26, "3012", "201", "1" * 25)
    with pytest.raises(TrackError, match="41 characters"):
        Track2(PAN, "3012", "201", "1" * 14)
    with pytest.raises(TrackError, match="108 characters"):
        Track3("01", PAN, "1" * 86)


def test_nothing_shows_what_is_secret() -> None:
    assert repr(Track1(PAN, "A/B", "3012", "201", SECRET)) == (
        "Track1(name='A/B', expiry='3012', service_code='201', format_code='B')"
    )
    assert repr(Track2(PAN, "3012", "201", SECRET)) == "Track2(expiry='3012', service_code='201')"
    assert repr(Track3("01", PAN, SECRET)) == "Track3(format_code='01')"


@given(
    st.sampled_from([f"%B{PAN}^A/B^3012201{SECRET}?", f";{PAN}=3012201{SECRET}?", f";01{PAN}={SECRET}?"]),
    st.integers(0, 40),
    st.sampled_from(["", "?", "^", "=", ";", "x", "99", "0" * 90]),
    st.integers(0, 2),
)
def test_no_error_shows_what_is_secret(text: str, at: int, put: str, left_out: int) -> None:
    damaged = text[:at] + put + text[at + left_out :]
    for kind in (Track1, Track2, Track3):
        try:
            track = kind.parse(damaged)
        except TrackError as error:
            shown = str(error)
            assert error.__cause__ is None
            assert error.__context__ is None
        else:
            shown = repr(track)
        # Four digits of it can come to stand where an expiry does.
        assert "11111" not in shown
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("digits", "international", "has_chip", "online_only", "pin", "goods", "words"),
    [
        ("101", True, False, False, "none", True, "international; normal authorization; no restrictions"),
        ("201", True, True, False, "none", True, "international, has a chip; normal authorization; no restrictions"),
        ("220", True, True, True, "required", True, "international, has a chip; authorization by the issuer; no restrictions, PIN required"),
        ("221", True, True, True, "none", True, "international, has a chip; authorization by the issuer; no restrictions"),
        ("226", True, True, True, "prompt", True, "international, has a chip; authorization by the issuer; no restrictions, PIN where there is a PIN pad"),
        ("601", False, True, False, "none", True, "national, has a chip; normal authorization; no restrictions"),
        ("620", False, True, True, "required", True, "national, has a chip; authorization by the issuer; no restrictions, PIN required"),
        ("543", False, False, True, "required", False, "national; authorization by the issuer unless agreed otherwise; ATM only, PIN required"),
        ("704", False, False, False, "none", False, "private; normal authorization; cash only"),
        ("905", False, False, False, "required", True, "test; normal authorization; goods and services only, PIN required"),
        ("102", True, False, False, "none", True, "international; normal authorization; goods and services only"),
        ("107", True, False, False, "prompt", True, "international; normal authorization; goods and services only, PIN where there is a PIN pad"),
    ],
)  # fmt: skip
def test_what_service_codes_mean(
    digits: str, international: bool, has_chip: bool, online_only: bool, pin: str, goods: bool, words: str
) -> None:
    code = ServiceCode.parse(digits)
    assert (code.international, code.has_chip, code.online_only) == (international, has_chip, online_only)
    assert (code.pin, code.goods, code.words) == (pin, goods, words)


@pytest.mark.parametrize(
    "text", ["", "20", "2011", "20x", "٢٠١", "001", "301", "401", "801", "211", "231", "299", "208", "999"]
)
def test_what_is_no_service_code(text: str) -> None:
    with pytest.raises(TrackError):
        ServiceCode.parse(text)


@given(st.text(max_size=5) | digits(3))
def test_service_codes_have_words_or_are_refused(text: str) -> None:
    try:
        code = ServiceCode.parse(text)
    except TrackError:
        return
    assert code.digits == text
    assert code.words.count(";") == 2
