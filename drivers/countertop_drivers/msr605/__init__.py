"""MSR605 and relatives: serial devices that read, write and erase magnetic stripes (card-hardware.md D.2)."""
