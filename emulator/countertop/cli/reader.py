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
        return work(client, _choose(client.readers(), name))


def _choose(readers: list[View], name: str | None) -> str:
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


def _presenting(how: str, line: str) -> None:
    @reader.command(how, help=line)
    @click.argument("card", default="visa")
    @click.argument("name", metavar="[READER]", required=False)
    @url_option
    def present(card: str, name: str | None, url: str) -> None:
        _show(_with_reader(url, name, lambda client, serial: client.present(serial, how, card)))


_presenting("tap", "Hold a card against the reader; CARD is a test card's name or number, visa if left out.")
_presenting("insert", "Put a card into the slot; CARD is a test card's name or number, visa if left out.")
_presenting("swipe", "Pull a card through; CARD is a test card's name or number, visa if left out.")


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
@click.argument("fault_name", metavar="FAULT")
@click.argument("name", metavar="[READER]", required=False)
@click.option("--off", is_flag=True, help="Switch the fault off.")
@url_option
def fault(fault_name: str, name: str | None, off: bool, url: str) -> None:
    """Switch a fault on, such as offline."""
    _show(_with_reader(url, name, lambda client, serial: client.reader_fault(serial, fault_name, not off)))
