"""What keeps devices from working, found in made-up file systems."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from countertop_drivers.doctor import Finding, examine, packages, pcscd, serial_ports, usb_devices, vhci


def said(findings) -> list[tuple[str, str]]:
    return [(one.state, one.what) for one in findings]


def usb(root: Path, name: str, interface_class: str, *, node: bool = True, **texts: str) -> Path:
    """A USB device in /sys, and its node in /dev."""
    device = root / "sys/bus/usb/devices" / name
    device.mkdir(parents=True)
    for file, text in {"busnum": "1", "devnum": "5", **texts}.items():
        (device / file).write_text(text + "\n")
    interface = device.parent / f"{name}:1.0"
    interface.mkdir()
    (interface / "bInterfaceClass").write_text(interface_class + "\n")
    place = root / "dev/bus/usb/001/005"
    place.parent.mkdir(parents=True, exist_ok=True)
    if node:
        place.touch()
    return place


def test_packages_that_are_there_and_that_are_not():
    found = list(packages(lambda name: name == "serial"))
    assert [one.state for one in found] == ["missing", "good", "missing"]
    assert [one.mend for one in found] == ["pip install 'countertop[usb]'", "", "pip install 'countertop[pcsc]'"]


def test_a_reader_that_may_be_opened(tmp_path):
    usb(tmp_path, "1-1", "0b", manufacturer="ACS", product="ACR39U")
    assert said(usb_devices(tmp_path)) == [("good", "ACS ACR39U (bus=1,addr=5) may be opened.")]


def test_a_reader_that_may_not_be_opened_wants_a_rule(tmp_path):
    # There is no node at all: root may open anything that is there.
    usb(tmp_path, "1-1", "0b", node=False)
    [finding] = usb_devices(tmp_path)
    assert (finding.state, finding.what) == (
        "bad",
        "A smart-card reader (bus=1,addr=5) may not be opened by this user.",
    )
    assert 'ENV{ID_USB_INTERFACES}=="*:0b0000:*", TAG+="uaccess"' in finding.mend
    assert "sudo tee /etc/udev/rules.d/70-countertop.rules" in finding.mend


def test_other_devices_are_left_alone(tmp_path):
    usb(tmp_path, "1-1", "03")
    assert said(usb_devices(tmp_path)) == [("missing", "No smart-card reader is plugged in.")]


def test_serial_ports(tmp_path):
    assert said(serial_ports(tmp_path)) == [("missing", "No serial port is plugged in (ttyUSB, ttyACM).")]
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/ttyUSB0").touch()
    (tmp_path / "dev/ttyS0").touch()
    assert said(serial_ports(tmp_path)) == [("good", "/dev/ttyUSB0 may be opened.")]


def test_a_serial_port_of_a_group(tmp_path, monkeypatch):
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/ttyACM0").touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    [finding] = serial_ports(tmp_path)
    assert finding.state == "bad"
    assert finding.what.startswith("/dev/ttyACM0 belongs to the group ")
    assert finding.mend.startswith("sudo usermod -aG ")


def test_pcscd(tmp_path):
    assert list(pcscd(tmp_path)) == []
    door = tmp_path / "run/pcscd/pcscd.comm"
    door.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(door))
        listener.listen()
        [finding] = pcscd(tmp_path)
        assert finding.state == "bad"
        assert "pcscd is running" in finding.what
        assert finding.mend == "sudo systemctl stop pcscd.socket pcscd.service"
    assert said(pcscd(tmp_path)) == [("good", "pcscd is not running.")]


def test_vhci(tmp_path):
    assert vhci(tmp_path).mend == "sudo modprobe vhci-hcd"
    (tmp_path / "sys/devices/platform/vhci_hcd.0").mkdir(parents=True)
    assert vhci(tmp_path).state == "good"


def test_an_empty_machine_has_nothing_bad(tmp_path):
    found = list(examine(tmp_path, lambda name: False))
    assert {one.state for one in found} == {"missing"}
    assert all(isinstance(one, Finding) for one in found)


@pytest.mark.parametrize("broken", ["sys", "dev", "run"])
def test_rubbish_in_the_file_system(tmp_path, broken):
    (tmp_path / broken).write_text("no folder")
    assert list(examine(tmp_path, lambda name: False))
