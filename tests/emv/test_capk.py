"""CA public keys: the published test keys of card-hardware.md G.6 with their check values, and ours beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

from countertop.emv.capk import CaKey, CapkStore, published_keys
from countertop.emv.issuer_keys import pool

PUBLISHED = json.loads(files("countertop_firmware").joinpath("keys/published_capk.json").read_text(encoding="utf-8"))


def test_published_keys_have_their_published_check_values() -> None:
    keys = published_keys()
    assert len(keys) == len(PUBLISHED) == 13
    for key, said in zip(keys, PUBLISHED, strict=True):
        assert key.checksum.hex().upper() == said["sha1"], f"{said['scheme']} {said['index']}"
        assert key.public.exponent == 3
        assert len(key.modulus) == key.public.size


def test_our_keys_stand_beside_them() -> None:
    ours = pool().ca_keys()
    store = CapkStore((*published_keys(), *ours))
    assert len(store) == len(published_keys()) + len(pool().schemes), "no two share scheme and index"
    assert set(store) == {*published_keys(), *ours}
    for key in ours:
        assert store.find(key.rid, key.index) is key
        assert store.find(key.rid, key.index ^ 1) is not key


def test_a_key_takes_the_place_of_its_like() -> None:
    key = CaKey(b"12345", 0xF0, b"\x0f", 3)
    store = CapkStore((key,))
    other = replace(key, modulus=b"\x15")
    store.add(other)
    assert list(store) == [other]
    assert store.find(b"12345", 0xF0) == other
    assert store.find(b"12346", 0xF0) is None
    assert key.checksum != other.checksum
