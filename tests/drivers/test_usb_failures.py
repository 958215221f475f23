"""What pyusb and libusb say, as errors that say what to do."""

from __future__ import annotations

import errno
import sys

import pytest
import usb.core
from usb_bench import card, link_to

import countertop_drivers as drivers
from countertop_drivers.usb.failures import translated
from countertop_drivers.virtual.ccid import VirtualCcid
from countertop_drivers.virtual.usb_backend import virtual_backend


@pytest.mark.parametrize(
    ("raised", "error", "hint"),
    [
        (usb.core.USBError("gone", -4, errno.ENODEV), drivers.DeviceGone, "open it again"),
        (usb.core.USBError("denied", -3, errno.EACCES), drivers.DriverUnavailable, "udev rule"),
        (usb.core.USBError("busy", -6, errno.EBUSY), drivers.DriverUnavailable, "pcscd"),
        (usb.core.USBError("overflow", -8, errno.EOVERFLOW), drivers.ProtocolError, ""),
        (usb.core.USBError("pipe", -9, errno.EPIPE), drivers.DeviceRefused, ""),
        (usb.core.USBError("time", -7, errno.ETIMEDOUT), drivers.DeviceTimeout, ""),
        (usb.core.USBTimeoutError("time", -7, errno.ETIMEDOUT), drivers.DeviceTimeout, ""),
        (usb.core.USBError("other", -99, None), drivers.DriverError, ""),
        (usb.core.NoBackendError("none"), drivers.DriverUnavailable, "libusb-1.0"),
    ],
)
def test_every_kind(raised, error, hint):
    with pytest.raises(error) as refusal, translated("ACR122U: send"):
        raise raised
    assert str(refusal.value).startswith("ACR122U: send")
    assert hint in refusal.value.hint


@pytest.mark.parametrize("url", ["ccid:usb", "acr122:usb"])
def test_without_pyusb(monkeypatch, url):
    monkeypatch.setitem(sys.modules, "usb.core", None)
    with pytest.raises(drivers.DriverUnavailable) as refusal:
        drivers.open(url)
    assert "countertop[usb]" in refusal.value.hint


def test_names_of_devices():
    device = VirtualCcid(card())
    backend = virtual_backend(device)
    found = usb.core.find(backend=backend)
    assert (found.manufacturer, found.product, found.serial_number) == ("Countertop", "Virtual CCID reader", "1")
    assert found.get_active_configuration().bNumInterfaces == 1
    with pytest.raises(usb.core.USBError):
        found.ctrl_transfer(0xC0, 0x55, 0, 0, 4)


def test_a_link_that_was_closed_says_so():
    link = link_to(VirtualCcid(card()))
    link.close()
    with pytest.raises(drivers.DeviceGone, match="closed"):
        link.power_on()
