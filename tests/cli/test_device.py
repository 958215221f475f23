"""``countertop device …`` and ``doctor``: tools for real devices, over virtual ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from air_card import chip_of
from tests.attach.test_devices import SOMEBODYS, somebodys
from tests.cards.hands import make

from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd
from countertop_drivers.virtual.usbip import UsbipServer

SELECT = "00A4040007A000000003101000"


@pytest.fixture
def reader():
    """A CCID reader with a test card in it."""
    with UsbipServer({"1-1": VirtualCcid(make("visa"))}, port=0) as server:
        yield f"ccid:usbip:127.0.0.1:{server.port}"


def test_list_and_schemes(countertop):
    listed = json.loads(countertop("device", "list", "--json").out)
    assert set(listed) == {"found", "problems"}
    assert "ccid     built in" in countertop("device", "schemes").out
    assert json.loads(countertop("device", "schemes", "--json").out)["msr605"] == "built in"


def test_probe(countertop, reader):
    said = countertop("device", "probe", reader).out
    assert "level: short APDU" in said
    assert "card: 3B6C" in said
    assert json.loads(countertop("device", "probe", reader, "--json").out)["kind"] == "card"


def test_apdu_and_record(countertop, reader, tmp_path):
    file = tmp_path / "trace.json"
    said = countertop("device", "apdu", reader, SELECT, "--record", str(file)).out
    assert f"> {SELECT}  SELECT A0000000031010" in said
    assert "SELECT A0000000031010" in countertop("device", "trace", str(file)).out
    replayed = countertop("device", "apdu", f"replay:{file}", SELECT)
    assert replayed.out == said
    other = countertop("device", "apdu", f"replay:{file}", "00B2010C00")
    assert other.status == 1
    assert "differs from byte" in other.err


def test_what_may_harm_a_card_is_held_back(countertop, reader):
    refused = countertop("device", "apdu", reader, "0020008008241234FFFFFFFFFF")
    assert refused.status == 1
    assert "--allow pin" in refused.err
    assert countertop("device", "apdu", reader, "0020008008241234FFFFFFFFFF", "--allow", "pin").status == 0


@pytest.mark.parametrize("apdus", [False, True])
def test_read_card(countertop, reader, apdus):
    said = countertop("device", "read-card", reader, *(["--apdus"] if apdus else [])).out
    assert said.startswith("A0000000031010  Visa Credit")
    assert "5A PAN: 424242******4242" in said
    assert "4242424242424242" not in said
    assert ("READ RECORD 1.1" in said) is apdus


def test_read_every_application(countertop):
    with UsbipServer({"1-1": VirtualCcid(make("eftpos_au_visa_debit"))}, port=0) as server:
        said = countertop("device", "read-card", f"ccid:usbip:127.0.0.1:{server.port}").out
    assert "A00000038410  eftpos" in said
    assert "A0000000031010  Visa Debit" in said


def test_read_over_the_air_and_somebodys_own(countertop):
    with PtyEnd(VirtualPn532(chip_of("mastercard"))) as end:
        assert "A0000000041010" in countertop("device", "read-card", f"pn532:serial:{end.path}").out
    with UsbipServer({"1-1": VirtualAcr122(somebodys(over_the_air=True))}, port=0) as server:
        said = countertop("device", "read-card", f"acr122:usbip:127.0.0.1:{server.port}", "--apdus").out
    assert "476173******0010" in said
    assert SOMEBODYS not in said


def test_no_card_comes(countertop):
    with UsbipServer({"1-1": VirtualCcid()}, port=0) as server:
        url = f"ccid:usbip:127.0.0.1:{server.port}"
        empty = countertop("device", "read-card", url, "--wait", "1")
        assert (empty.status, empty.err.strip()) == (1, "countertop: No card came within 1 s.")
        assert "card: none" in countertop("device", "probe", url).out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("probe", "nonsense"), "names no device"),
        (("apdu", "loop:3B00", "XX"), "is no command"),
        (("read-card", "loop:zz"), "has no usable ATR"),
        (("track", "loop:3B00"), "slot for chips"),
        (("trace", "/nowhere/file"), "cannot be read"),
    ],
)
def test_what_goes_wrong_is_one_line(countertop, words, says):
    said = countertop("device", *words)
    assert said.status == 1
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_doctor(countertop, monkeypatch):
    from countertop_drivers import doctor, front_door

    bad = doctor.Finding("bad", "libusb-1.0 was not found.", "sudo apt install libusb-1.0-0")
    monkeypatch.setattr(front_door, "examine", lambda: iter([bad]))
    said = countertop("doctor")
    assert said.status == 1
    assert "✗ libusb-1.0 was not found.\n    sudo apt install libusb-1.0-0" in said.out
    assert "✓ The extra [tui] is installed" in said.out
    monkeypatch.setattr(front_door, "examine", lambda: iter([doctor.Finding("missing", "No reader.", "")]))
    assert countertop("doctor").status == 0
    found = json.loads(countertop("doctor", "--json").out)
    assert found[0] == {"state": "missing", "what": "No reader.", "mend": ""}


def test_doctor_on_this_machine(countertop):
    assert countertop("doctor").status in (0, 1)


def test_the_udev_rules_are_those_of_the_documentation():
    from countertop_drivers.doctor import UDEV_RULES

    page = (Path(__file__).parents[2] / "docs" / "hardware.md").read_text(encoding="utf-8")
    for rule in UDEV_RULES:
        assert rule in page
