"""``countertop doctor``: what keeps devices from working here, and the line that mends it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from countertop.cli.options import json_option

MARKS = {"good": "✓", "missing": "·", "bad": "✗"}
#: Extras of the emulator itself: module, extra, what it is for.
EXTRAS = (
    ("stripe", "sdk", "the official SDK, for the demo and the pytest fixture"),
    ("textual", "tui", "the fleet screens"),
    ("textual_serve", "web", "the fleet screens in a browser"),
    ("iso8583", "iso8583", "ISO 8583 messages in traces"),
)


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Look for what keeps devices from working on this machine, and print the line that mends it.

    Nothing is changed. The exit status is 1 when something is there and cannot be used (✗); what is only missing (·)
    matters to whoever wants it.
    """
    from importlib.util import find_spec

    from countertop.attach.ports import find_drivers

    drivers = find_drivers()
    found = [asdict(finding) for finding in drivers.examine()]
    for module, extra, what in EXTRAS:
        there = find_spec(module) is not None
        mend = "" if there else f"pip install 'countertop[{extra}]'"
        text = f"The extra [{extra}] is {'' if there else 'not '}installed ({what})."
        found.append({"state": "good" if there else "missing", "what": text, "mend": mend})
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for finding in found:
            click.echo(f"{MARKS[finding['state']]} {finding['what']}")
            if finding["mend"]:
                click.echo(f"    {finding['mend']}")
    if any(finding["state"] == "bad" for finding in found):
        raise click.exceptions.Exit(1)
