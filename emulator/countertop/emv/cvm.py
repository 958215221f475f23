"""The CVM list: how a cardholder is to be verified, rule by rule (EMV Book 3 §10.5; card-hardware.md E.5)."""

from __future__ import annotations

from dataclasses import dataclass

from countertop.emv.tlv import TlvError

FAIL, PLAINTEXT_PIN, ONLINE_PIN, PLAINTEXT_PIN_AND_SIGNATURE = 0x00, 0x01, 0x02, 0x03
ENCIPHERED_PIN, ENCIPHERED_PIN_AND_SIGNATURE = 0x04, 0x05
SIGNATURE, NO_CVM, NOT_PERFORMED = 0x1E, 0x1F, 0x3F
METHODS = {
    FAIL: "fail CVM",
    PLAINTEXT_PIN: "plaintext PIN by the card",
    ONLINE_PIN: "online PIN",
    PLAINTEXT_PIN_AND_SIGNATURE: "plaintext PIN by the card and signature",
    ENCIPHERED_PIN: "enciphered PIN by the card",
    ENCIPHERED_PIN_AND_SIGNATURE: "enciphered PIN by the card and signature",
    SIGNATURE: "signature",
    NO_CVM: "no CVM required",
}
OFFLINE_PIN = frozenset((PLAINTEXT_PIN, PLAINTEXT_PIN_AND_SIGNATURE, ENCIPHERED_PIN, ENCIPHERED_PIN_AND_SIGNATURE))
WITH_SIGNATURE = frozenset((PLAINTEXT_PIN_AND_SIGNATURE, ENCIPHERED_PIN_AND_SIGNATURE, SIGNATURE))
METHOD_MASK = 0x3F
ELSE_NEXT = 0x40
ALWAYS, UNATTENDED_CASH, NO_CASH, IF_SUPPORTED, MANUAL_CASH, CASHBACK, UNDER_X, OVER_X, UNDER_Y, OVER_Y = range(10)
_CONDITIONS = {
    ALWAYS: "always",
    UNATTENDED_CASH: "if unattended cash",
    NO_CASH: "if neither cash nor cashback",
    IF_SUPPORTED: "if the terminal supports it",
    MANUAL_CASH: "if manual cash",
    CASHBACK: "if cashback",
    UNDER_X: "if under X",
    OVER_X: "if over X",
    UNDER_Y: "if under Y",
    OVER_Y: "if over Y",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``code`` and ``condition`` as they stand in the list."""

    code: int
    condition: int

    @property
    def method(self) -> int:
        """The method, without the bit that says what to do when it fails."""
        return self.code & METHOD_MASK

    @property
    def else_next(self) -> bool:
        """Whether the next rule is tried when this one fails."""
        return bool(self.code & ELSE_NEXT)

    @property
    def words(self) -> str:
        """The rule for people."""
        return f"{method_name(self.code)} {condition_name(self.condition)}{', else next' if self.else_next else ''}"


@dataclass(frozen=True, slots=True)
class CvmList:
    """Amounts X and Y in minor units of the application currency, and the rules in order."""

    x: int
    y: int
    rules: tuple[Rule, ...]

    @classmethod
    def parse(cls, encoded: bytes) -> CvmList:
        """Raises TlvError for a list that is cut off."""
        if len(encoded) < 8 or len(encoded) % 2:
            raise TlvError(f"a CVM list cannot have {len(encoded)} bytes")
        rules = tuple(Rule(encoded[at], encoded[at + 1]) for at in range(8, len(encoded), 2))
        return cls(int.from_bytes(encoded[:4], "big"), int.from_bytes(encoded[4:8], "big"), rules)


def method_name(code: int) -> str:
    """A method in words."""
    if code & METHOD_MASK == NOT_PERFORMED:
        return "none performed"
    return METHODS.get(code & METHOD_MASK, f"unknown method {code & METHOD_MASK:02X}")


def condition_name(condition: int) -> str:
    """A condition in words."""
    return _CONDITIONS.get(condition, f"unknown condition {condition:02X}")
