"""``countertop device list``, ``probe``, ``apdu`` …: the drivers' own command line, with our manners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from countertop.cli.opened import in_one_line
from countertop.cli.options import json_option

if TYPE_CHECKING:
    from countertop.attach.ports import Drivers

record_option = click.option("--record", metavar="FILE", help="Write every frame to FILE, with secrets masked.")


def _drivers() -> Drivers:
    from countertop.attach.ports import find_drivers

    return find_drivers()


@click.command("list")
@click.option("--timeout", default=3.0, show_default=True, help="Seconds for all drivers together.")
@json_option
def list_devices(timeout: float, as_json: bool) -> None:
    """Print what is plugged in, as the URLs that open it.

    Every driver is asked at once. Serial ports are listed where a device is likely; nothing is sent to them.
    """
    drivers = _drivers()
    with in_one_line(drivers):
        drivers.command_line.show_devices(click.echo, timeout_s=timeout, as_json=as_json)


@click.command()
@json_option
def schemes(as_json: bool) -> None:
    """Print every kind of device, and which driver has it."""
    _drivers().command_line.show_schemes(click.echo, as_json=as_json)


@click.command()
@click.argument("url")
@record_option
@json_option
def probe(url: str, record: str | None, as_json: bool) -> None:
    """Open a device and print what it says of itself and its card."""
    drivers = _drivers()
    with in_one_line(drivers):
        drivers.command_line.probe(url, click.echo, record=record, as_json=as_json)


@click.command()
@click.argument("url")
@click.argument("commands", nargs=-1, required=True, metavar="HEX...")
@click.option("--allow", multiple=True, type=click.Choice(["pin", "tc", "scripts"]), help="What may be done to a card.")
@click.option("--unmasked", is_flag=True, help="Print all digits of any card.")
@record_option
@json_option
def apdu(
    url: str, commands: tuple[str, ...], allow: tuple[str, ...], unmasked: bool, record: str | None, as_json: bool
) -> None:
    """Send commands to the card in a device, and print its answers.

    Commands that may harm a card (VERIFY, a TC, anything that changes it) are held back unless --allow names them.
    """
    drivers = _drivers()
    with in_one_line(drivers):
        send = drivers.command_line.send
        send(url, commands, click.echo, allow=allow, record=record, unmasked=unmasked, as_json=as_json)


@click.command()
@click.argument("url")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to wait for each card.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 10_000), help="How many cards.")
@click.option("--unmasked", is_flag=True, help="Print all digits of any card.")
@record_option
@json_option
def track(url: str, timeout: float, count: int, unmasked: bool, record: str | None, as_json: bool) -> None:
    """Wait for cards to be swiped and print their tracks, masked but for test cards."""
    drivers = _drivers()
    with in_one_line(drivers):
        read = drivers.command_line.track
        read(url, click.echo, timeout_s=timeout, count=count, record=record, unmasked=unmasked, as_json=as_json)


@click.command()
@click.argument("file")
@json_option
def trace(file: str, as_json: bool) -> None:
    """Read a recording as text."""
    drivers = _drivers()
    with in_one_line(drivers):
        drivers.command_line.trace(file, click.echo, as_json=as_json)
