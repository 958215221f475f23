"""Resources from the SDK's classes: names and types, with presence and nullability from the document."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from countertop.api.catalog.compiler.annotations import Code, Typed, nullable, read
from countertop.api.catalog.compiler.document import OpenApi, Schema
from countertop.api.catalog.compiler.endpoints import kind_of
from countertop.api.catalog.compiler.naming import Book
from countertop.api.catalog.compiler.source import Module, Named, Source

REMAPPINGS = "_field_remappings"
NOT_RESOURCES = ("list", "search_result")


class Resources:
    """Compiles resource classes into members: ``{"*id": "s", "description": "~s", "+number": "s"}``.

    ``*`` marks members that are always there, ``+`` those that come only when expanded, ``~`` nullable ones.
    """

    def __init__(self, source: Source, openapi: OpenApi, book: Book, includable: dict[str, list[str]]) -> None:
        self._source = source
        self._openapi = openapi
        self._book = book
        self._includable = includable

    def all(self) -> dict[str, dict[str, Any]]:
        """Kind -> members, for every class with an OBJECT_NAME."""
        found: dict[str, dict[str, Any]] = {}
        for named in self._classes():
            kind = kind_of(named)
            class_def = named.class_def
            if kind is None or kind in NOT_RESOURCES or kind in found or class_def is None:
                continue
            schemas = self._openapi.resource(kind)
            members = self._members(named.module, class_def, kind, schemas)
            members.pop("deleted", None)
            if "metadata" in members:
                members["*metadata"] = members.pop("metadata")  # every object that supports it has it, {} at first
            for name in self._includable.get(kind, ()):
                code = members.pop(name, None) or members.pop("*" + name)
                members["+" + name] = code
            found[kind] = dict(sorted(members.items(), key=lambda item: item[0].lstrip("*+")))
        return found

    def _classes(self) -> Iterator[Named]:
        for name in self._source.files("**/_*.py"):
            if ".params." in name or name.endswith("service") or name.startswith("stripe.events."):
                continue
            module = self._source.module(name)
            for class_name in module.classes:
                yield Named(module, class_name)

    def _members(self, module: Module, class_def: ast.ClassDef, path: str, schemas: list[Schema]) -> dict[str, Any]:
        nested = {item.name: item for item in class_def.body if isinstance(item, ast.ClassDef)}
        renamed = _remappings(class_def)
        members: dict[str, Any] = {}
        for item in class_def.body:
            if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
                continue
            name = renamed.get(item.target.id, item.target.id)
            if name.startswith("_") or name == "OBJECT_NAME":
                continue
            facts = self._openapi.members(schemas, name)
            typed = self._read(module, nested, item.annotation, f"{path}.{name}", facts)
            mark, code = _presence(name, typed, schemas, facts)
            members[mark + name] = code
        return dict(sorted(members.items(), key=lambda item: item[0].lstrip("*+")))

    def _read(
        self,
        module: Module,
        nested: dict[str, ast.ClassDef],
        annotation: ast.expr,
        path: str,
        facts: list[Schema],
    ) -> Typed:
        def refer(reference: str) -> Code:
            if reference in nested:
                return self._shape(module, nested[reference], path, facts)
            target = self._source.resolve(module, reference)
            if target is None or target.class_def is None:
                raise ValueError(f"{path} refers to {reference}, which is not in the SDK")
            kind = kind_of(target)
            return "$" + kind if kind else self._shape(target.module, target.class_def, path, facts)

        return read(annotation, refer)

    def _shape(self, module: Module, class_def: ast.ClassDef, path: str, facts: list[Schema]) -> list[str]:
        inner = [found for fact in facts for found in self._openapi.objects(fact)]
        return self._book.add(path, self._members(module, class_def, path, inner))


def _presence(name: str, typed: Typed, schemas: list[Schema], facts: list[Schema]) -> tuple[str, Code]:
    """The mark and the code of a member; Optional in annotations means *may be null* or *may be absent*."""
    if not typed.optional:
        return "*", typed.code
    if not facts:
        return "", nullable(typed.code)
    if isinstance(typed.code, list) and typed.code[0] == "L":
        return "+", typed.code
    having = [schema for schema in schemas if name in schema.get("properties", {})]
    required = all(name in schema.get("required", ()) for schema in having)
    null = any(fact.get("nullable") for fact in facts)
    if null:
        return "*", nullable(typed.code)
    # Required and never null in the document, optional in the newer SDK: it became either; allow both.
    return ("*", nullable(typed.code)) if required else ("", typed.code)


def _remappings(class_def: ast.ClassDef) -> dict[str, str]:
    for item in class_def.body:
        if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == REMAPPINGS:
            return {str(key): str(value) for key, value in ast.literal_eval(item.value).items()}
    return {}
