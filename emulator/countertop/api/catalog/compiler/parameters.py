"""Parameter shapes from the SDK's TypedDicts, with lengths and minima from the OpenAPI document."""

from __future__ import annotations

import ast
from typing import Any

from countertop.api.catalog.compiler.annotations import Code, nullable, read
from countertop.api.catalog.compiler.document import OpenApi, Schema
from countertop.api.catalog.compiler.naming import Book
from countertop.api.catalog.compiler.source import Named, Source

PLAIN_LENGTH = 5000
EVERYWHERE = "expand"
"""Accepted by every endpoint and checked apart, so not part of any shape."""


class Parameters:
    """Compiles TypedDicts into shapes: ``{"*amount": "i", "currency": "s"}``; ``*`` marks required ones."""

    def __init__(self, source: Source, openapi: OpenApi, book: Book) -> None:
        self._source = source
        self._openapi = openapi
        self._book = book

    def shape(self, named: Named, schemas: dict[str, Schema], *, top: bool = False) -> list[str]:
        """A reference to the shape of a TypedDict; ``schemas`` are what the document says of its members."""
        members: dict[str, Any] = {}
        for name, annotation in self._annotations(named):
            if not (top and name == EVERYWHERE):
                key, code = self._member(named, name, annotation, schemas.get(name))
                members[key] = code
        return self._book.add(_short(named), dict(sorted(members.items(), key=lambda item: item[0].lstrip("*"))))

    def _annotations(self, named: Named) -> list[tuple[str, ast.expr]]:
        found: list[tuple[str, ast.expr]] = []
        table, class_def = named.table, named.class_def
        if table is not None:
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant):
                    found.append((str(key.value), value))
        if class_def is not None:
            for base in class_def.bases:
                parent = self._source.resolve(named.module, ast.unparse(base))
                if parent is not None and parent.table is not None:
                    found += self._annotations(parent)
            for item in class_def.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    found.append((item.target.id, item.annotation))
        return found

    def _member(self, named: Named, name: str, annotation: ast.expr, schema: Schema | None) -> tuple[str, Code]:
        def refer(reference: str) -> Code:
            target = self._source.resolve(named.module, reference)
            if target is None:
                raise ValueError(f"{named.name}.{name} refers to {reference}, which is not in the SDK")
            inner: dict[str, Schema] = {}
            for found in self._openapi.objects(schema) if schema else ():
                inner |= found.get("properties", {})
            return self.shape(target, inner)

        typed = read(annotation, refer)
        if typed.code == "?":
            return name, "E"  # the one untyped parameter is an uploaded file: not part of the form
        code = "M" if name == "metadata" and typed.code == ["m", "s"] else self._bounded(typed.code, schema)
        return ("" if typed.absent else "*") + name, nullable(code) if typed.optional else code

    def _bounded(self, code: Code, schema: Schema | None) -> Code:
        if schema is None:
            return code
        if isinstance(code, list) and code[0] == "l":
            return ["l", self._bounded(code[1], schema)]
        if code == "s":
            lengths = {leaf.get("maxLength") for leaf in self._openapi.leaves(schema, "string") if not _is_unset(leaf)}
            length = lengths.pop() if len(lengths) == 1 else None
            return "s" if length in (None, PLAIN_LENGTH) else f"s:{length}"
        if code == "i":
            minima = {leaf.get("minimum") for leaf in self._openapi.leaves(schema, "integer")}
            minimum = minima.pop() if len(minima) == 1 else None
            return "i" if minimum is None else f"i:{minimum}"
        return code


def _is_unset(leaf: Schema) -> bool:
    return leaf.get("enum") == [""]


def _short(named: Named) -> str:
    """``stripe.params.terminal._reader_create_params.ReaderCreateParams`` -> ``terminal.ReaderCreate``."""
    package = [part for part in named.module.name.split(".")[1:-1] if part != "params"]
    return ".".join([*package, named.name.replace("Params", "")])
