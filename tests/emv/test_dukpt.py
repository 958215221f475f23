"""Keys that are used once: the vectors of card-hardware.md G.8 (ANSI X9.24-1 and -3), counters, damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv import des, dukpt_aes, dukpt_tdes, pin_block
from countertop.emv.dukpt_aes import Usage
from countertop.emv.dukpt_counter import DukptError

BDK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
DEVICE = "FFFF9876543210E"
IPEK = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")
AES_BDK = bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1")
AES_ID = bytes.fromhex("1234567890123456")
AES_INITIAL = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")


def ksn(counter: int) -> bytes:
    return bytes.fromhex(f"{DEVICE}{counter:05X}")


def aes_ksn(counter: int) -> bytes:
    return AES_ID + counter.to_bytes(4, "big")


# --- triple DES ----------------------------------------------------------------------------------------------


def test_the_initial_key_depends_on_the_device_alone() -> None:
    assert dukpt_tdes.initial_key(BDK, ksn(1)) == IPEK
    assert dukpt_tdes.initial_key(BDK, ksn(0xFFFFF)) == IPEK
    assert dukpt_tdes.initial_key(BDK, bytes.fromhex("FFFF9876543212E00001")) != IPEK


@pytest.mark.parametrize(
    ("counter", "key"),
    [
        (1, "042666B49184CFA368DE9628D0397BC9"),
        (2, "C46551CEF9FD24B0AA9AD834130D3BC7"),
        (21, "E161D1956A61F6D2F37AFD7F9CC3699A"),
    ],
)
def test_published_transaction_keys(counter: int, key: str) -> None:
    assert des.odd_parity(dukpt_tdes.transaction_key(IPEK, ksn(counter))) == des.odd_parity(bytes.fromhex(key))


@pytest.mark.parametrize(("counter", "enciphered"), [(1, "1B9C1845EB993A7A"), (2, "10A01C8D02C69107")])
def test_published_pin_blocks(counter: int, enciphered: str) -> None:
    block = pin_block.encode(0, "1234", "4012345678909")
    assert des.encrypt(dukpt_tdes.pin_key(IPEK, ksn(counter)), block).hex().upper() == enciphered


def test_published_mac_and_data_keys() -> None:
    assert dukpt_tdes.mac_key(IPEK, ksn(1)).hex().upper() == "042666B4918430A368DE9628D03984C9"
    assert dukpt_tdes.data_key(IPEK, ksn(1)).hex().upper() == "448D3F076D8304036A55A3D7E0055A78"


@pytest.mark.parametrize(
    ("counter", "response", "mac"),
    [(1, False, "9CCC7817"), (2, False, "F608A9BC"), (1, True, "20364223")],
)
def test_published_macs(counter: int, response: bool, mac: str) -> None:
    key = dukpt_tdes.mac_key(IPEK, ksn(counter), response=response)
    assert des.mac3(key, des.pad1(b"4012345678909D987"))[:4].hex().upper() == mac


def test_keys_for_data_differ_by_direction() -> None:
    assert dukpt_tdes.data_key(IPEK, ksn(1)) != dukpt_tdes.data_key(IPEK, ksn(1), response=True)


# --- AES -----------------------------------------------------------------------------------------------------


def test_the_published_initial_key() -> None:
    assert dukpt_aes.initial_key(AES_BDK, AES_ID) == AES_INITIAL
    assert dukpt_aes.initial_key(AES_BDK, aes_ksn(77)) == AES_INITIAL


@pytest.mark.parametrize(
    ("counter", "key"),
    [
        (1, "4F21B565BAD9835E112B6465635EAE44"),
        (2, "2F34D68DE10F68D38091A73B9E7C437C"),
        (3, "031504E530365CF81264238540518318"),
    ],
)
def test_published_aes_transaction_keys(counter: int, key: str) -> None:
    assert dukpt_aes.transaction_key(AES_INITIAL, aes_ksn(counter)).hex().upper() == key


@pytest.mark.parametrize(
    ("usage", "key"),
    [
        (Usage.PIN, "AF8CB133A78F8DC2D1359F18527593FB"),
        (Usage.MAC_GENERATE, "A2DC23DE6FDE0824A2BC321E08E4B8B7"),
        (Usage.DATA_ENCRYPT, "A35C412EFD41FDB98B69797C02DCD08F"),
    ],
)
def test_published_aes_working_keys(usage: Usage, key: str) -> None:
    assert dukpt_aes.working_key(AES_INITIAL, aes_ksn(1), usage).hex().upper() == key


@pytest.mark.parametrize(
    ("counter", "enciphered"), [(1, "A912150391AB65A67E52883D81CE2D15"), (2, "52A00503BD34BA1383F6A7EE9FE2547F")]
)
def test_published_aes_pin_blocks(counter: int, enciphered: str) -> None:
    key, pan = dukpt_aes.pin_key(AES_INITIAL, aes_ksn(counter)), "4111111111111111"
    fill = bytes.fromhex("2F69ADDE2E9E7ACE")
    block = pin_block.encipher_format_4(key, "1234", pan, lambda count: fill)
    assert block.hex().upper() == enciphered
    assert pin_block.decipher_format_4(key, block, pan) == "1234"


def test_the_published_update_key() -> None:
    assert dukpt_aes.update_key(AES_INITIAL, aes_ksn(5)).hex().upper() == "9A9770AEE1ACD1B13473D0463A1883B9"


def test_longer_keys_take_more_blocks() -> None:
    initial = dukpt_aes.initial_key(bytes(range(32)), AES_ID)
    assert len(initial) == 32
    keys = [dukpt_aes.working_key(initial, aes_ksn(1), Usage.PIN, bits) for bits in (128, 192, 256)]
    assert [len(key) for key in keys] == [16, 24, 32]
    assert len({key[:16] for key in keys}) == 3, "the length is part of what a key is derived from"
    with pytest.raises(DukptError, match="200 bits"):
        dukpt_aes.working_key(initial, aes_ksn(1), Usage.PIN, 200)


# --- counters and damage -------------------------------------------------------------------------------------


@given(st.integers(0, dukpt_tdes.LAST_COUNTER - 2048))
def test_the_next_counter_is_the_first_that_may_be_used(counter: int) -> None:
    following = dukpt_tdes.next_counter(counter)
    assert following.bit_count() <= 10
    assert following > counter
    if following - counter < 5000:
        assert all(between.bit_count() > 10 for between in range(counter + 1, following))
    dukpt_tdes.transaction_key(IPEK, (0xFFFF9876543210 << 24 | following).to_bytes(10, "big"))


@given(st.integers(0, dukpt_aes.LAST_COUNTER >> 17 << 16))
def test_the_next_aes_counter_may_be_used(counter: int) -> None:
    following = dukpt_aes.next_counter(counter)
    assert 0 < following.bit_count() <= 16
    assert following > counter
    dukpt_aes.pin_key(AES_INITIAL, aes_ksn(following))


def test_a_device_dies_behind_its_last_key() -> None:
    last = 0b111111111100000000000
    assert dukpt_tdes.next_counter(last - 1) == last
    with pytest.raises(DukptError, match="all its keys"):
        dukpt_tdes.next_counter(last)
    with pytest.raises(DukptError, match="all its keys"):
        dukpt_aes.next_counter(0xFFFF0000)
    assert dukpt_aes.next_counter(0xFFFE8000) == 0xFFFF0000


@pytest.mark.parametrize("ending", ["00000", "FFFFF"])
def test_no_use_has_such_a_counter(ending: str) -> None:
    with pytest.raises(DukptError, match="no use"):
        dukpt_tdes.pin_key(IPEK, bytes.fromhex(DEVICE + ending))
    with pytest.raises(DukptError, match="no use"):
        dukpt_aes.pin_key(AES_INITIAL, AES_ID + bytes.fromhex(ending + "FFF" if ending[0] == "F" else "00000000"))


@given(st.binary(max_size=14))
def test_any_serial_number_gives_a_key_or_raises(name: bytes) -> None:
    for derive, size in (
        (lambda: dukpt_tdes.pin_key(dukpt_tdes.initial_key(BDK, name), name), 10),
        (lambda: dukpt_aes.pin_key(dukpt_aes.initial_key(AES_BDK, name), name), 12),
    ):
        try:
            assert len(derive()) == 16
        except DukptError:
            continue
        assert len(name) == size
