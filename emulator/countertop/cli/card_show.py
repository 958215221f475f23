"""``countertop card list`` and ``countertop card show``: what there is, and what is on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.card_options import image, year_option
from countertop.cli.options import json_option
from countertop.cli.table import table

if TYPE_CHECKING:
    from countertop.cards.chip import ApplicationImage, ChipImage
    from countertop.emv.capk import CaKey

View = dict[str, Any]


@click.command("list")
@json_option
def list_cards(as_json: bool) -> None:
    """List the chip cards: the published test cards, and those of other packages."""
    from countertop.cards.chip import find_profile, profile_names

    views = []
    for name in profile_names():
        profile = find_profile(name)
        first = profile.applications[0]
        views.append(
            {
                "name": name,
                "number": profile.card.shown,
                "networks": [application.network for application in profile.applications],
                "aids": [_hex(application.aid) for application in profile.applications],
                "authentication": first.auth,
                "cryptogram": first.cvn,
                "pin": profile.card.cvm,
            }
        )
    if as_json:
        click.echo(json.dumps(views, indent=2))
        return
    rows = [
        (*(view[key] for key in ("name", "number", "authentication", "cryptogram")), " ".join(view["aids"]))
        for view in views
    ]
    click.echo(table(("PROFILE", "NUMBER", "ODA", "CRYPTOGRAM", "AIDS"), rows))


@click.command()
@click.argument("profile")
@year_option
@json_option
def show(profile: str, year: int | None, as_json: bool) -> None:
    """Show a card: its ATR, its applications and records, and the CA public keys that a terminal needs."""
    view = view_of(image(profile, year))
    click.echo(json.dumps(view, indent=2) if as_json else _text(view))


def view_of(card: ChipImage) -> View:
    """All that can be read of a card, as plain JSON; bytes are hexadecimal."""
    from countertop.cards.chip.files import DIRECTORY_FILE, PSE
    from countertop.emv.atr import parse_atr

    directory = [
        {"aid": _hex(PSE), "sfi": DIRECTORY_FILE, "record": number, "data": _hex(record)}
        for number, record in enumerate(card.directory, 1)
    ]
    month, year = card.expiry
    return {
        "name": card.profile.name,
        "number": card.profile.card.shown,
        "expiry": f"{month:02d}/{year}",
        "psn": card.profile.psn,
        "atr": _hex(card.profile.atr),
        "protocol": f"T={parse_atr(card.profile.atr).protocols[0]}",
        "aids": [_hex(application.profile.aid) for application in card.applications],
        "applications": [_application(application) for application in card.applications],
        "records": directory + [record for application in card.applications for record in _records(application)],
        "ca_public_keys": [_ca_key(key) for key in card.ca_keys],
    }


def _application(application: ApplicationImage) -> View:
    profile = application.profile
    return {
        "aid": _hex(profile.aid),
        "label": profile.label,
        "preferred_name": profile.preferred_name,
        "priority": profile.priority,
        "network": profile.network,
        "authentication": profile.auth,
        "cryptogram": profile.cvn,
        "aip": _hex(profile.aip.encoded),
        "afl": _hex(application.afl),
        "fci": _hex(application.fci),
    }


def _records(application: ApplicationImage) -> list[View]:
    aid = _hex(application.profile.aid)
    return [
        {"aid": aid, "sfi": sfi, "record": number, "data": _hex(data)}
        for (sfi, number), data in application.records.items()
    ]


def _ca_key(key: CaKey) -> View:
    from countertop.emv.rsa import exponent_bytes

    return {
        "rid": _hex(key.rid),
        "index": f"{key.index:02X}",
        "modulus": _hex(key.modulus),
        "exponent": _hex(exponent_bytes(key.exponent)),
        "checksum": _hex(key.checksum),
    }


def _text(view: View) -> str:
    from countertop.cli.card_tlv import tree

    lines = [f"{view['name']}  {view['number']}  {view['expiry']}", f"ATR {view['atr']}  {view['protocol']}"]
    for application in view["applications"]:
        lines += ["", f"{application['label']}  {application['aid']}  {application['network']}"]
        lines.append(f"  data authentication {application['authentication']}, cryptogram {application['cryptogram']}")
        lines += [f"  {line}" for line in tree(bytes.fromhex(application["fci"]))]
        for record in view["records"]:
            if record["aid"] == application["aid"]:
                lines.append(f"  record {record['sfi']}.{record['record']}")
                lines += [f"    {line}" for line in tree(bytes.fromhex(record["data"]))]
    for key in view["ca_public_keys"]:
        lines += ["", f"CA key {key['rid']} {key['index']}  exponent {key['exponent']}  SHA-1 {key['checksum']}"]
        lines.append(f"  {key['modulus']}")
    return "\n".join(lines)


def _hex(data: bytes) -> str:
    return data.hex().upper()
