"""How a reader comes from a field with a card in it to the right kernel (EMV Contactless Book B; card-hardware.md F.1)."""

from dataclasses import replace

import pytest
from air_card import KERNELS, chip_of, reader, tap
from paper_card import drive, request

from countertop.emv import tlv
from countertop.emv.kernel import OnlineAnswer, Silence
from countertop.emv.kernel.contactless import contactless
from countertop.emv.tlv import make

ISSUER = OnlineAnswer(True, "00")
PPSE = b"2PAY.SYS.DDF01"
OK, NOT_FOUND = b"\x90\x00", b"\x6a\x82"
CO_BADGED = "eftpos_au_visa_debit"
VISA, EFTPOS = bytes.fromhex("A0000000031010"), bytes.fromhex("A00000038410")


def entry(aid: str, priority: int | None = 1, kernel: str | None = None) -> bytes:
    objects = make(0x4F, bytes.fromhex(aid)) + make(0x50, b"PAPER")
    if priority is not None:
        objects += make(0x87, bytes((priority,)))
    if kernel is not None:
        objects += make(0x9F2A, bytes.fromhex(kernel))
    return make(0x61, objects)


def directory(*entries: bytes) -> bytes:
    return make(0x6F, make(0x84, PPSE) + make(0xA5, make(0xBF0C, b"".join(entries)))) + OK


def selected(*entries: bytes, at=None, refuse: frozenset[str] = frozenset()) -> list[str]:
    """The applications that a reader selects from a directory, in order; each is refused at GET PROCESSING OPTIONS."""
    names: list[str] = []

    def answer(command: bytes):
        if command[1] == 0xA4:
            name = command[5 : 5 + command[4]]
            if name == PPSE:
                return directory(*entries)
            names.append(name.hex().upper())
            if names[-1] in refuse:
                return NOT_FOUND
            return make(0x6F, make(0x84, name) + make(0xA5, make(0x50, b"PAPER"))) + OK
        return b"\x69\x84"

    drive(answer, lambda usual: usual, at or reader(), request(), kernel=contactless, usual=bytes((1,)))
    return names


def test_one_application():
    assert selected(entry("A0000000031010")) == ["A0000000031010"]


@pytest.mark.parametrize(
    ("entries", "first"),
    [
        ((("A0000000031010", 2), ("A0000000041010", 1)), "A0000000041010"),
        ((("A0000000031010", 1), ("A0000000041010", 2)), "A0000000031010"),
        # No priority, and zero, come after all others; of equals the first in the directory.
        ((("A0000000031010", None), ("A0000000041010", 15)), "A0000000041010"),
        ((("A0000000031010", 0), ("A0000000041010", 3)), "A0000000041010"),
        ((("A0000000031010", 1), ("A0000000041010", 1)), "A0000000031010"),
    ],
)
def test_priorities(entries, first):
    assert selected(*(entry(*each) for each in entries))[0] == first


def test_applications_that_this_reader_does_not_know_are_passed_over():
    assert selected(entry("A0000009990001", 1), entry("A0000000031010", 2)) == ["A0000000031010"]
    assert selected(entry("A0000009990001", 1)) == []


def test_an_application_that_begins_with_a_known_name_is_known():
    assert selected(entry("A000000003101001", 1)) == ["A000000003101001"]


def test_an_application_that_cannot_be_selected_is_followed_by_the_next():
    names = selected(entry("A0000000031010", 1), entry("A0000000041010", 2), refuse=frozenset(("A0000000031010",)))
    assert names == ["A0000000031010", "A0000000041010"]


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [("03", True), (None, True), ("00", True), ("02", False), ("800036", False)],
)
def test_the_card_says_which_kernel_it_wants(wanted, taken):
    """A kernel that the reader would not use for this application: the combination is none."""
    assert bool(selected(entry("A0000000031010", 1, wanted))) == taken


@pytest.mark.parametrize(
    ("prefer", "avoid", "network"),
    [
        ((), (), EFTPOS),
        ((EFTPOS,), (), EFTPOS),
        ((VISA,), (), VISA),
        ((), (EFTPOS,), VISA),
        ((), (VISA,), EFTPOS),
        # What is avoided is taken all the same when there is nothing else.
        ((), (VISA, EFTPOS), EFTPOS),
    ],
)
def test_routing(prefer, avoid, network):
    at = replace(reader(), prefer=prefer, avoid=avoid)
    done = tap(CO_BADGED, at, answer=ISSUER)
    assert done.outcome.data[0x84] == network
    assert done.outcome.result == "approved"


def test_two_cards_in_the_field():
    done = drive(lambda _: NOT_FOUND, lambda _: Silence.COLLISION, reader(), request(), kernel=contactless)
    assert (done.outcome.result, done.outcome.reason, done.commands) == ("terminated", "collision", [])


@pytest.mark.parametrize("silence", [Silence.MUTE, Silence.REMOVED])
def test_a_field_that_is_empty_again(silence):
    done = drive(lambda _: NOT_FOUND, lambda _: silence, reader(), request(), kernel=contactless)
    assert done.outcome.result in ("try_again", "removed")
    assert done.commands == []


@pytest.mark.parametrize("body", [b"", make(0x6F, b""), make(0x6F, make(0x84, PPSE)), make(0x70, b""), b"\x6f\x82"])
def test_directories_without_anything(body):
    done = drive(lambda _: body + OK, lambda usual: b"\x01", reader(), request(), kernel=contactless)
    assert done.outcome.result in ("another_interface", "try_again", "terminated")


def test_a_card_without_a_directory():
    done = drive(lambda _: NOT_FOUND, lambda usual: b"\x01", reader(), request(), kernel=contactless)
    assert done.outcome.result == "another_interface"


@pytest.mark.parametrize(
    ("word", "result"),
    [("6984", "another_interface"), ("6986", "see_phone"), ("6A81", "terminated"), ("6F00", "terminated")],
)
def test_words_of_a_card_that_does_not_pay(word, result):
    def spoil(command, good):
        return bytes.fromhex(word) if command[:2] == b"\x80\xa8" else good

    assert tap("visa", spoil=spoil).outcome.result == result


@pytest.mark.parametrize("name", ["visa", "mastercard"])
@pytest.mark.parametrize(("amount", "result"), [(999, "approved"), (1000, "approved"), (1001, "another_interface")])
def test_up_to_an_amount_a_card_is_taken(name, amount, result):
    assert tap(name, reader(taps_up_to=1000), answer=ISSUER, amount=amount).outcome.result == result


@pytest.mark.parametrize("name", ["apple_pay:visa", "google_pay:mastercard"])
def test_a_phone_has_a_limit_of_its_own(name):
    at = reader(taps_up_to=1000, device_taps_up_to=5000)
    assert tap(name, at, answer=ISSUER, amount=5000).outcome.result == "approved"
    assert tap(name, at, answer=ISSUER, amount=5001).outcome.result == "another_interface"


RECEIPT = (0x84, 0x95, 0x9F34, 0x8A, 0x9F26, 0x9F36, 0x9F10, 0x9F37, 0x9F02, 0x9A)


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("visa", "3"),
        ("mastercard", "2"),
        ("amex", "4"),
        ("jcb", "5"),
        ("discover", "6"),
        ("diners", "6"),
        ("unionpay", "7"),
        ("interac", "800124"),
        ("eftpos_au_debit", "800036"),
        ("girocard_debit", "800276"),
    ],
)
def test_every_kernel_gives_what_a_receipt_needs(name, kernel):
    done = tap(name, answer=ISSUER)
    assert (done.outcome.result, done.decisions["kernel"]) == ("approved", kernel)
    missing = [f"{tag:X}" for tag in RECEIPT if tag not in done.outcome.data]
    assert missing == []
    assert done.outcome.data[0x84].hex().upper() in KERNELS


def test_a_blocked_application_is_passed_over():
    done = tap(chip_of("visa", faults=("application_blocked",)), answer=ISSUER)
    assert done.outcome.result in ("another_interface", "declined")


def test_the_objects_of_a_device():
    """Token requestor, account reference, last digits of the card, form factor (F.5)."""
    data = tap("apple_pay:visa", answer=ISSUER).outcome.data
    assert len(data[0x9F19]) == 6
    assert len(data[0x9F24]) == 29
    assert data[0x9F25].hex() == "4242"
    assert tlv.name(0x9F6E) == "9F6E"
    assert len(data[0x9F6E]) >= 4
