"""What keeps real devices from working on this machine, and the line that mends it.

Each check looks at one thing and says what it found; none changes anything.  Linux is looked at closely, of other
systems only what is the same everywhere.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

State = Literal["good", "missing", "bad"]
UDEV_FILE = "/etc/udev/rules.d/70-countertop.rules"
UDEV_RULES = (
    'SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:0b0000:*", TAG+="uaccess"',
    'SUBSYSTEM=="usb", ATTR{idVendor}=="0801", TAG+="uaccess"',
    'SUBSYSTEM=="usb", ATTR{idVendor}=="0acd", TAG+="uaccess"',
)
#: Classes of USB interfaces that are ours to open.
SMART_CARD = "0b"
#: Package, extra, and what it is for.
PACKAGES = (
    ("usb", "usb", "pyusb", "USB devices: ccid, acr122, swipe"),
    ("serial", "serial", "pyserial", "serial devices: pn532, msr605"),
    ("smartcard", "pcsc", "pyscard", "readers behind a PC/SC stack: pcsc"),
)
PORTS = ("ttyUSB*", "ttyACM*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    ``missing``: not there, which matters to whoever wants it; ``bad``: there, and of no use as it is.  ``mend``: the
    command that helps; empty when there is nothing to do.
    """

    state: State
    what: str
    mend: str = ""


def examine(root: Path = Path("/"), has: Callable[[str], bool] | None = None) -> Iterator[Finding]:
    """Look at everything.  ``root``: of the file system; ``has``: whether a Python package is installed."""
    installed = has or (lambda name: find_spec(name) is not None)
    yield from packages(installed)
    if installed("usb"):
        yield libusb()
    yield from usb_devices(root)
    yield from serial_ports(root)
    yield from pcscd(root)
    yield vhci(root)


def packages(installed: Callable[[str], bool]) -> Iterator[Finding]:
    """The libraries that drivers load when they are used."""
    for module, extra, package, what in PACKAGES:
        if installed(module):
            yield Finding("good", f"{package} is installed ({what}).")
        else:
            yield Finding("missing", f"{package} is not installed ({what}).", f"pip install 'countertop[{extra}]'")


def libusb() -> Finding:
    """The C library behind pyusb."""
    from usb.backend import libusb1

    if libusb1.get_backend() is None:
        return Finding("bad", "libusb-1.0 was not found: no USB device can be opened.", "sudo apt install libusb-1.0-0")
    return Finding("good", "libusb-1.0 was found.")


def usb_devices(root: Path) -> Iterator[Finding]:
    """Smart-card readers that are plugged in, and whether this user may open them."""
    readers = [device for device in _each(root / "sys/bus/usb/devices", "*") if _is_reader(device)]
    for device in readers:
        bus, number = _number(device / "busnum"), _number(device / "devnum")
        node = root / f"dev/bus/usb/{bus:03d}/{number:03d}"
        name = f"{_text(device / 'manufacturer')} {_text(device / 'product')}".strip() or "A smart-card reader"
        where = f"{name} (bus={bus},addr={number})"
        if os.access(node, os.R_OK | os.W_OK):
            yield Finding("good", f"{where} may be opened.")
        else:
            yield Finding("bad", f"{where} may not be opened by this user.", _udev_line())
    if not readers:
        yield Finding("missing", "No smart-card reader is plugged in.")


def serial_ports(root: Path) -> Iterator[Finding]:
    """Serial ports, and whether this user may open them."""
    ports = [port for pattern in PORTS for port in _each(root / "dev", pattern)]
    for port in ports:
        shown = f"/{port.relative_to(root)}"
        if os.access(port, os.R_OK | os.W_OK):
            yield Finding("good", f"{shown} may be opened.")
        else:
            group = _group(port)
            yield Finding("bad", f"{shown} belongs to the group {group}, and you are not in it.", _group_line(group))
    if not ports:
        yield Finding("missing", "No serial port is plugged in (ttyUSB, ttyACM).")


def pcscd(root: Path) -> Iterator[Finding]:
    """The daemon that takes every smart-card reader for itself."""
    door = root / "run/pcscd/pcscd.comm"
    if not door.exists():
        return
    listening = _answers(door)
    yield Finding(
        "bad" if listening else "good",
        "pcscd is running: it holds every smart-card reader, so that ccid: and acr122: cannot open one. Use pcsc:NAME."
        if listening
        else "pcscd is not running.",
        "sudo systemctl stop pcscd.socket pcscd.service" if listening else "",
    )


def vhci(root: Path) -> Finding:
    """The kernel's end of USB/IP, for whoever wants to attach an exported device to this machine."""
    if (root / "sys/devices/platform/vhci_hcd.0").exists():
        return Finding("good", "vhci_hcd is loaded: `usbip attach` works here.")
    return Finding("missing", "vhci_hcd is not loaded (only `usbip attach` wants it).", "sudo modprobe vhci-hcd")


def _is_reader(device: Path) -> bool:
    return any(
        _text(interface / "bInterfaceClass") == SMART_CARD for interface in _each(device.parent, f"{device.name}:*")
    )


def _each(folder: Path, pattern: str) -> Iterable[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return ()


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int:
    text = _text(file)
    return int(text) if text.isdigit() else 0


def _group(file: Path) -> str:
    import grp  # there is none on Windows, nor are there such ports

    try:
        return grp.getgrgid(file.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"


def _group_line(group: str) -> str:
    return f"sudo usermod -aG {group} $USER   (then log in again)"


def _udev_line() -> str:
    rules = "\\n".join(UDEV_RULES)
    return f"printf '{rules}\\n' | sudo tee {UDEV_FILE} && sudo udevadm control --reload && sudo udevadm trigger"


def _answers(door: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.settimeout(0.5)
            knock.connect(str(door))
        except OSError:
            return False
    return True
