"""The committed pool of test keys, and the script that makes it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from countertop.emv.des import odd_parity
from countertop.emv.issuer_keys import pool
from countertop.emv.rsa import PrivateKey

SCHEMES = (
    "visa mastercard amex discover jcb unionpay interac eftpos_au cartes_bancaires girocard us_common_debit".split()
)
USES = ("ac", "smi", "smc", "idn", "dac", "cvk", "pvk", "cvc3")
SCRIPT = Path(__file__).parents[2] / "scripts" / "make_key_pool.py"
COMMITTED = Path(str(files("countertop_firmware"))) / "keys"


def works(key: PrivateKey, bits: int) -> bool:
    block = b"\x6a" + bytes(range(100)) + bytes(key.size - 101)
    return key.public.modulus.bit_length() == bits and key.public.apply(key.sign(block)) == block


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_has_a_ca_and_an_issuer(scheme: str) -> None:
    public, private = pool().ca(scheme)
    assert works(private, 1984)
    assert (public.index, len(public.rid), public.public) == (0xF0, 5, private.public)
    assert works(pool().issuer(scheme), 1408)
    with pytest.raises(IndexError):
        pool().issuer(scheme, 99)
    keys = [pool().imk(scheme, use) for use in USES]
    assert len(set(keys)) == len(USES)
    assert all(len(key) == 16 and odd_parity(key) == key for key in keys)


def test_there_are_keys_for_cards_and_pins() -> None:
    keys = pool()
    assert keys.schemes == tuple(SCHEMES)
    assert (keys.icc_count, keys.pin_count) == (32, 4)
    private = [*(keys.icc(number) for number in range(32)), *(keys.pin_key(number) for number in range(4))]
    assert all(works(key, 1024) for key in private)
    assert len({key.public.modulus for key in private}) == 36
    assert keys.icc(32) is keys.icc(0), "numbers go round, and a key is made once"
    assert keys.pin_key(5) is keys.pin_key(1)
    assert {len(keys.bdk(algorithm)) for algorithm in ("tdes", "aes")} == {16}


def test_no_two_issuers_share_a_key() -> None:
    keys = [pool().imk(scheme, use) for scheme in SCHEMES for use in USES]
    assert len(set(keys)) == len(keys)


def test_unknown_names() -> None:
    for ask in (
        lambda: pool().ca("mir"),
        lambda: pool().imk("visa", "zzz"),
        lambda: pool().imk("mir", "ac"),
        lambda: pool().bdk("rot13"),
    ):
        with pytest.raises(KeyError):
            ask()


def test_the_pool_does_not_show_its_keys() -> None:
    text = repr(pool())
    assert pool().imk("visa", "ac").hex().upper() not in text.upper()
    assert f"{pool().icc(0).p:X}" not in text


def test_the_script_adds_what_is_missing_and_keeps_the_rest(tmp_path: Path) -> None:
    rsa, symmetric = (json.loads((COMMITTED / name).read_text()) for name in ("rsa.json", "symmetric.json"))
    lost = rsa["icc"].pop()
    del symmetric["issuer"]["jcb"]["pvk"]
    for name, content in (("rsa.json", rsa), ("symmetric.json", symmetric)):
        (tmp_path / name).write_text(json.dumps(content))
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True, timeout=60)
    made, masters = (json.loads((tmp_path / name).read_text()) for name in ("rsa.json", "symmetric.json"))
    assert made["icc"][:-1] == rsa["icc"]
    assert made["icc"][-1] != lost
    assert (made["ca"], made["issuer"], made["pin"]) == (rsa["ca"], rsa["issuer"], rsa["pin"])
    added = made["icc"][-1]
    assert works(PrivateKey(int(added["p"], 16), int(added["q"], 16)), 1024)
    assert len(masters["issuer"]["jcb"].pop("pvk")) == 32
    assert masters == symmetric
