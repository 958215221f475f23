"""The NXP PN532, a contactless front end, on a serial line (high speed UART; card-hardware.md C.2)."""
