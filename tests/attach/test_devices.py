"""``countertop attach`` with every device: a card in it pays a PaymentIntent that the official SDK made."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
from air_card import chip_of
from tests.cards.hands import make
from usb_bench import T1_ATR

from countertop.cards import find_card
from countertop.cards.chip import VirtualChip, find_profile, image_of
from countertop.cards.chip import vpcd as vpicc
from countertop.cards.stripe import stripe_of
from countertop_drivers.ccid.descriptor import Level
from countertop_drivers.link import Tracks
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import CLEVER, PLAIN, VirtualCcid
from countertop_drivers.virtual.hid_swipe import VirtualSwipeReader
from countertop_drivers.virtual.msr605 import VirtualMsr605
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd, TcpEnd
from countertop_drivers.virtual.usbip import UsbipServer

SOMEBODYS = "4761739001010010"


def tracks_of(name: str, year: int = 2026) -> Tracks:
    """The tracks of a test card, without sentinels."""
    card = find_card(name)
    stripe = stripe_of(card, card.service_code, year)
    return stripe.track_1[1:-1].encode(), stripe.track_2[1:-1].encode(), None


def somebodys(name: str = "visa", *, over_the_air: bool = False, number: str = SOMEBODYS) -> VirtualChip:
    """The chip of a card that nobody here knows."""
    profile = find_profile(name)
    profile = replace(profile, card=replace(profile.card, number=number))
    image = image_of(profile, 2026, over_the_air=over_the_air)
    return VirtualChip(image, pin="4321", random=Random(1).randbytes)


@contextmanager
def usb(scheme: str, device: Any) -> Iterator[str]:
    with UsbipServer({"1-1": device}, port=0) as server:
        yield f"{scheme}:usbip:127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("level", "atr"),
    [
        (Level.TPDU, None),
        pytest.param(Level.TPDU, T1_ATR, marks=pytest.mark.slow),
        pytest.param(Level.SHORT_APDU, None, marks=pytest.mark.slow),
        pytest.param(Level.SHORT_APDU, T1_ATR, marks=pytest.mark.slow),
    ],
    ids=["TPDU, T=0", "TPDU, T=1", "APDU, T=0", "APDU, T=1"],
)
def test_a_contact_reader(counter, attach, atr, level):
    device = VirtualCcid(make("visa"), level=level, features=PLAIN if level is Level.TPDU else CLEVER, atr=atr)
    with usb("ccid", device) as url:
        intent = counter.ask()
        attached = attach(url)
        attached.sees("A card is there.")
        attached.sees("GENERATE AC (2nd)")
        attached.sees("Approved")
        charge = counter.charge(intent)
        assert charge.paid
        card = charge.payment_method_details.card_present
        assert (card.last4, card.read_method, card.brand) == ("4242", "contact_emv", "visa")
        counter.until(lambda: counter.control.reader(counter.reader.id)["state"] == "remove_card")
        device.remove()
        attached.sees("The card is gone.")
        attached.sees("Welcome")


@pytest.mark.slow
def test_a_contactless_reader_on_usb(counter, attach):
    with usb("acr122", VirtualAcr122(chip_of("visa"))) as url:
        intent = counter.ask()
        attached = attach(url)
        attached.sees("GET PROCESSING OPTIONS")
        attached.sees("Approved")
        assert counter.charge(intent).payment_method_details.card_present.read_method == "contactless_emv"


def test_a_contactless_reader_on_a_serial_line(counter, attach):
    with PtyEnd(VirtualPn532(chip_of("mastercard"))) as end:
        intent = counter.ask()
        attached = attach(f"pn532:serial:{end.path}")
        attached.sees("GENERATE AC")
        attached.sees("Approved")
        card = counter.charge(intent).payment_method_details.card_present
        assert (card.read_method, card.brand) == ("contactless_emv", "mastercard")


@pytest.mark.parametrize("kind", ["msr605", pytest.param("swipe", marks=pytest.mark.slow)])
def test_a_reader_of_stripes(counter, attach, kind):
    device = VirtualMsr605() if kind == "msr605" else VirtualSwipeReader()
    with TcpEnd(device) if kind == "msr605" else UsbipServer({"1-1": device}, port=0) as end:
        place = f"127.0.0.1:{end.port}"
        intent = counter.ask()
        attached = attach(f"msr605:serial:socket://{place}" if kind == "msr605" else f"swipe:usbip:{place}")
        device.swipe(tracks_of("visa_stripe"))
        attached.sees("A card was swiped: track 1, 2.")
        attached.sees("Approved")
        card = counter.charge(intent).payment_method_details.card_present
        assert card.read_method == "magnetic_stripe_track2"


@pytest.mark.slow
def test_a_fallback_swipe(counter, attach):
    device = VirtualMsr605()
    with TcpEnd(device) as end:
        intent = counter.ask()
        attached = attach(f"msr605:serial:socket://127.0.0.1:{end.port}")
        for _ in range(2):
            counter.reader.insert("visa", faults=["mute"])
            counter.until(lambda: counter.control.reader(counter.reader.id)["state"] == "remove_card")
            counter.reader.remove_card()
        device.swipe(tracks_of("visa"))
        attached.sees("A card was swiped")
        attached.sees("Approved")
        card = counter.charge(intent).payment_method_details.card_present
        assert card.read_method == "magnetic_stripe_fallback"


@pytest.mark.slow
def test_a_card_that_a_program_plays(counter, attach):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stop = Event()
    intent = counter.ask()
    attached = attach(f"vpcd:listen:{port}")
    thread = Thread(
        target=vpicc.serve, args=(make("visa"), "127.0.0.1", port), kwargs={"stop": stop, "say": print}, daemon=True
    )
    thread.start()
    attached.sees("Approved")
    assert counter.charge(intent).paid
    stop.set()
    thread.join(5)


@pytest.mark.parametrize("how", ["insert", *(pytest.param(how, marks=pytest.mark.slow) for how in ("tap", "swipe"))])
def test_somebodys_own_card_leaves_no_number(counter, attach, how):
    device: Any
    if how == "insert":
        device = VirtualCcid(somebodys())
    elif how == "tap":
        device = VirtualAcr122(somebodys(over_the_air=True))
    else:
        device = VirtualSwipeReader()
    scheme = {"insert": "ccid", "tap": "acr122", "swipe": "swipe"}[how]
    with usb(scheme, device) as url:
        intent = counter.ask()
        attached = attach(url)
        if how == "swipe":
            device.swipe((b"B4761739001010010^DOE/JANE^30121010000000000", b"4761739001010010=30121010000000000", None))
        attached.sees("Approved")
        charge = counter.charge(intent)
    card = charge.payment_method_details.card_present
    assert (charge.paid, card.last4, card.brand) == (True, "0010", "visa")
    assert card.cardholder_name is None
    assert card.fingerprint
    # Neither the number nor a track is anywhere: not in the rows, not in the trace, not in what was printed.
    bench = counter.bench
    known = bench.world.vault
    token = bench.transact(lambda tx: [name for name, _ in tx.each("", "_vault") if name.startswith("card_")])
    revealed = [bench.transact(lambda tx, name=name: known.reveal(tx, name)) for name in token]
    assert "476173******0010" in revealed
    assert not bench.transact(lambda tx: [name for name, _ in tx.each("", "_vault") if name.startswith("track:")])
    everything = str(bench.trace(intent)) + "\n".join(attached.said) + str(charge)
    assert SOMEBODYS not in everything
    assert "DOE" not in everything
    if how == "insert":
        # Whoever has a scheme's public keys reads the number in the card's certificate (EMV Book 2 §6.4).
        records = [entry["response"] for entry in bench.trace(intent)["entries"] if "9F46" in entry.get("response", "")]
        assert records
        assert all("9F4681B0****" in record for record in records)


@pytest.mark.slow
def test_the_amount_decides_about_somebodys_own_card(counter, attach):
    device = VirtualAcr122(somebodys(over_the_air=True))
    with usb("acr122", device) as url:
        intent = counter.ask(amount=1005)
        attached = attach(url)
        attached.sees("Declined")
        charge = counter.charge(intent)
    assert (charge.paid, charge.failure_code) == (False, "card_declined")
