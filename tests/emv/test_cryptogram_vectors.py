"""Published cryptograms, answers, script commands: the table of card-hardware.md G.3 (Visa rows and MC 16 HSM-checked)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from countertop.emv.cryptogram import AcData, arpc_method_1, arpc_method_2
from countertop.emv.cvn import CVNS
from countertop.emv.keys import icc_master_key

IMK_AC = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
IMK_SMI = bytes.fromhex("FEDCBA98765432100123456789ABCDEF")
IMK_SMC = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
MK_AC, MK_SMI, MK_SMC = (icc_master_key(key, "1234567890123456", "00") for key in (IMK_AC, IMK_SMI, IMK_SMC))
ATC = bytes.fromhex("001C")


def data(*texts: str) -> AcData:
    return AcData(*(bytes.fromhex(text) for text in texts))


VISA = data(
    "000000004000", "000000000000", "0124", "8000048000", "0124", "191105", "01", "52BF4585", "1800", "001C", ""
)
MASTERCARD = data(
    "000000009999",
    "000000000000",
    "0124",
    "8000000000",
    "0124",
    "209906",
    "00",
    "ABCDEF12",
    "1800",
    "001C",
    "0110A00003220000" + "0000" + "00" * 8,
)
# IAD (None: the Mastercard set), AC, ARPC, MAC of a bare command, PIN change to 9999.
TABLE = {
    "visa_10": (
        "06010A03A06010",
        "29CCA15AE665FA2E",
        "28993816AFAE4AEB",
        "DB56BA60087CEFD3",
        "8424000218BB221AF527377A2811D2B6EBC396A9391A965A5CB2CE62DA",
    ),
    "visa_18": (
        "06011203A0B800",
        "7A788EA6B8A3E733",
        "9AF514C1",
        "04EDE90BC24CC35E",
        "8424000218BB221AF527377A2811D2B6EBC396A9391A22B480EF312F40",
    ),
    "visa_22": (
        "06011203A0B800",
        "7A788EA6B8A3E733",
        "9AF514C1",
        "A4805748F846D851",
        "84240002181B2943BED3D298F9C75848D17317CD1D25B70F7E26613E5F",
    ),
    "mastercard_16": (
        None,
        "24CCF3DEE3158C70",
        "73F6BBF389A6586C",
        "ED0AB162BAB1DE61",
        "842400021000859B8FE53F316DEB4B64C36BF88E39",
    ),
    "mastercard_17": (
        None,
        "466568DC2332B96C",
        "FA97D85759FAC91C",
        "2933F6DDFB807E06",
        "8424000210817F9CC67134DA416B001FF6C0FB96CE",
    ),
    "mastercard_20": (
        None,
        "CD29615D6452E70E",
        "DFD0956606B68D64",
        "01C0F0DFBF6AA230",
        "84240002107647E71F85AA6A35AE4B4E838666773D",
    ),
    "mastercard_21": (
        None,
        "3F573EAE31A88D7E",
        "07BA670A78284BED",
        "00CF13D115C3D903",
        "84240002101905B8D464C7F6E9BFBAA8ABFA2CE942",
    ),
}


def transaction(name: str) -> tuple[AcData, bytes]:
    iad, ac, *_ = TABLE[name]
    return (MASTERCARD if iad is None else replace(VISA, iad=bytes.fromhex(iad))), bytes.fromhex(ac)


@pytest.mark.parametrize("name", TABLE)
def test_the_cryptogram(name: str) -> None:
    told, ac = transaction(name)
    assert CVNS[name].cryptogram(MK_AC, told) == ac


@pytest.mark.parametrize("name", TABLE)
def test_the_answer(name: str) -> None:
    told, ac = transaction(name)
    cvn, arpc = CVNS[name], bytes.fromhex(TABLE[name][2])
    session = cvn.session_key(MK_AC, told)
    if name in ("visa_18", "visa_22"):
        assert arpc_method_2(session, ac, bytes(4)) == arpc
        assert cvn.answer(MK_AC, told, ac, False) == arpc + bytes(4)
    elif name == "visa_10":
        assert arpc_method_1(MK_AC, ac, b"00") == arpc
        assert cvn.answer(MK_AC, told, ac, True) == arpc + b"00"
    else:
        assert cvn.answer(MK_AC, told, ac, True) == arpc + bytes.fromhex("0010")
    answer = cvn.answer(MK_AC, told, ac, True)
    assert cvn.check_answer(MK_AC, told, ac, answer)


@pytest.mark.parametrize("name", TABLE)
def test_a_script_command_without_data(name: str) -> None:
    told, ac = transaction(name)
    cvn = CVNS[name]
    header = bytes.fromhex("84180000" if name.startswith("visa") else "84240000")
    keys = cvn.script_keys(MK_SMI, MK_SMC, told.atc, ac)
    command = cvn.seal(header, b"", keys, told.atc, ac, False)
    assert command == header + b"\x08" + bytes.fromhex(TABLE[name][3])
    assert cvn.open(command, keys, told.atc, ac, False) == b""


@pytest.mark.parametrize("name", TABLE)
def test_a_pin_change(name: str) -> None:
    told, ac = transaction(name)
    cvn = CVNS[name]
    keys = cvn.script_keys(MK_SMI, MK_SMC, told.atc, ac)
    block = cvn.pin_change(MK_AC, "9999")
    command = cvn.seal(bytes.fromhex("84240002"), block, keys, told.atc, ac, True)
    assert command.hex().upper() == TABLE[name][4]
    opened = cvn.open(command, keys, told.atc, ac, True)
    assert opened == block
    assert cvn.pin_of_change(MK_AC, opened) == "9999"
