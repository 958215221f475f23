"""Smart-card readers of the USB class CCID, revision 1.10 (USB-IF; card-hardware.md B)."""
