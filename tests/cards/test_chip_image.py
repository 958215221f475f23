"""What a terminal reads of a card: sizes, mandatory objects, certificates that hold (EMV Book 2, Book 3)."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.cards.hands import YEAR, Hands, changed, make

from countertop.cards import all_cards, find_card
from countertop.cards.chip import ApplicationImage, ChipImage, image_of
from countertop.emv import tlv
from countertop.emv.certificates import CertificateError, recover_icc_key, recover_issuer_key
from countertop.emv.data_authentication import verify_dynamic, verify_static
from countertop.emv.kernel.reading import parse_afl
from countertop.emv.rsa import PublicKey
from countertop.emv.tags import TAGS

NAMES = [card.name for card in all_cards()]
TODAY = "261123"


def objects(application: ApplicationImage) -> dict[int, bytes]:
    """All data objects of the records."""
    return {item.tag: item.value for record in application.records.values() for item in tlv.flatten(tlv.parse(record))}


def static_data(application: ApplicationImage) -> bytes:
    """What static signatures cover, from the locator and the records alone (EMV Book 3 §10.3)."""
    covered = b""
    for entry in parse_afl(application.afl):
        for number in range(entry.first, entry.first + entry.signed):
            [template] = tlv.parse(application.records[entry.sfi, number])
            covered += template.value
    return covered + application.profile.aip.encoded


def issuer_key(image: ChipImage, application: ApplicationImage) -> PublicKey:
    """The issuer's key as a terminal recovers it."""
    data = objects(application)
    ca = next(key for key in image.ca_keys if key.rid == application.profile.aid[:5])
    assert data[0x8F] == bytes((ca.index,))
    return recover_issuer_key(ca.public, data[0x90], data.get(0x92, b""), data[0x9F32], image.number, TODAY)


@pytest.mark.parametrize("name", NAMES)
def test_records_are_short_whole_and_without_repetition(name: str) -> None:
    image = image_of(name, YEAR)
    for application in image.applications:
        seen: Counter[int] = Counter()
        for record in application.records.values():
            assert len(record) <= 254, "with its status a response has 256 bytes at most"
            for item in tlv.flatten(tlv.parse(record)):
                seen[item.tag] += 1
                assert TAGS[item.tag].takes(item.value), f"{item.tag:X} has {len(item.value)} bytes"
                assert "C" in TAGS[item.tag].source
        assert {0x5A, 0x5F24, 0x8C, 0x8D, 0x57, 0x8E} <= set(seen)
        assert set(seen.values()) == {1}
        listed = [
            (entry.sfi, number) for entry in parse_afl(application.afl) for number in range(entry.first, entry.last + 1)
        ]
        assert listed == list(application.records)


@pytest.mark.parametrize("name", NAMES)
def test_number_expiry_and_track_agree(name: str) -> None:
    image = image_of(name, YEAR)
    card = find_card(name)
    assert image.expiry == (12, YEAR + 4)
    for application in image.applications:
        data = objects(application)
        assert data[0x5A].hex().upper().rstrip("F") == card.number == image.number
        assert data[0x5F24].hex() == "301231"
        assert data[0x5F34][0] == (2 if name == "visa_us_common_debit" else 1)
        track = data[0x57].hex().upper().rstrip("F")
        assert track.startswith(f"{card.number}D3012{application.profile.service_code}")
        assert len(track) <= 37


@pytest.mark.parametrize("name", NAMES)
def test_certificates_hold_up_to_the_ca(name: str) -> None:
    image = image_of(name, YEAR)
    for application in image.applications:
        data, kind = objects(application), application.profile.auth
        if kind == "none":
            assert 0x9F46 not in data
            assert 0x93 not in data
            continue
        issuer = issuer_key(image, application)
        assert issuer.modulus.bit_length() == 1408
        if kind == "sda":
            assert 0x9F46 not in data
            assert len(verify_static(issuer, data[0x93], static_data(application))) == 2
            with pytest.raises(CertificateError):
                verify_static(issuer, data[0x93], static_data(application) + b"\x00")
            continue
        arguments = (data[0x9F46], data.get(0x9F48, b""), data[0x9F47], image.number, TODAY)
        own = recover_icc_key(issuer, *arguments, static_data(application))
        assert own.modulus.bit_length() == 1024
        with pytest.raises(CertificateError):
            recover_icc_key(issuer, *arguments, static_data(application) + b"\x00")


def test_a_chip_without_a_key_has_one_for_pins_if_its_list_wants_it() -> None:
    image = image_of("diners_14digits", YEAR)
    [application] = image.applications
    data = objects(application)
    arguments = (data[0x9F2D], data.get(0x9F2F, b""), data[0x9F2E], image.number, TODAY)
    recovered = recover_icc_key(issuer_key(image, application), *arguments, b"")
    assert application.keys.pin is not None
    assert recovered.modulus == application.keys.pin.public.modulus
    without = changed("diners_14digits", cvm_list=bytes.fromhex("00000000000000001F03"))
    assert 0x9F2D not in objects(without.applications[0])
    assert without.applications[0].keys.pin is None


def test_dynamic_authentication_signs_what_the_terminal_drew() -> None:
    chip = make("discover2")
    hands = Hands(chip)
    hands.begin()
    [application] = chip.image.applications
    data = objects(application)
    issuer = issuer_key(chip.image, application)
    own = recover_icc_key(
        issuer, data[0x9F46], data.get(0x9F48, b""), data[0x9F47], chip.image.number, TODAY, static_data(application)
    )
    for drawn in (bytes.fromhex("52BF4585"), bytes(4)):
        response = hands.send(0x00, 0x88, 0, 0, data=drawn, le=256)
        [template] = tlv.parse(response.data)
        assert template.tag == 0x80
        assert len(verify_dynamic(own, template.value, drawn)) == 8
        with pytest.raises(CertificateError):
            verify_dynamic(own, template.value, b"\x01\x02\x03\x04")


def test_an_image_is_made_once_and_moves_with_the_year() -> None:
    assert image_of("visa", YEAR) is image_of("visa", YEAR)
    assert image_of("visa", YEAR + 1).expiry == (12, YEAR + 5)


def test_velocity_limits_are_there_if_the_profile_has_them() -> None:
    data = objects(changed("visa", lower_limit=2, upper_limit=5).applications[0])
    assert (data[0x9F14], data[0x9F23]) == (b"\x02", b"\x05")
    assert 0x9F14 not in objects(image_of("visa", YEAR).applications[0])


def test_nothing_secret_shows_in_a_repr() -> None:
    image = image_of("visa", YEAR)
    text = repr(image) + repr(make("visa").state)
    keys = image.applications[0].keys
    assert image.number not in text
    assert keys.ac.hex() not in text.lower()
    assert repr(keys.ac) not in text
