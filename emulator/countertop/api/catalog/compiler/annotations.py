"""From a type annotation to a type code (:mod:`countertop.api.catalog.codes` says what the codes are)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Code = Any
Refer = Callable[[str], Code]
"""What a name in the annotation stands for, as a code."""

SCALARS = {"str": "s", "int": "i", "bool": "b", "float": "f", "Decimal": "d", "Any": "?", "object": "?"}


@dataclass(frozen=True)
class Typed:
    """A code, whether '' or null is allowed beside it, and whether the key may be left out."""

    code: Code
    optional: bool
    absent: bool


def read(annotation: ast.expr, refer: Refer) -> Typed:
    """The code of an annotation.  Raises ValueError for a form that is not known."""
    node = _unquote(annotation)
    absent = False
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "NotRequired":
        node, absent = _unquote(node.slice), True
    members = _members(node)
    optional = any(_is_unset(member) for member in members)
    literals: list[str] = []
    codes: list[Code] = []
    has_dict = any(_head(member) == "Dict" for member in members)
    for member in members:
        if _is_unset(member):
            continue
        if _head(member) == "Literal":
            literals += [value for value in _literals(member) if value not in literals]
        elif not (has_dict and _head(member) == "UntypedStripeObject"):
            code = _single(member, refer)
            if code not in codes:
                codes.append(code)
    if literals == ["True"]:
        codes.append("b")
    elif literals:
        # `Literal[...] | str` is the SDK's way to stay open for values of later versions; the API is closed.
        codes = [code for code in codes if code != "s"]
        codes.append(["e", *sorted(literals)])
    if not codes:
        return Typed(["e"], optional, absent)
    return Typed(codes[0] if len(codes) == 1 else ["u", *codes], optional, absent)


def _single(node: ast.expr, refer: Refer) -> Code:
    head = _head(node)
    if isinstance(node, ast.Name):
        if node.id in SCALARS:
            return SCALARS[node.id]
        return ["m", "?"] if node.id == "UntypedStripeObject" else refer(node.id)
    if isinstance(node, ast.Attribute):
        return refer(ast.unparse(node))
    if isinstance(node, ast.Subscript):
        if head == "List":
            return ["l", _inner(node.slice, refer)]
        if head == "ListObject":
            return ["L", _inner(node.slice, refer)]
        if head == "SearchResultObject":
            return ["S", _inner(node.slice, refer)]
        if head == "UntypedStripeObject":
            return ["m", _inner(node.slice, refer)]
        if head == "Dict" and isinstance(node.slice, ast.Tuple):
            return ["m", _inner(node.slice.elts[1], refer)]
        if head == "ExpandableField":
            target = _inner(node.slice, refer)
            kinds = target[1:] if isinstance(target, list) and target[0] == "u" else [target]
            if any(not isinstance(kind, str) for kind in kinds):
                return ["u", "s", *kinds]
            return ["x", *sorted(kind.removeprefix("$") for kind in kinds)]
    raise ValueError(f"unknown annotation: {ast.unparse(node)}")


def _inner(node: ast.expr, refer: Refer) -> Code:
    inner = read(node, refer)
    return nullable(inner.code) if inner.optional else inner.code


def nullable(code: Code) -> Code:
    """The code with '' or null allowed beside it."""
    return "~" + code if isinstance(code, str) else ["~", code]


def _members(node: ast.expr) -> list[ast.expr]:
    node = _unquote(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _members(node.left) + _members(node.right)
    head = _head(node)
    if isinstance(node, ast.Subscript) and head == "Union" and isinstance(node.slice, ast.Tuple):
        return [found for element in node.slice.elts for found in _members(element)]
    if isinstance(node, ast.Subscript) and head == "Optional":
        return [*_members(node.slice), ast.Constant(None)]
    return [node]


def _is_unset(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None
    return _head(node) == "Literal" and _literals(node) == [""]


def _literals(node: ast.expr) -> list[str]:
    assert isinstance(node, ast.Subscript)
    values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return [str(value.value) for value in values if isinstance(value, ast.Constant)]


def _head(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""


def _unquote(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.parse(node.value, mode="eval").body
    return node
