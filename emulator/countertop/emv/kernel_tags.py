"""Data objects that mean different things in different kernels: decode by kernel, never by the tag alone (F, J 17)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from countertop.emv.tags import name_of

_QUALIFIERS = {0x9F66: "terminal transaction qualifiers", 0x9F6C: "card transaction qualifiers"}
_NAMES: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "2": {
            0x9F51: "DRDOL",
            0x9F5D: "application capabilities information",
            0x9F66: "PUNATC, track 2",
            0x9F68: "CVM list (mag-stripe mode)",
            0x9F69: "UDOL",
            0x9F6E: "third party data",
            0x9F7C: "merchant custom data",
        },
        "3": _QUALIFIERS | {
            0x9F51: "application currency code",
            0x9F5D: "available offline spending amount",
            0x9F68: "card additional processes",
            0x9F69: "card authentication related data",
            0x9F6E: "form factor indicator",
            0x9F7C: "customer exclusive data",
        },
        "4": {0x9F6D: "contactless reader capabilities", 0x9F6E: "enhanced contactless reader capabilities"},
        "6": _QUALIFIERS,
        "7": _QUALIFIERS | {0x9F69: "card authentication related data"},
    }
)  # fmt: skip
STRIPE_KERNEL = "2"


def name_in(tag: int, kernel: str) -> str:
    """The name of a data object in a kernel (``3``), by its number without zeros; in the slot the kernel is empty."""
    return _NAMES.get(kernel, {}).get(tag) or name_of(tag)


def is_terminal_qualifiers(tag: int, kernel: str) -> bool:
    """Whether 9F66 is the TTQ here; in kernel 2 it is a bit map."""
    return tag == 0x9F66 and kernel != STRIPE_KERNEL
