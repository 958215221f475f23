"""Decoding of form bodies and queries into trees of strings (api-conventions §3).

``a[b]=v`` nests, ``a[0]=v`` arrives as ``{"0": "v"}`` and ``a[]=v`` as a list; what each means is decided by the
parameter's shape, later.  Everything is bounded: bytes, pairs, depth and the width of a list.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from countertop.api.errors import ApiError, invalid

MOST_BYTES = 1_000_000
MOST_PAIRS = 5_000
MOST_DEPTH = 12
Tree = dict[str, Any]


def decode(text: str, into: Tree | None = None) -> Tree:
    """The tree of one form or query.  ``into``: merge over an earlier tree; later scalars win.

    Raises ApiError 400 for too many pairs, too much depth, unbalanced brackets, NUL and bytes that are not UTF-8.
    """
    tree: Tree = {} if into is None else into
    if not text:
        return tree
    pairs = text.split("&", MOST_PAIRS)
    if len(pairs) > MOST_PAIRS:
        raise invalid(f"Invalid request: more than {MOST_PAIRS} parameters were sent.", keep=False)
    for pair in pairs:
        if not pair:
            continue
        name, _, value = pair.partition("=")
        place(tree, _text(name), _text(value))
    return tree


def decode_body(body: bytes, into: Tree | None = None) -> Tree:
    """The tree of a form body.  Raises ApiError 400/413 as :func:`decode`, and for more than a million bytes."""
    check_size(body)
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        text = utf8(body)
    return decode(text, into)


def check_size(body: bytes, most: int = MOST_BYTES) -> None:
    """Raises ApiError 413 for a body of more than ``most`` bytes."""
    if len(body) > most:
        raise ApiError(413, "invalid_request_error", f"Request body is larger than {most} bytes.", keep=False)


def _text(raw: str) -> str:
    if "+" in raw:
        raw = raw.replace("+", " ")
    text = utf8(unquote_to_bytes(raw)) if "%" in raw else raw
    if "\x00" in text:
        raise _invalid_characters()
    return text


def utf8(raw: bytes) -> str:
    """The text of percent-decoded bytes.  Raises ApiError 400 for bytes that are not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid_characters() from None


def _invalid_characters() -> ApiError:
    return invalid(
        "Invalid request: it has characters that are not valid UTF-8 text.", code="invalid_characters", keep=False
    )


def place(tree: Tree, name: str, value: str) -> None:
    """Put one pair into the tree where its bracketed name says.  Raises ApiError 400 for a name that cannot be read."""
    bracket = name.find("[")
    if bracket < 0:
        tree[name] = value
        return
    path = [name[:bracket], *_segments(name, bracket)]
    if len(path) > MOST_DEPTH:
        raise invalid(f"Invalid request: {name[:80]} is nested more than {MOST_DEPTH} levels deep.", keep=False)
    _put(tree, path, value, name)


def _segments(name: str, start: int) -> list[str]:
    if not name.endswith("]"):
        raise _malformed(name)
    inner = name[start + 1 : -1].split("][")
    if any("[" in part or "]" in part for part in inner) or start == 0:
        raise _malformed(name)
    return inner


def _malformed(name: str) -> ApiError:
    return invalid(f"Invalid request: the parameter name {name[:80]!r} is malformed.", param=name[:80], keep=False)


def _put(tree: Tree, path: list[str], value: str, name: str) -> None:
    node: Tree = tree
    last = len(path) - 1
    index = 0
    while index < last:
        key, following = path[index], path[index + 1]
        if following == "":
            items = node.get(key)
            if not isinstance(items, list):
                items = node[key] = []
            if index + 1 == last:
                items.append(value)
                return
            # a[][b]=v: a repeated key starts a new element.
            member = path[index + 2]
            if not items or not isinstance(items[-1], dict) or (index + 2 == last and member in items[-1]):
                items.append({})
            node = items[-1]
            index += 2
            continue
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
        index += 1
    if path[last] == "":
        raise _malformed(name)
    node[path[last]] = value
