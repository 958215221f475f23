"""Endpoints from the SDK's service classes: verb, path, parameters, what comes back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from countertop.api.catalog.compiler.annotations import read
from countertop.api.catalog.compiler.source import Module, Named, Source

REQUESTS = ("_request", "_request_stream")


@dataclass(frozen=True)
class Method:
    """A method of a service class.  ``returns``: object, list, search or bytes; ``kinds``: of which type."""

    verb: str
    path: str
    name: str
    params: Named | None
    returns: str
    kinds: tuple[str, ...]
    host: str

    @property
    def operation(self) -> str:
        return f"{self.verb} {self.path}"


def methods(source: Source) -> Iterator[Method]:
    """Every synchronous method of every service that sends a request to ``/v1`` or ``/v2``."""
    for name in source.files("**/_*service.py"):
        module = source.module(name)
        for class_def in module.classes.values():
            for item in class_def.body:
                if isinstance(item, ast.FunctionDef):
                    method = _method(source, module, item)
                    if method is not None:
                        yield method


def _method(source: Source, module: Module, function: ast.FunctionDef) -> Method | None:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in REQUESTS:
            continue
        verb, path = node.args[0], _path(node.args[1])
        if not isinstance(verb, ast.Constant) or not path.startswith(("/v1/", "/v2/")):
            return None
        streamed = node.func.attr == "_request_stream"
        returns, kinds = _returns(source, module, function.returns, streamed=streamed)
        params = _params(source, module, function)
        return Method(str(verb.value).upper(), path, function.name, params, returns, kinds, _host(node))
    return None


def _host(call: ast.Call) -> str:
    named = (word.value for word in call.keywords if word.arg == "base_address")
    return next((ast.literal_eval(value) for value in named), "api")


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _params(source: Source, module: Module, function: ast.FunctionDef) -> Named | None:
    found: list[str] = []

    def note(name: str) -> str:
        found.append(name)
        return "?"

    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            read(argument.annotation, note)
    return source.resolve(module, found[0]) if found else None


def _returns(
    source: Source, module: Module, annotation: ast.expr | None, *, streamed: bool
) -> tuple[str, tuple[str, ...]]:
    if streamed or annotation is None:
        return "bytes", ()
    kinds: list[str] = []

    def refer(name: str) -> str:
        named = source.resolve(module, name)
        kind = kind_of(named) if named else None
        if kind is not None and kind not in kinds:
            kinds.append(kind)
        return "$" + (kind or name)

    code = read(annotation, refer).code
    returns = {"L": "list", "S": "search"}.get(code[0], "object") if isinstance(code, list) else "object"
    return returns, tuple(sorted(kinds))


def kind_of(named: Named) -> str | None:
    """The ``object`` value of a resource class; None for a class that has none."""
    class_def = named.class_def
    for item in class_def.body if class_def else ():
        if isinstance(item, ast.AnnAssign) and ast.unparse(item.target) == "OBJECT_NAME":
            return str(item.value.value) if isinstance(item.value, ast.Constant) else None
    return None
