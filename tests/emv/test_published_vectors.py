"""Keys, cryptograms, scripts, PIN blocks, DUKPT and verification values on published vectors.

Each figure is from docs/facts/card-hardware.md, in the section that the test names; those are restated from pyemv's and
psec's HSM-checked tests, ANSI X9.24 and ISO 9564 test data.
"""

import pytest

from countertop.emv import dukpt_aes, dukpt_tdes, pin_block
from countertop.emv.cryptogram import AcData
from countertop.emv.cvn import CVNS
from countertop.emv.cvv import cvc3, cvv, icvv, pvv
from countertop.emv.des import encrypt, mac3, pad2
from countertop.emv.issuer_keys import pool
from countertop.emv.keys import icc_master_key, script_key_visa, session_key_common, session_key_mastercard

H = bytes.fromhex
IMK_AC = H("0123456789ABCDEFFEDCBA9876543210")
IMK_SMI = H("FEDCBA98765432100123456789ABCDEF")
IMK_SMC = H("89ABCDEF0123456776543210FEDCBA98")
PAN = "1234567890123456"
ATC = H("001C")


def same_key(left: bytes, right: bytes) -> bool:
    """Equal but for the parity bits, which libraries set and EMV does not care about."""
    return [byte >> 1 for byte in left] == [byte >> 1 for byte in right]


@pytest.mark.parametrize(
    ("pan", "psn", "option", "expected"),
    [
        (PAN, "00", "A", "154F349D8585CB7F6B0798E9839B10C1"),
        (PAN, None, "A", "154F349D8585CB7F6B0798E9839B10C1"),
        (PAN, "00", "B", "154F349D8585CB7F6B0798E9839B10C1"),
        ("99012345678901234", "45", "A", "67F8292358083E5EA7AB7FDA58D53B6B"),
        ("99012345678901234", "45", "B", "985EC4FD3EDF6162E31AF1C7D0543416"),
    ],
)
def test_master_keys_g1(pan, psn, option, expected):
    assert same_key(icc_master_key(IMK_AC, pan, psn, option), H(expected))


def test_session_keys_g2():
    mk = icc_master_key(IMK_AC, PAN)
    assert same_key(session_key_common(mk, ATC), H("436B942AD637E08564B532B0EC97CB26"))
    assert same_key(session_key_mastercard(mk, ATC, H("ABCDEF12")), H("5D8F37BCD9E5DA68048CDFA2EA255D9E"))
    smi = H("94F867167C64EF3EEAB0CB627A7A3480")
    assert same_key(script_key_visa(smi, ATC), H("94F867167C64EF23EAB0CB627A7ACB62"))


VISA = AcData(
    H("000000004000"), bytes(6), H("0124"), H("8000048000"), H("0124"), H("191105"), H("01"), H("52BF4585"), H("1800"),
    ATC, b"",
)  # fmt: skip
MASTERCARD = AcData(
    H("000000009999"), bytes(6), H("0124"), H("8000000000"), H("0124"), H("209906"), H("00"), H("ABCDEF12"), H("1800"),
    ATC, b"",
)  # fmt: skip
CVR, COUNTERS = H("A00003220000"), bytes(8)


def mchip_iad(version: str) -> bytes:
    return CVNS[version].make_iad(1, CVR, bytes(2), COUNTERS)


# version, IAD, cryptogram, response code or CSU, ARPC, MAC of the bare header, PIN change to 9999.
ROWS = [
    ("visa_10", H("06010A03A06010"), "29CCA15AE665FA2E", "3030", "28993816AFAE4AEB", "DB56BA60087CEFD3",
     "8424000218BB221AF527377A2811D2B6EBC396A9391A965A5CB2CE62DA"),
    ("visa_18", H("06011203A0B800"), "7A788EA6B8A3E733", "00000000", "9AF514C1", "04EDE90BC24CC35E",
     "8424000218BB221AF527377A2811D2B6EBC396A9391A22B480EF312F40"),
    ("visa_22", H("06011203A0B800"), "7A788EA6B8A3E733", "00000000", "9AF514C1", "A4805748F846D851",
     "84240002181B2943BED3D298F9C75848D17317CD1D25B70F7E26613E5F"),
    ("mastercard_16", None, "24CCF3DEE3158C70", "0010", "73F6BBF389A6586C", "ED0AB162BAB1DE61",
     "842400021000859B8FE53F316DEB4B64C36BF88E39"),
    ("mastercard_17", None, "466568DC2332B96C", "0010", "FA97D85759FAC91C", "2933F6DDFB807E06",
     "8424000210817F9CC67134DA416B001FF6C0FB96CE"),
    ("mastercard_20", None, "CD29615D6452E70E", "0010", "DFD0956606B68D64", "01C0F0DFBF6AA230",
     "84240002107647E71F85AA6A35AE4B4E838666773D"),
    ("mastercard_21", None, "3F573EAE31A88D7E", "0010", "07BA670A78284BED", "00CF13D115C3D903",
     "842400021 01905B8D464C7F6E9BFBAA8ABFA2CE942".replace(" ", "")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "iad", "ac", "code", "arpc", "mac", "change"), ROWS)
def test_versions_g3(version, iad, ac, code, arpc, mac, change):
    from dataclasses import replace

    from countertop.emv.cryptogram import arpc_method_1, arpc_method_2

    cvn = CVNS[version]
    visa = version.startswith("visa")
    data = replace(VISA if visa else MASTERCARD, iad=iad or mchip_iad(version))
    mk = icc_master_key(IMK_AC, PAN)
    assert cvn.cryptogram(mk, data).hex().upper() == ac
    if cvn.method == 1:
        key = session_key_common(mk, ATC) if cvn.session == "common" else mk
        assert arpc_method_1(key, H(ac), H(code)).hex().upper() == arpc
    else:
        assert arpc_method_2(session_key_common(mk, ATC), H(ac), H(code)).hex().upper() == arpc
    keys = cvn.script_keys(icc_master_key(IMK_SMI, PAN), icc_master_key(IMK_SMC, PAN), ATC, H(ac))
    header = H("84180000") if visa else H("84240000")
    assert cvn.seal(header, b"", keys, ATC, H(ac)).hex().upper() == header.hex().upper() + "08" + mac
    sealed = cvn.seal(H("84240002"), cvn.pin_change(mk, "9999"), keys, ATC, H(ac), encipher=True)
    assert sealed.hex().upper() == change
    opened = cvn.open(sealed, keys, ATC, H(ac), enciphered=True)
    assert cvn.pin_of_change(mk, opened) == "9999"
    assert cvn.open(sealed[:-1] + b"\x00", keys, ATC, H(ac), enciphered=True) is None


def test_the_issuers_answer_is_taken_by_the_card_and_no_other_is():
    for name, cvn in CVNS.items():
        from dataclasses import replace

        data = replace(VISA, iad=cvn.make_iad(1, H("03A06010") if cvn.layout == "visa" else CVR, bytes(2), COUNTERS))
        mk = icc_master_key(IMK_AC, PAN)
        arqc = cvn.cryptogram(mk, data)
        for approved in (True, False):
            answer = cvn.answer(mk, data, arqc, approved)
            assert cvn.check_answer(mk, data, arqc, answer), name
            spoilt = bytes((answer[0] ^ 1,)) + answer[1:]
            assert not cvn.check_answer(mk, data, arqc, spoilt), name
        assert cvn.answer(mk, data, arqc, True, b"00") != cvn.answer(mk, data, arqc, False, b"05"), name


def test_pin_blocks_g7():
    assert pin_block.encode(0, "1234", "4012345678909").hex().upper() == "041274EDCBA9876F"
    assert pin_block.encode(2, "1234").hex().upper() == "241234FFFFFFFFFF"
    key = H("AF8CB133A78F8DC2D1359F18527593FB")
    block = pin_block.encipher_format_4(key, "1234", "4111111111111111", lambda count: H("2F69ADDE2E9E7ACE"))
    assert block.hex().upper() == "A912150391AB65A67E52883D81CE2D15"
    assert pin_block.decipher_format_4(key, block, "4111111111111111") == "1234"


BDK = H("0123456789ABCDEFFEDCBA9876543210")
KSN = "FFFF9876543210E000"


def test_dukpt_tdes_g8():
    initial = dukpt_tdes.initial_key(BDK, H(KSN + "01"))
    assert initial == H("6AC292FAA1315B4D858AB3A3D7D5933A")
    for count, expected in (
        ("01", "042666B49184CFA368DE9628D0397BC9"),
        ("02", "C46551CEF9FD24B0AA9AD834130D3BC7"),
        ("15", "E161D1956A61F6D2F37AFD7F9CC3699A"),
    ):
        assert dukpt_tdes.transaction_key(initial, H(KSN + count)) == H(expected)
    block = H("041274EDCBA9876F")
    assert encrypt(dukpt_tdes.pin_key(initial, H(KSN + "01")), block) == H("1B9C1845EB993A7A")
    assert encrypt(dukpt_tdes.pin_key(initial, H(KSN + "02")), block) == H("10A01C8D02C69107")
    assert dukpt_tdes.mac_key(initial, H(KSN + "01")) == H("042666B4918430A368DE9628D03984C9")
    assert dukpt_tdes.data_key(initial, H(KSN + "01")) == H("448D3F076D8304036A55A3D7E0055A78")


def test_dukpt_tdes_macs_g8():
    initial = dukpt_tdes.initial_key(BDK, H(KSN + "01"))
    data = b"4012345678909D987"
    padded = data + bytes(-len(data) % 8)
    for count, response, expected in (("01", False, "9CCC7817"), ("02", False, "F608A9BC"), ("01", True, "20364223")):
        key = dukpt_tdes.mac_key(initial, H(KSN + count), response=response)
        assert mac3(key, padded)[:4] == H(expected)


def test_dukpt_aes_g8():
    bdk, name = H("FEDCBA9876543210F1F1F1F1F1F1F1F1"), "1234567890123456"
    initial = dukpt_aes.initial_key(bdk, H(name))
    assert initial == H("1273671EA26AC29AFA4D1084127652A1")
    for count, expected in (
        (1, "4F21B565BAD9835E112B6465635EAE44"),
        (2, "2F34D68DE10F68D38091A73B9E7C437C"),
        (3, "031504E530365CF81264238540518318"),
    ):
        assert dukpt_aes.transaction_key(initial, H(f"{name}{count:08X}")) == H(expected)
    first = H(f"{name}00000001")
    assert dukpt_aes.pin_key(initial, first) == H("AF8CB133A78F8DC2D1359F18527593FB")
    assert dukpt_aes.working_key(initial, first, "mac generate") == H("A2DC23DE6FDE0824A2BC321E08E4B8B7")
    assert dukpt_aes.working_key(initial, first, "data encrypt") == H("A35C412EFD41FDB98B69797C02DCD08F")
    second = dukpt_aes.pin_key(initial, H(f"{name}00000002"))
    draw = lambda count: H("2F69ADDE2E9E7ACE")  # noqa: E731
    assert pin_block.encipher_format_4(second, "1234", "4111111111111111", draw) == H("52A00503BD34BA1383F6A7EE9FE2547F")
    update = dukpt_aes.working_key(initial, H(f"{name}FFFFFFFF"), "key")
    assert update == H("9A9770AEE1ACD1B13473D0463A1883B9")


def test_counters_skip_values_with_too_many_ones():
    assert dukpt_tdes.next_counter(0b1111111111) == 0b10000000000
    counts, counter = 0, 0x1FF000
    while counter < 0x1FFF00:
        try:
            counter = dukpt_tdes.next_counter(counter)
        except dukpt_tdes.DukptError:
            break
        assert counter.bit_count() <= 10
        counts += 1
        assert counts < 5_000
    with pytest.raises(dukpt_tdes.DukptError):
        dukpt_tdes.next_counter(0x1FF800)


def test_verification_values_g9():
    keys = H("0123456789ABCDEFFEDCBA9876543210")
    assert [cvv(keys, "4123456789012345", "8701", code) for code in ("101", "000")] == ["561", "636"]
    assert icvv(keys, "4123456789012345", "8701") == "651"
    assert pvv(keys, "1122334455667788", 1, "4524") == "8523"
    card = icc_master_key(H("01234567899876543210012345678998"), "5123456789012345", "00")
    track = H("5123456789012345D35121010000000000000F")
    assert cvc3(card, track, H("00000899"), H("005E")) == 29488


def test_the_published_ca_keys_have_their_published_checksums():
    checksums = {(key.rid.hex().upper(), key.index): key.checksum.hex().upper() for key in pool().published()}
    assert len(checksums) == 13
    assert checksums["A000000003", 0x92] == "429C954A3859CEF91295F663C963E582ED6EB253"
    assert checksums["A000000003", 0x94] == "C4A3C43CCF87327D136B804160E47D43B60E6E0F"
    assert checksums["A000000004", 0xF1] == "D8E68DA167AB5A85D8C3D55ECB9B0517A1A5B4BB"
    assert checksums["A000000025", 0xCA] == "6BDA32B1AA171444C7E8F88075A74FBFE845765F"
    assert pad2(b"") == b"\x80" + bytes(7)
