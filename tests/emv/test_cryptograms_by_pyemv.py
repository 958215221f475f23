"""Cryptograms, answers and scripts of random transactions: pyemv 1.5.0 is the other side."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from pyemv import cvn as theirs

from countertop.emv.cryptogram import AcData
from countertop.emv.cvn import CVNS, Cvn
from countertop.emv.keys import icc_master_key

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning:pyemv")

CLASSES = {
    "visa_10": theirs.VisaCVN10,
    "visa_18": theirs.VisaCVN18,
    "visa_22": theirs.VisaCVN22,
    "interac_133": theirs.InteracCVN133,
    "mastercard_16": theirs.MasterCardCVN16,
    "mastercard_17": theirs.MasterCardCVN17,
    "mastercard_20": theirs.MasterCardCVN20,
    "mastercard_21": theirs.MasterCardCVN21,
}
LENGTHS = (6, 6, 2, 5, 2, 3, 1, 4, 2, 2)
TAGS = ("9f02", "9f03", "9f1a", "95", "5f2a", "9a", "9c", "9f37", "82", "9f36")
SEEDS = range(12)


class Case:
    """A random card in a random transaction, and pyemv's idea of its issuer."""

    def __init__(self, name: str, seed: int) -> None:
        draw = Random(f"{name} {seed}")
        self.cvn: Cvn = CVNS[name]
        masters = [draw.randbytes(16) for _ in range(3)]
        pan, psn = "".join(draw.choices("0123456789", k=draw.randint(12, 19))), f"{draw.randrange(100):02d}"
        option = "B" if name in ("visa_18", "visa_22") else "A"
        self.ac, self.smi, self.smc = (icc_master_key(key, pan, psn, option) for key in masters)
        self.issuer: Any = CLASSES[name](*masters, pan, psn)
        values = [draw.randbytes(length) for length in LENGTHS]
        cvr, dynamic, self.counters = b"\x03" + draw.randbytes(3), b"", b""
        if name.startswith("mastercard"):
            cvr, dynamic, self.counters = draw.randbytes(6), draw.randbytes(2), draw.randbytes(8)
        elif name == "visa_22":
            cvr = draw.randbytes(5)
        self.iad = self.cvn.make_iad(draw.randrange(256), cvr, dynamic, self.counters)
        self.data = AcData(*values, self.iad)
        self.told = dict(zip((f"tag_{tag}" for tag in TAGS), values, strict=True))
        self.arqc, self.cvr = draw.randbytes(8), cvr
        self.code, self.csu = draw.randbytes(2), draw.randbytes(4)
        self.pin = "".join(draw.choices("0123456789", k=draw.randint(4, 12)))
        self.old = "".join(draw.choices("0123456789", k=draw.randint(4, 12)))
        self.limit = draw.randbytes(draw.randint(1, 20))


@pytest.fixture(params=CLASSES)
def case(request: pytest.FixtureRequest, seed: int) -> Case:
    return Case(request.param, seed)


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return request.param


def test_cryptograms(case: Case) -> None:
    told = dict(case.told)
    if case.cvn.name in ("visa_18", "visa_22", "interac_133"):
        told["tag_9f10"] = case.iad
    else:
        told["cvr"] = case.cvr
    if case.cvn.name in ("mastercard_17", "mastercard_21"):
        told["counters"] = case.counters
    assert case.cvn.cryptogram(case.ac, case.data) == case.issuer.generate_ac(**told)
    assert case.cvn.cvr_of(case.iad) == case.cvr


def test_answers(case: Case) -> None:
    named = {"tag_9f26": case.arqc}
    if case.cvn.name in ("visa_18", "visa_22", "mastercard_20", "mastercard_21", "interac_133"):
        named["tag_9f36"] = case.data.atc
    if case.cvn.name == "interac_133":
        named["tag_9f37"] = case.data.un
    if case.cvn.name in ("visa_18", "visa_22"):
        answer = case.issuer.generate_arpc(**named, csu=case.csu) + case.csu
        longer = (
            case.issuer.generate_arpc(**named, csu=case.csu, proprietary_auth_data=case.arqc) + case.csu + case.arqc
        )
        assert case.cvn.check_answer(case.ac, case.data, case.arqc, longer)
    else:
        answer = case.issuer.generate_arpc(**named, arpc_rc=case.code) + case.code
    assert case.cvn.check_answer(case.ac, case.data, case.arqc, answer)
    own = case.cvn.answer(case.ac, case.data, case.arqc, True)
    if case.cvn.name not in ("visa_18", "visa_22"):
        assert own[:8] == case.issuer.generate_arpc(**named, arpc_rc=own[8:])


def test_scripts(case: Case) -> None:
    keys = case.cvn.script_keys(case.smi, case.smc, case.data.atc, case.arqc)
    header = bytes.fromhex("04DA9F59") + bytes((len(case.limit) + 8,))
    named = {"tag_9f26": case.arqc, "tag_9f36": case.data.atc}
    if case.cvn.name == "interac_133":
        del named["tag_9f36"]
    mac = case.issuer.generate_command_mac(header, **named, command_data=case.limit)
    sealed = case.cvn.seal(header[:4], case.limit, keys, case.data.atc, case.arqc, False)
    assert sealed == header + case.limit + mac


def test_pin_changes(case: Case) -> None:
    keys = case.cvn.script_keys(case.smi, case.smc, case.data.atc, case.arqc)
    named = {"tag_9f26": case.arqc, "tag_9f36": case.data.atc}
    if case.cvn.name == "interac_133":
        del named["tag_9f36"]
    for old in ("", case.old) if case.cvn.name.startswith("visa") else ("",):
        command = case.issuer.generate_pin_change_command(case.pin, **named, **({"current_pin": old} if old else {}))
        block = case.cvn.pin_change(case.ac, case.pin, old)
        header = bytes.fromhex("84240001" if old else "84240002")
        assert case.cvn.seal(header, block, keys, case.data.atc, case.arqc, True) == command
        assert case.cvn.open(command, keys, case.data.atc, case.arqc, True) == block
        assert case.cvn.pin_of_change(case.ac, block, old) == case.pin


@pytest.mark.parametrize("name", ["mastercard_16", "mastercard_17", "mastercard_20", "mastercard_21"])
def test_following_scripts_of_mchip_count_the_cryptogram_on(name: str, seed: int) -> None:
    case = Case(name, seed)
    keys = case.cvn.script_keys(case.smi, case.smc, case.data.atc, case.arqc)
    counted = ((int.from_bytes(case.arqc, "big") + 2) % 2**64).to_bytes(8, "big")
    command = case.issuer.generate_pin_change_command(case.pin, tag_9f26=counted, tag_9f36=case.data.atc)
    block = case.cvn.pin_change(case.ac, case.pin)
    assert case.cvn.seal(bytes.fromhex("84240002"), block, keys, case.data.atc, case.arqc, True, 2) == command
    assert case.cvn.open(command, keys, case.data.atc, case.arqc, True, 2) == block
    assert case.cvn.open(command, keys, case.data.atc, case.arqc, True, 1) is None
