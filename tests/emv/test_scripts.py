"""Script commands under secure messaging, for every version: what is sealed opens, and nothing else (G.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.cvn import CVNS, Cvn
from countertop.emv.des import encrypt
from countertop.emv.keys import script_key_visa
from countertop.emv.pin_block import PinBlockError

MK_AC, MK_SMI, MK_SMC = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
ATC, ARQC = bytes.fromhex("001C"), bytes.fromhex("29CCA15AE665FA2E")
HEADER = bytes.fromhex("84DA9F59")
VERSIONS = st.sampled_from(list(CVNS.values()))
each_version = pytest.mark.parametrize("cvn", CVNS.values(), ids=CVNS)
PINS = st.text("0123456789", min_size=4, max_size=12)


def seal(cvn: Cvn, data: bytes, *, encipher: bool, number: int = 0) -> bytes:
    return cvn.seal(HEADER, data, cvn.script_keys(MK_SMI, MK_SMC, ATC, ARQC), ATC, ARQC, encipher, number)


def opened(cvn: Cvn, command: bytes, *, enciphered: bool, number: int = 0) -> bytes | None:
    return cvn.open(command, cvn.script_keys(MK_SMI, MK_SMC, ATC, ARQC), ATC, ARQC, enciphered, number)


@given(VERSIONS, st.binary(max_size=200), st.booleans(), st.integers(0, 9))
def test_what_is_sealed_opens(cvn: Cvn, data: bytes, encipher: bool, number: int) -> None:
    # M/Chip does not pad whole blocks: none are none, and those that end like padding cannot be told from it.
    if encipher and (not data or (len(data) % 8 == 0 and data.rstrip(b"\x00").endswith(b"\x80"))):
        return
    command = seal(cvn, data, encipher=encipher, number=number)
    assert command[:4] == HEADER
    assert command[4] == len(command) - 5, "Lc counts the MAC"
    assert opened(cvn, command, enciphered=encipher, number=number) == data
    if encipher and len(data) > 4:
        assert data not in command


@given(VERSIONS, st.binary(max_size=40), st.booleans(), st.integers(0, 511))
def test_a_changed_bit_does_not_open(cvn: Cvn, data: bytes, encipher: bool, at: int) -> None:
    command = bytearray(seal(cvn, data or b"1", encipher=encipher))
    command[at // 8 % len(command)] ^= 1 << at % 8
    assert opened(cvn, bytes(command), enciphered=encipher) is None


@given(VERSIONS, st.binary(max_size=300), st.booleans())
def test_any_bytes_do_not_open(cvn: Cvn, command: bytes, enciphered: bool) -> None:
    assert opened(cvn, command, enciphered=enciphered) is None


@each_version
def test_a_true_mac_over_what_is_not_enciphered(cvn: Cvn) -> None:
    """The issuer's key over nonsense: the padding does not come out right, or what comes out is not what went in."""
    for body in (b"", b"1234567", bytes(16)):
        command = seal(cvn, body, encipher=False)
        assert opened(cvn, command, enciphered=False) == body
        assert opened(cvn, command, enciphered=True) in (None, *((_nonsense(cvn, command),) if body else ()))


def _nonsense(cvn: Cvn, command: bytes) -> bytes | None:
    """M/Chip takes any whole blocks: what comes out of zeros is not what they were."""
    found = opened(cvn, command, enciphered=True)
    assert found is None or (cvn.name.startswith(("mastercard", "interac")) and found != bytes(len(found)))
    return found


@pytest.mark.parametrize(
    "clear", ["0205" + "80" + "00" * 5, "0005800000000000", "8000000000000000", "0105000000000000"]
)
def test_visas_length_byte_has_to_be_right(clear: str) -> None:
    cvn = CVNS["visa_18"]
    body = encrypt(script_key_visa(MK_SMC, ATC), bytes.fromhex(clear))
    command = seal(cvn, body, encipher=False)
    assert opened(cvn, command, enciphered=False) == body
    assert opened(cvn, command, enciphered=True) is None


@each_version
def test_another_transaction_has_other_keys(cvn: Cvn) -> None:
    command = seal(cvn, b"\x05", encipher=False)
    for atc, arqc in ((bytes.fromhex("001D"), ARQC), (ATC, bytes(8))):
        keys = cvn.script_keys(MK_SMI, MK_SMC, atc, arqc)
        # Interac's MAC does not cover the counter, of which its keys know nothing either.
        mine = cvn.name == "interac_133" and arqc == ARQC
        assert cvn.open(command, keys, atc, arqc, False) == (b"\x05" if mine else None)


@pytest.mark.parametrize("name", ["mastercard_16", "mastercard_17", "mastercard_20", "mastercard_21"])
def test_mchip_takes_commands_in_their_order(name: str) -> None:
    cvn = CVNS[name]
    second = seal(cvn, b"\x05", encipher=False, number=1)
    assert opened(cvn, second, enciphered=False) is None
    assert opened(cvn, second, enciphered=False, number=1) == b"\x05"


@each_version
def test_a_command_holds_so_much_and_no_more(cvn: Cvn) -> None:
    assert len(seal(cvn, bytes(247), encipher=False)) == 260
    with pytest.raises(ValueError, match="247"):
        seal(cvn, bytes(248), encipher=False)
    with pytest.raises(ValueError, match="header"):
        keys = cvn.script_keys(MK_SMI, MK_SMC, ATC, ARQC)
        cvn.seal(HEADER + b"\x00", b"", keys, ATC, ARQC, False)


@given(VERSIONS, PINS, st.one_of(st.just(""), PINS))
def test_a_new_pin_comes_out_again(cvn: Cvn, pin: str, old: str) -> None:
    block = cvn.pin_change(MK_AC, pin, old)
    assert len(block) == 8
    assert cvn.pin_of_change(MK_AC, block, old) == pin


@given(VERSIONS, st.binary(max_size=16), st.one_of(st.just(""), PINS))
def test_any_block_holds_a_pin_or_none(cvn: Cvn, block: bytes, old: str) -> None:
    pin = cvn.pin_of_change(MK_AC, block, old)
    assert pin is None or (pin.isdecimal() and 4 <= len(pin) <= 12)


def test_visas_block_wants_the_old_pin() -> None:
    for name in ("visa_10", "visa_18", "visa_22"):
        block = CVNS[name].pin_change(MK_AC, "9876", "1234")
        assert CVNS[name].pin_of_change(MK_AC, block, "1235") != "9876"
        with pytest.raises(PinBlockError):
            CVNS[name].pin_change(MK_AC, "987", "1234")
        with pytest.raises(PinBlockError):
            CVNS[name].pin_change(MK_AC, "9876", "123x")


def test_keys_do_not_show_themselves() -> None:
    text = repr(CVNS["mastercard_20"].script_keys(MK_SMI, MK_SMC, ATC, ARQC))
    assert repr(MK_SMI)[2:-1] not in text
    assert MK_SMI.hex() not in text
