"""A data object in words, for traces and for people: digits, text, named bits, lists of tags."""

from __future__ import annotations

from countertop.emv.bits import AIP, AUC, CRYPTOGRAMS, CTQ, TSI, TTQ, TVR, TYPE_MASK, Bits
from countertop.emv.cvm import CvmList, condition_name, method_name
from countertop.emv.dol import parse_dol
from countertop.emv.kernel_tags import is_terminal_qualifiers
from countertop.emv.tags import TAGS, name_of

_BITS: dict[int, type[Bits]] = {0x82: AIP, 0x95: TVR, 0x9B: TSI, 0x9F07: AUC, 0x9F66: TTQ, 0x9F6C: CTQ}
_CVM_OUTCOMES = {0: "unknown", 1: "failed", 2: "successful"}
_CAPABILITIES = (
    ("manual entry", "magnetic stripe", "chip"),
    (
        "plaintext PIN", "online PIN", "signature", "enciphered PIN", "no CVM", "online biometric", "offline biometric",
        "enciphered PIN (ECC)",
    ),
    ("SDA", "DDA", "card capture", "", "CDA", "XDA"),
)  # fmt: skip


def describe(tag: int, value: bytes, kernel: str = "") -> str:
    """The value in words; empty when hexadecimal says it best.  Never raises, whatever the bytes.

    ``kernel``: the contactless kernel in which the object means what it means, by its number.
    """
    if tag == 0x9F66 and not is_terminal_qualifiers(tag, kernel):
        return ""
    try:
        return _describe(tag, value)
    except ValueError:
        return "malformed"


def _describe(tag: int, value: bytes) -> str:
    bits = _BITS.get(tag)
    if bits is not None:
        return (
            ", ".join(bits(int.from_bytes(value, "big")).names) or "none" if len(value) == bits.size() else "malformed"
        )
    if tag == 0x9F27 and len(value) == 1:
        return CRYPTOGRAMS[value[0] & TYPE_MASK]
    if tag == 0x9F33 and len(value) == 3:
        return ", ".join(_capabilities(value))
    if tag == 0x9F34 and len(value) == 3:
        outcome = _CVM_OUTCOMES.get(value[2], "RFU")
        return f"{method_name(value[0])}, {condition_name(value[1])}: {outcome}"
    if tag == 0x8E:
        return "; ".join(rule.words for rule in CvmList.parse(value).rules)
    known = TAGS.get(tag)
    match known.format if known else "b":
        case "dol":
            return ", ".join(f"{name_of(wanted)} ({length})" for wanted, length in parse_dol(value))
        case "an" | "ans" | "a":
            return repr(value.decode("latin-1"))[1:-1]
        case "n" | "cn":
            return value.hex().upper().rstrip("F")
    return ""


def _capabilities(value: bytes) -> list[str]:
    return [
        name
        for byte, names in zip(value, _CAPABILITIES, strict=True)
        for place, name in enumerate(names)
        if byte & 0x80 >> place and name
    ]
