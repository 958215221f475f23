"""USB devices through pyusb: finding them, and transfers whose failures are the drivers' own errors."""

from countertop_drivers.usb.devices import Candidate, candidates, open_interface
from countertop_drivers.usb.interface import UsbInterface

__all__ = ["Candidate", "UsbInterface", "candidates", "open_interface"]
