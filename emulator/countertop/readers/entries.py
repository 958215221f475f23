"""What may be entered in a form, by its kind, and something fitting for each."""

from __future__ import annotations

import re
from collections.abc import Callable

from countertop.errors import ReaderError
from countertop.gateway import InputField

LONGEST_TEXT = 500
LONGEST_SIGNATURE = 100_000
SIGNATURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 80">'
    '<path d="M12 60 C40 8 56 8 60 48 S96 72 112 40 S160 20 176 52 S212 60 228 30"'
    ' fill="none" stroke="black" stroke-width="2"/></svg>'
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+", re.ASCII)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"[0-9]+")
_SVG = re.compile(r"\s*(<\?xml[^>]*\?>\s*)?<svg[\s>].*</svg>\s*", re.DOTALL)


def check(field: InputField, value: str) -> None:
    """Raises ReaderError, saying what fits, unless the value can be entered in this form."""
    if field.kind == "selection":
        if value not in (choice.id for choice in field.choices):
            ids = ", ".join(choice.id for choice in field.choices)
            raise ReaderError(f"The form has no choice {value[:60]!r}.", f"It has: {ids}")
        return
    fits, hint = _RULES[field.kind]
    if not fits(value):
        raise ReaderError(f"The form does not take this as {field.kind}.", hint)


def fitting(field: InputField) -> str:
    """Something that fits in this form; for a selection its first choice."""
    return field.choices[0].id if field.kind == "selection" else _FITTING[field.kind]


_RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "email": (
        lambda value: len(value) <= LONGEST_TEXT and _EMAIL.fullmatch(value) is not None,
        "Give an address such as jenny@example.com.",
    ),
    "phone": (lambda value: _PHONE.fullmatch(value) is not None, "Give a number in E.164, such as +14155550100."),
    "numeric": (
        lambda value: len(value) <= LONGEST_TEXT and _DIGITS.fullmatch(value) is not None,
        "Give digits only.",
    ),
    "text": (
        lambda value: len(value.strip()) > 0 and len(value) <= LONGEST_TEXT,
        f"Give 1 to {LONGEST_TEXT} characters.",
    ),
    "signature": (
        lambda value: len(value) <= LONGEST_SIGNATURE and _SVG.fullmatch(value) is not None,
        f"Give an SVG document (<svg …>…</svg>) of up to {LONGEST_SIGNATURE} characters.",
    ),
}
_FITTING = {
    "email": "jenny@example.com",
    "phone": "+14155550100",
    "numeric": "1234",
    "text": "Jenny Rosen",
    "signature": SIGNATURE,
}
