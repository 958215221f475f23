"""``countertop device …``: real devices on this machine, and virtual ones for other programs."""

from __future__ import annotations

import click

from countertop.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("countertop.cli.device_tools:list_devices", "Print what is plugged in, as the URLs that open it."),
    "schemes": ("countertop.cli.device_tools:schemes", "Print every kind of device, and which driver has it."),
    "probe": ("countertop.cli.device_tools:probe", "Open a device and print what it says of itself and its card."),
    "apdu": ("countertop.cli.device_tools:apdu", "Send commands to the card in a device."),
    "read-card": ("countertop.cli.device_read:read_card", "Read the payment applications of a card, without paying."),
    "track": ("countertop.cli.device_tools:track", "Wait for a card to be swiped and print its tracks."),
    "trace": ("countertop.cli.device_tools:trace", "Read a recording as text."),
    "export": ("countertop.cli.device_export:export", "Lend a virtual device to other programs: USB/IP, pty, TCP."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def device() -> None:
    """Real card readers on this machine, and virtual ones for other programs.

    URL names a device: ccid:usb, acr122:usb, pn532:serial:/dev/ttyUSB0, msr605:serial:/dev/ttyUSB0, swipe:hid,
    vpcd:listen:35963, pcsc:NAME, replay:FILE. See docs/hardware.md.
    """
