"""``countertop reader …``: look at one reader of a running server, and touch it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.models import models
from countertop.cli.options import json_option, url_option
from countertop.cli.table import table
from countertop.errors import ReaderError

if TYPE_CHECKING:
    from countertop.client import ServerClient

View = dict[str, Any]


@click.group()
def reader() -> None:
    """Look at a reader of a running server, and touch it.

    READER is a tmr_ id, a serial number or a label. With one reader on the counter, leave it out.
    """


reader.add_command(models)


def _with_reader(url: str, name: str | None, work: Callable[[ServerClient, str], View]) -> View:
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        return work(client, reader_named(client.readers(), name))


def reader_named(readers: list[View], name: str | None) -> str:
    """The serial of the reader that a name means; of the only one without a name.  Raises ReaderError."""
    if name is not None:
        found = [view for view in readers if name in (view["id"], view["serial"], view["label"])]
    else:
        found = readers
    if len(found) == 1:
        return str(found[0]["serial"])
    named = ", ".join(f"{view['id'] or view['serial']} ({view['label'] or 'not registered'})" for view in readers[:8])
    if not readers:
        raise ReaderError("There is no reader on the counter.", "Start with: countertop up --readers 1")
    if name is None or found:
        raise ReaderError("Which reader?", f"There are: {named}")
    raise ReaderError(f"There is no reader {name!r}.", f"There are: {named}")


def _show(view: View) -> None:
    click.echo(f"{view['label'] or view['serial']}  {view['id'] or 'not registered'}  {view['state']}")
    click.echo(view["screen"]["text"])
    action = view["action"]
    if action is not None:
        failure = f": {action['failure_code']} {action['failure_message'] or ''}" if action["failure_code"] else ""
        click.echo(f"action {action['type']} {action['status']}{failure}")


@reader.command("list")
@url_option
@json_option
def list_readers(url: str, as_json: bool) -> None:
    """List all readers."""
    from countertop.client import ServerClient

    with ServerClient(url) as client:
        views = client.readers()
    if as_json:
        click.echo(json.dumps(views, indent=2))
        return
    rows = [
        (
            view["id"],
            view["label"],
            view["serial"],
            view["device_type"],
            view["key"],
            view["status"],
            view["state"],
        )
        for view in views
    ]
    click.echo(table(("ID", "LABEL", "SERIAL", "TYPE", "ACCOUNT", "STATUS", "STATE"), rows))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def show(name: str | None, url: str) -> None:
    """Print everything about a reader, as JSON."""
    click.echo(json.dumps(_with_reader(url, name, lambda client, serial: client.reader(serial)), indent=2))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def screen(name: str | None, url: str) -> None:
    """Print what is on the screen."""
    _show(_with_reader(url, name, lambda client, serial: client.reader(serial)))


_faulty = click.option(
    "--card-fault", "faults", multiple=True, metavar="NAME", help="What is wrong with its chip (see `countertop card`)."
)


@reader.command()
@click.argument("card", default="visa")
@click.argument("name", metavar="[READER]", required=False)
@click.option("--locked", is_flag=True, help="The phone is locked: its holder has to look at it first.")
@click.option("--express", is_flag=True, help="The phone is locked, and pays at the gates of public transport.")
@click.option("--beside", multiple=True, metavar="CARD", help="Another card in the same hand.")
@_faulty
@url_option
def tap(
    card: str, name: str | None, locked: bool, express: bool, beside: tuple[str, ...], faults: tuple[str, ...], url: str
) -> None:
    """Hold a card against the reader; CARD is a test card's name or number, visa if left out, in a phone
    apple_pay:visa."""
    more = {"locked": locked, "express": express, "beside": list(beside)}
    _show(_with_reader(url, name, lambda client, serial: client.present(serial, "tap", card, faults, **more)))


@reader.command()
@click.argument("card", default="visa")
@click.argument("name", metavar="[READER]", required=False)
@_faulty
@url_option
def insert(card: str, name: str | None, faults: tuple[str, ...], url: str) -> None:
    """Put a card into the slot; CARD is a test card's name or number, visa if left out."""
    _show(_with_reader(url, name, lambda client, serial: client.present(serial, "insert", card, faults)))


@reader.command()
@click.argument("card", default="visa_stripe")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def swipe(card: str, name: str | None, url: str) -> None:
    """Pull a card through; CARD is a test card's name or number, visa_stripe (a card without a chip) if left out."""
    _show(_with_reader(url, name, lambda client, serial: client.present(serial, "swipe", card)))


@reader.command()
@click.argument("pin")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def pin(pin: str, name: str | None, url: str) -> None:
    """Type a PIN."""
    _show(_with_reader(url, name, lambda client, serial: client.enter_pin(serial, pin)))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def remove(name: str | None, url: str) -> None:
    """Take the card out of the slot."""
    _show(_with_reader(url, name, lambda client, serial: client.remove_card(serial)))


@reader.command()
@click.argument("button")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def press(button: str, name: str | None, url: str) -> None:
    """Press a button that the screen shows, such as cancel."""
    _show(_with_reader(url, name, lambda client, serial: client.press(serial, button)))


@reader.command()
@click.argument("amount", type=int)
@click.argument("name", metavar="[READER]", required=False)
@url_option
def tip(amount: int, name: str | None, url: str) -> None:
    """Choose a tip on the tip screen: AMOUNT in minor units (cents), 0 for none."""
    _show(_with_reader(url, name, lambda client, serial: client.choose_tip(serial, amount)))


@reader.command()
@click.argument("value")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def enter(value: str, name: str | None, url: str) -> None:
    """Fill the form on the screen: VALUE is text, a number, the id of a choice, or an SVG signature."""
    _show(_with_reader(url, name, lambda client, serial: client.enter(serial, value)))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def skip(name: str | None, url: str) -> None:
    """Skip the form on the screen."""
    _show(_with_reader(url, name, lambda client, serial: client.skip(serial)))


@reader.command()
@click.argument("position", type=click.IntRange(0))
@click.argument("name", metavar="[READER]", required=False)
@url_option
def toggle(position: int, name: str | None, url: str) -> None:
    """Flip a switch of the form on the screen, counted from 0."""
    _show(_with_reader(url, name, lambda client, serial: client.toggle(serial, position)))


@reader.command()
@click.argument("network")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def choose(network: str, name: str | None, url: str) -> None:
    """Choose the network on which a card with several is to run, such as eftpos_au."""
    _show(_with_reader(url, name, lambda client, serial: client.choose_network(serial, network)))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def plug(name: str | None, url: str) -> None:
    """Put the reader on its charger."""
    _show(_with_reader(url, name, lambda client, serial: client.set_power(serial, True)))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def unplug(name: str | None, url: str) -> None:
    """Take the reader off its charger."""
    _show(_with_reader(url, name, lambda client, serial: client.set_power(serial, False)))


@reader.command()
@click.argument("name", metavar="[READER]", required=False)
@url_option
def reboot(name: str | None, url: str) -> None:
    """Switch the reader off and on again, whatever goes on."""
    _show(_with_reader(url, name, lambda client, serial: client.reboot(serial)))


@reader.command()
@click.argument("version")
@click.argument("name", metavar="[READER]", required=False)
@url_option
def install(version: str, name: str | None, url: str) -> None:
    """Install software, such as 2.43.1.0; it takes minutes, and a charged battery."""
    _show(_with_reader(url, name, lambda client, serial: client.install(serial, version)))


@reader.command()
@click.argument("fault_name", metavar="FAULT")
@click.argument("name", metavar="[READER]", required=False)
@click.option("--off", is_flag=True, help="Switch the fault off.")
@click.option("--in", "seconds_until", type=click.FloatRange(0), metavar="SECONDS", help="Begin so much later.")
@click.option("--for", "seconds_long", type=click.FloatRange(0), metavar="SECONDS", help="End after so long.")
@url_option
def fault(
    fault_name: str, name: str | None, off: bool, seconds_until: float | None, seconds_long: float | None, url: str
) -> None:
    """Switch a fault on, such as offline; `countertop reader faults` lists them."""
    plan = {
        key: round(seconds * 1000)
        for key, seconds in (("in_ms", seconds_until), ("for_ms", seconds_long))
        if seconds is not None
    }
    _show(_with_reader(url, name, lambda client, serial: client.reader_fault(serial, fault_name, not off, **plan)))


@reader.command("faults")
def list_faults() -> None:
    """List the faults that a reader can have."""
    from countertop.readers.faults import FAULTS

    click.echo(table(("FAULT", "MEANING"), ((fault.name, fault.says) for fault in FAULTS.values())))
