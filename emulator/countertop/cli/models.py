"""``countertop reader models``: the devices and country variants that this installation knows; asks no server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.options import json_option
from countertop.cli.table import table

if TYPE_CHECKING:
    from countertop.readers.model_files import ReaderModel
    from countertop.readers.models import Sku


@click.command()
@click.argument("model", required=False)
@click.option("--country", metavar="CODE", help="Only what can be had in one country, such as GB.")
@json_option
def models(model: str | None, country: str | None, as_json: bool) -> None:
    """List the reader models, or the country variants of one MODEL.

    Their names are what fleet files take as model and sku; no server needs to run.
    """
    from countertop.readers.models import shelf

    chosen = shelf().models() if model is None else [shelf().model(model)]
    wanted = country.upper() if country is not None else None
    found = [
        (device, variants)
        for device in chosen
        if (variants := [sku for sku in shelf().variants(device.name) if wanted in (None, *sku.countries)])
    ]
    if as_json:
        documents = [_document(device, variants) for device, variants in found]
        click.echo(json.dumps(documents if model is None else documents[0] if documents else None, indent=2))
    elif not found:
        click.echo(f"No {model or 'reader'} can be had in {wanted}.")
    elif model is None:
        click.echo(table(("MODEL", "KIND", "SIMULATOR", "FEATURES", "COUNTRIES"), [_row(*pair) for pair in found]))
    else:
        click.echo(_described(*found[0]))


def _row(device: ReaderModel, variants: list[Sku]) -> tuple[object, ...]:
    code = device.simulated.registration_code if device.simulated is not None else None
    features = sorted({feature for sku in variants for feature in sku.model.features}, reverse=True)
    return (device.name, device.kind, code, ", ".join(features), _countries(variants))


def _countries(variants: list[Sku]) -> str:
    """``AU US``, and in brackets where it is not to be had by everybody: ``AU US (preview: PL)``."""
    by_stage: dict[str, list[str]] = {}
    for sku in variants:
        by_stage.setdefault(sku.stage, []).extend(sku.countries)
    general = " ".join(sorted(by_stage.pop("ga", [])))
    others = [f"({stage}: {' '.join(sorted(countries))})" for stage, countries in sorted(by_stage.items())]
    return " ".join([general, *others] if general else others)


def _described(device: ReaderModel, variants: list[Sku]) -> str:
    facts: list[tuple[str, object]] = [
        ("device type", device.device_type),
        ("kind", device.kind),
        ("system", device.os),
        ("screen", _screen(device)),
        ("takes", ", ".join(device.input.interfaces)),
        ("features", ", ".join(device.features)),
        ("unknown networks", ", ".join(device.input.unsupported_networks)),
        ("links", ", ".join(reversed(device.network.links))),
        ("battery", f"{device.battery.hours:g} h" if device.battery is not None else None),
        ("serial", device.serial),
    ]
    if device.simulated is not None:
        facts.append(("simulator", f"{device.simulated.registration_code} ({device.simulated.device_type})"))
    lines = [f"{name:<18}{value}" for name, value in facts if value]
    rows = [
        (sku.name, " ".join(sku.countries), sku.stage, sku.pin, ", ".join(sku.model.features), _software(sku))
        for sku in variants
    ]
    head = ("VARIANT", "COUNTRIES", "STAGE", "PIN", "FEATURES", "SOFTWARE")
    return "\n".join([device.title, *lines, "", table(head, rows)])


def _screen(device: ReaderModel) -> str | None:
    screen = device.screen
    if screen is None:
        return None
    pixels = f"{screen.width}×{screen.height}" if screen.width is not None else ""
    inches = f'{screen.inches:g}"' if screen.inches is not None else ""
    return ", ".join(part for part in (inches, pixels) if part)


def _software(sku: Sku) -> str:
    return sku.firmware_config_key or " / ".join(part for part in (sku.firmware, sku.config, sku.rom) if part)


def _document(device: ReaderModel, variants: list[Sku]) -> dict[str, Any]:
    return device.model_dump() | {
        "variants": [
            {
                "name": sku.name,
                "countries": list(sku.countries),
                "stage": sku.stage,
                "pin": sku.pin,
                "features": list(sku.model.features),
                "app_version": sku.model.app_version,
                "firmware": sku.firmware,
                "config": sku.config,
                "rom": sku.rom,
                "firmware_config_key": sku.firmware_config_key,
            }
            for sku in variants
        ]
    }
