"""Readers of magnetic stripes that are USB devices of the HID class (card-hardware.md D.3)."""
