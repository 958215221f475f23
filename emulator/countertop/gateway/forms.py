"""What a device is asked to show besides an amount: a tip screen, a cart, input forms (terminal.md §1.4, §2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

InputKind = Literal["signature", "selection", "email", "phone", "text", "numeric"]


@dataclass(frozen=True, slots=True)
class TipOffer:
    """A tip screen: up to three ``amounts`` in minor units.

    ``percentages`` stand beside them when they are shares of ``eligible`` (the amount that tips are reckoned from).
    """

    eligible: int
    amounts: tuple[int, ...]
    percentages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart; ``amount`` is the price of the line in minor units."""

    description: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart; ``tax`` and ``total`` in minor units of ``currency``."""

    currency: str
    lines: tuple[CartLine, ...]
    total: int
    tax: int | None = None


@dataclass(frozen=True, slots=True)
class InputChoice:
    """A button of a ``selection`` form."""

    id: str
    text: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class InputToggle:
    """A switch on a form, and how it stands at first."""

    title: str | None
    description: str | None
    on: bool


@dataclass(frozen=True, slots=True)
class InputField:
    """One form.  A required one has no skip button."""

    kind: InputKind
    title: str
    description: str | None = None
    submit_button: str | None = None
    skip_button: str | None = None
    required: bool = False
    choices: tuple[InputChoice, ...] = ()
    toggles: tuple[InputToggle, ...] = ()


@dataclass(frozen=True, slots=True)
class InputResult:
    """What was entered in one form.

    ``value``: text, number or phone as typed, the id of the choice, or an SVG document for a signature; None when
    skipped.  ``toggles``: how each switch stood, empty when skipped.
    """

    skipped: bool
    value: str | None = None
    toggles: tuple[bool, ...] = ()
