"""Frames of the PN532, byte by byte (card-hardware.md C.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop_drivers import BadAddress
from countertop_drivers.pn532.frames import ACK, ERROR, NACK, Ack, Damaged, Data, Deframer, Nack, NotTaken, frame

FIRMWARE = bytes.fromhex("0000FF02FED4022A00")
CONTENT = st.binary(min_size=1, max_size=265).filter(lambda content: content != b"\x7f")
FRAMES = st.one_of(CONTENT.map(Data), st.just(Ack()), st.just(Nack()), st.just(NotTaken()))
NOISE = st.binary(max_size=20).map(lambda noise: noise.replace(b"\0", b"\x55").replace(b"\xff", b"\x55"))


def written(one: object) -> bytes:
    if isinstance(one, Data):
        return frame(one.content)
    return {Ack: ACK, Nack: NACK, NotTaken: ERROR}[type(one)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("D402", "0000FF02FED4022A00"),
        ("D50332010607", "0000FF06FAD50332010607E800"),
        ("D414010000", "0000FF05FBD4140100001700"),
        ("D515", "0000FF02FED5151600"),
    ],
)
def test_frames_as_the_manual_has_them(content, expected):
    assert frame(bytes.fromhex(content)).hex().upper() == expected
    assert Deframer().feed(bytes.fromhex(expected)) == [Data(bytes.fromhex(content))]


def test_the_special_frames():
    assert Deframer().feed(ACK + NACK + ERROR) == [Ack(), Nack(), NotTaken()]


@pytest.mark.parametrize(
    ("length", "head"), [(255, "0000FFFF01"), (256, "0000FFFFFF0100FF"), (265, "0000FFFFFF0109F6")]
)
def test_long_frames_have_another_head(length, head):
    content = b"\xd4" + bytes(length - 1)
    assert frame(content).hex().upper().startswith(head)
    assert Deframer().feed(frame(content)) == [Data(content)]


@pytest.mark.parametrize("length", [0, 266])
def test_what_no_frame_holds(length):
    with pytest.raises(BadAddress, match="1 to 265"):
        frame(bytes(length))


@given(st.lists(st.tuples(NOISE, FRAMES), max_size=6), st.data())
def test_frames_come_out_whatever_the_pieces_and_the_noise(sent, data):
    stream = b"".join(noise + written(one) for noise, one in sent)
    deframer, found, at = Deframer(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 40))
        found += deframer.feed(stream[at : at + size])
        at += size
    assert found == [one for _, one in sent]


@given(CONTENT, st.data())
def test_a_flipped_bit_is_seen_and_the_next_frame_is_read(content, data):
    good = frame(content)
    place = data.draw(st.integers(3, len(good) - 2))
    bad = bytearray(good)
    bad[place] ^= 1 << data.draw(st.integers(0, 7))
    deframer = Deframer()
    found = deframer.feed(bytes(bad))
    assert Data(content) not in found
    # What a wrong length swallows is bounded by the longest frame there is.
    for _ in range(300 // len(FIRMWARE) + 2):
        found = deframer.feed(FIRMWARE)
        if Data(b"\xd4\x02") in found:
            return
    pytest.fail("the line never came back into step")


@given(st.binary(max_size=3000))
def test_rubbish_is_bounded(rubbish):
    deframer = Deframer()
    for one in deframer.feed(rubbish):
        assert isinstance(one, Ack | Nack | NotTaken | Data | Damaged)
    assert len(deframer._waiting) <= 273
