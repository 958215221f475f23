"""``countertop attach``: a real device as the card slot of a virtual reader."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.opened import opened, usual_way
from countertop.cli.options import url_option

if TYPE_CHECKING:
    from countertop.attach.ports import Drivers

WARNING = """\
A card at {device} will be read for real: its applications, its records (number, expiry, name, track 2) and a
cryptogram for each sale. Of a card that is nobody's test card, the number is truncated (first six, last four digits)
and fingerprinted at the reader; its name, its tracks and PINs are not stored, and its issuer is not asked."""
HELD_BACK = {
    "pin": "no PIN is tried",
    "tc": "no payment is completed on it (TC)",
    "scripts": "nothing on it is changed",
}


@click.command()
@click.argument("device", metavar="DEVICE")
@click.option("--reader", "name", metavar="READER", help="A tmr_ id, serial number or label; one alone needs no name.")
@click.option("--how", type=click.Choice(["insert", "tap"]), help="How its cards are read, if not as usual.")
@click.option("--allow", multiple=True, type=click.Choice(list(HELD_BACK)), help="What may be done to a card.")
@click.option("--record", metavar="FILE", help="Write every frame to FILE, with secrets masked.")
@url_option
def attach(
    device: str, name: str | None, how: str | None, allow: tuple[str, ...], record: str | None, url: str
) -> None:
    """Make a real device the card slot of a virtual reader, until Ctrl-C.

    DEVICE is a URL such as ccid:usb, acr122:usb, pn532:serial:/dev/ttyUSB0, msr605:serial:/dev/ttyUSB0 or
    swipe:hid; `countertop device list` prints those that are plugged in. A card is sent no PIN, no TC request and no
    script unless --allow says so.
    """
    serial = _reader(url, name)
    with opened(device, record) as (link, drivers):
        _attach(drivers, link, device, serial, how, allow, url, recording=record is not None)


def _reader(url: str, name: str | None) -> str:
    from countertop.cli.reader import reader_named
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        return reader_named(client.readers(), name)


def _attach(
    drivers: Drivers,
    link: Any,
    device: str,
    serial: str,
    how: str | None,
    allow: tuple[str, ...],
    url: str,
    *,
    recording: bool,
) -> None:
    from countertop.attach.desk import Desk
    from countertop.attach.slot import Ended, SlotWork
    from countertop.attach.stripe import StripeWork

    first = [link]

    def reopen() -> Any:
        if first:
            opened = first.pop()
        else:
            opened = drivers.open(device)
            if recording:
                click.echo("What comes now is not in the recording: that ended when the device went.")
        return drivers.careful(opened, allow) if drivers.is_slot(opened) else opened

    slot = drivers.is_slot(link)
    desk = Desk(url, serial, device, (how or usual_way(device)) if slot else "swipe", allow, click.echo)
    _warn(device, allow)
    desk.open()
    work = SlotWork(desk, drivers, reopen, click.echo) if slot else StripeWork(desk, drivers, reopen, click.echo)
    click.echo(f"{device} is the {'card slot' if slot else 'stripe reader'} of {serial}. Ctrl-C lets go.")
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        work.run()
    except KeyboardInterrupt:
        click.echo("Let go.")
    except Ended as end:
        if end.error is not None:
            raise end.error from None
        click.echo("The server let the device go.")
    finally:
        signal.signal(signal.SIGTERM, before)
        work.close()
        desk.close()


def _warn(device: str, allow: tuple[str, ...]) -> None:
    click.echo(WARNING.format(device=device))
    kept = [words for name, words in HELD_BACK.items() if name not in allow]
    click.echo(f"Held back: {', '.join(kept)}." if kept else "Nothing is held back.")
    if allow:
        click.echo(f"ALLOWED by --allow: {', '.join(allow)}. Three wrong PINs block a card for good.")


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
