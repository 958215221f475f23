"""What a recording does not hold: card numbers, tracks, names, PINs.  And what it holds of cards that were made up."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countertop.cards import all_cards
from countertop_drivers.recording.digits import luhn
from countertop_drivers.recording.masking import Mask, readable
from countertop_drivers.recording.test_numbers import is_test_number

# Of no bank, and of no list of tests.
SOMEBODYS = "4539148803436467"
TRACK_2 = SOMEBODYS + "D30122011234567890"
TRACK_1 = b"B4539148803436467^DOE/JANE              ^30122011234567890"
OURS = "4242424242424242"


def tlv(tag: str, value: bytes | str) -> bytes:
    value = bytes.fromhex(value) if isinstance(value, str) else value
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return bytes.fromhex(tag) + length + value


def shown(*objects: bytes, mask: Mask | None = None) -> str:
    """A record with these objects, as it is written down, without its template and status."""
    response = tlv("70", b"".join(objects)) + b"\x90\x00"
    text = (mask or Mask()).response(response)
    assert len(text) == 2 * len(response)
    return text[4:-4] if text[2:4] != "81" else text[6:-4]


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """A number with a good check digit that nobody made up for tests."""
    body = draw(st.sampled_from("23456")) + draw(st.text("0123456789", min_size=11, max_size=17))
    number = next(body + digit for digit in "0123456789" if luhn(body + digit))
    assume(not is_test_number(number))
    return number


def packed(number: str) -> bytes:
    return bytes.fromhex(number + "F" * (len(number) % 2))


def assert_hidden(number: str, text: str) -> None:
    """Nowhere in hexadecimal may more be seen of a number than its first six digits and its last four."""
    middle = number[6:-4]
    spelt = number.encode("ascii").hex().upper()
    assert number not in text
    assert spelt not in text
    assert number[:6] + middle not in text
    assert middle + number[-4:] not in text
    assert spelt[:12] + spelt[12:-8] not in text


def test_a_number():
    assert shown(tlv("5A", SOMEBODYS)) == "5A08453914******6467"
    assert shown(tlv("5A", "4539148803436467012F")) == "5A0A453914*********7012F", "19 digits"
    assert shown(tlv("5A", "453914880343")) == "5A06453914**0343"
    assert shown(tlv("5A", "4539")) == "5A02****", "too short to have a middle"
    assert shown(tlv("5A", "45C9148803436467")) == "5A08" + "*" * 16, "no number at all"
    assert shown(tlv("5A", OURS)) == "5A08" + OURS


@pytest.mark.parametrize("tag", ["57", "9F6B"])
def test_a_track_2_keeps_its_expiry(tag):
    assert shown(tlv(tag, TRACK_2)).endswith("453914******6467D3012" + "*" * 13)
    assert shown(tlv(tag, OURS + "D30122011234567890")).endswith(OURS + "D30122011234567890")
    assert shown(tlv(tag, SOMEBODYS)).endswith("*" * 16), "without a separator nobody knows what is what"


def test_a_track_1_in_a_chip():
    text = readable(shown(tlv("56", TRACK_1))[4:])
    assert text == "B453914******6467^" + "*" * 22 + "^3012" + "*" * 13


@pytest.mark.parametrize("tag", ["5F20", "9F0B", "9F1F", "9F20", "5F53", "93", "9F46", "9F2D"])
def test_what_is_the_holders_or_tells_the_number(tag):
    secret = tlv(tag, bytes(range(0x41, 0x61)))
    head = secret[:-32].hex().upper()
    assert shown(secret) == head + "*" * 64, "nobody knows whose it is"
    assert shown(secret, tlv("5A", SOMEBODYS)).startswith(head + "*" * 64)
    assert shown(secret, tlv("5A", OURS)).startswith(secret.hex().upper()), "a card that was made up"
    assert "*" * 64 in shown(secret, tlv("5A", OURS), tlv("57", TRACK_2)), "unless another number is on it"


def test_a_mask_remembers_the_card_until_the_next_one():
    mask = Mask()
    certificate = tlv("9F46", bytes(range(0x41, 0x61)))
    shown(tlv("5A", OURS), mask=mask)
    assert "*" not in shown(certificate, mask=mask)
    mask.powered()
    assert "*" in shown(certificate, mask=mask)


def test_a_number_that_was_seen_is_known_again():
    mask = Mask()
    shown(tlv("57", "123456789012D30121"), mask=mask)  # no check digit, no beginning of a payment card
    assert "123456**9012" in mask.response(bytes.fromhex("C0FFEE" + "123456789012" + "9000"))
    assert "123456**9012" in shown(tlv("9F10", "06" + "123456789012" + "00"), mask=mask), "even where none belongs"
    spelt = shown(tlv("50", b"No 123456789012"), mask=mask)
    assert readable(spelt[4:]) == "No 123456**9012"


def test_all_of_a_test_card_on_demand():
    assert shown(tlv("5A", OURS), mask=Mask(mask_all=True)) == "5A08424242******4242"
    assert readable(Mask(mask_all=True).track(b"4242424242424242=30122011")) == "424242******4242=3012****"


@pytest.mark.parametrize(
    ("apdu", "seen"),
    [
        ("0020008008241234FFFFFFFFFF", "0020008008" + "*" * 16),
        ("00200088" + "40" + "AB" * 64, "0020008840" + "*" * 128),
        ("0020008000" + "0008" + "241234FFFFFFFFFF", "00200080000008" + "*" * 16),
        ("8424000208" + "11" * 8, "8424000208" + "*" * 16),
        ("84DA9F5806" + "12" * 6, "84DA9F5806" + "*" * 12),
        ("04DC010C06" + "12" * 6, "04DC010C06" + "*" * 12),
        ("8C1E000008" + "12" * 8, "8C1E000008" + "*" * 16),
        ("0CB2010C06" + "12" * 6, "0CB2010C06" + "*" * 12),
        ("FF8200000612345678901F", "FF82000006" + "1234" + "*" * 8),
        ("FF000000" + "10" + "D44001" + "0020008008241234FFFFFFFFFF", "FF00000010D440010020008008" + "*" * 16),
        ("FF000000" + "0A" + "D442" + "0200200080AABBCC", "FF0000000AD442" + "*" * 16),
        ("FFCA000000", "FFCA000000"),
        ("00B2010C00", "00B2010C00"),
        ("00A4040007A000000003101000", "00A4040007A000000003101000"),
        ("80E2", "80E2"),
        ("", ""),
    ],
)
def test_commands(apdu, seen):
    assert Mask().command(bytes.fromhex(apdu)) == seen


def test_a_command_whose_lengths_lie_hides_no_less():
    number = "0C" + SOMEBODYS
    for head in ("80CA0000" + "02", "80CA0000" + "00" + "0001", "80CA0000" + "FF"):
        assert "453914******6467" in Mask().command(bytes.fromhex(head + number))


def test_data_that_a_list_of_the_card_describes():
    """Amounts and dates are digits too; only who knows the list knows that they are no number."""
    mask = Mask()
    amounts = "000000450000" + "000000000000" + "0840" + "0000008000" + "0840" + "261123" + "00" + "12345678"
    command = bytes.fromhex("80AE80001D" + amounts + "00")
    assert "*" in mask.command(command), "nobody knows"
    shown(tlv("8C", "9F02069F03069F1A0295055F2A029A039C019F3704"), mask=mask)
    assert mask.command(command) == command.hex().upper()
    listed = Mask()
    shown(tlv("8C", "9F0206" + "5711"), mask=listed)
    told = listed.command(bytes.fromhex("80AE800017" + "000000001250" + TRACK_2 + "00"))
    assert told == "80AE800017000000001250" + "453914******6467D3012" + "*" * 13 + "00"
    for tag, data in (("9908", "041234FFFFFFFFFF"), ("5A08", SOMEBODYS)):
        asking = Mask()
        asking.response(tlv("6F", tlv("9F38", tag)) + b"\x90\x00")
        assert "******" in asking.command(bytes.fromhex("80A800000A8308" + data + "00"))


def test_a_record_that_is_cut_short():
    whole = tlv("70", tlv("57", TRACK_2) + tlv("5F20", b"DOE/JANE")) + b"\x90\x00"
    for length in range(4, len(whole)):
        text = Mask().response(whole[:length])
        assert len(text) == 2 * length
        assert "914880" not in text
        # Two bytes at the end are taken for a status.
        assert "444F45" not in text[:-4]


@pytest.mark.parametrize(
    ("track", "seen"),
    [
        (TRACK_1, r"B453914\*{6}6467\^\*{22}\^3012\*{13}"),
        (b"4539148803436467=30122011234567890", r"453914\*{6}6467=3012\*{13}"),
        (b"B4242424242424242^DOE/JANE^30122011234", r"B4242424242424242\^DOE/JANE\^30122011234"),
        (b"4242424242424242=3012", "4242424242424242=3012"),
        (b"014242424242424242==1", "014242424242424242==1"),
        (b"014539148803436467==1", r"014539\*{8}6467==1"),
        (b"CASACRAMENTO^DOE$JANE^1 MAIN ST^", r"\*{32}"),
        (b"B4539148803436467^DOE/JANE", r"B453914\*{6}6467\^\*{8}"),
        (b"39148803436467", r"\*{14}"),
        (b"", ""),
    ],
)
def test_tracks(track, seen):
    text = readable(Mask().track(track))
    assert re.fullmatch(seen, text), text
    assert len(text) == len(track)


def test_words_of_an_error():
    said = Mask().words("Track ;4539148803436467=3012 of 2026 has 4242424242424242, at ü😀")
    assert said == "Track ;453914******6467=3012 of 2026 has 4242424242424242, at ü😀"


def test_whose_numbers_are_nobodys():
    assert all(is_test_number(card.number) for card in all_cards())
    assert is_test_number("4000009990000013")
    assert not is_test_number("4000009990000014"), "a wrong check digit"
    assert not is_test_number("40000099900000139")
    # Real banks have numbers that begin so.
    assert not any(is_test_number(number) for number in (SOMEBODYS, "4895370000000007", "5204730000000003"))


FRAMES = st.sampled_from(["5A", "57", "9F6B", "56", "track", "number", "text", "between"])


@settings(max_examples=300, deadline=None)
@given(card_numbers(), FRAMES, st.binary(max_size=20), st.binary(max_size=20), st.booleans())
def test_no_number_survives_a_response(number, kind, before, after, templated):
    track = bytes.fromhex((number + "D3012201123456789F")[: 2 * ((len(number) + 18) // 2)])
    held = {
        "5A": lambda: tlv("5A", packed(number)),
        "57": lambda: tlv("57", track),
        "9F6B": lambda: tlv("9F6B", track),
        "56": lambda: tlv("56", f"B{number}^DOE/JANE^3012201123".encode()),
        "track": lambda: b"\xff" + track,
        "number": lambda: tlv("9F7E", packed(number)),
        "text": lambda: tlv("DF01", number.encode()),
        "between": lambda: b"\xff" + packed(number),
    }[kind]()
    body = tlv("70", tlv("DF02", before) + held + tlv("DF03", after)) if templated else before + b"\xff" + held + after
    response = body + b"\x90\x00"
    text = Mask().response(response)
    assert len(text) == 2 * len(response)
    assert text[-4:] == "9000"
    assert all(sign in ("*", digit) for sign, digit in zip(text, response.hex().upper(), strict=True))
    assert_hidden(number, text)


@settings(max_examples=300, deadline=None)
@given(
    card_numbers(),
    st.sampled_from([0xA4, 0xA8, 0xAE, 0x88, 0xCA, 0xDA, 0x20, 0x2A]),
    st.binary(max_size=12),
    st.binary(max_size=12),
    st.booleans(),
)
def test_no_number_survives_a_command(number, instruction, before, after, spelt):
    data = before + b"\xff" + (number.encode() if spelt else packed(number)) + after
    apdu = bytes((0x80, instruction, 0, 0, len(data))) + data + b"\0"
    text = Mask().command(apdu)
    assert len(text) == 2 * len(apdu)
    assert_hidden(number, text)


@settings(max_examples=200, deadline=None)
@given(
    card_numbers(),
    st.sampled_from(["1", "2"]),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x5D, exclude_characters="^"), max_size=26),
)
def test_no_number_survives_a_track(number, which, name):
    written = f"B{number}^{name}^3012201{number[6:]}" if which == "1" else f"{number}=3012201{number[6:]}"
    text = Mask().track(written.encode())
    assert len(text) == 2 * len(written)
    assert_hidden(number, text)
    if which == "1":
        assert readable(text)[len(number) + 2 : len(number) + 2 + len(name)] == "*" * len(name)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=80)), max_size=4))
def test_any_bytes_have_a_mask_of_their_length(frames):
    mask = Mask()
    for is_command, frame in frames:
        assert len(mask.command(frame) if is_command else mask.response(frame)) == 2 * len(frame)
        assert len(mask.track(frame)) == 2 * len(frame)


def test_a_card_that_answers_with_numbers_only_is_masked_in_no_time():
    for digits in ("42" * 65_536, "45391488034364670" * 7_710):
        text = Mask().response(bytes.fromhex(digits[: len(digits) // 2 * 2]) + b"\x90\x00")
        assert len(text) == len(digits) // 2 * 2 + 4
