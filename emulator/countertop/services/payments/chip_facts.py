"""What a chip and its issuer said, for the charge and its receipt (terminal.md §2.8): from data objects only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countertop.cards.wallets import wallet_of_requestor
from countertop.emv.tlv import join, objects_of

ISSUER_DATA = (0x8A, 0x91)
"""What ``emv_auth_data`` shows: the response code, and the issuer's authentication data when there were any."""


@dataclass(frozen=True, slots=True)
class ChipFacts:
    """Members of ``receipt`` and ``card_present`` as they are written: hexadecimal, text, languages, wallet."""

    dedicated_file_name: str
    application_preferred_name: str | None
    application_cryptogram: str | None
    terminal_verification_results: str | None
    transaction_status_information: str | None
    authorization_response_code: str | None
    auth_data: str | None
    locales: tuple[str, ...]
    wallet: str | None


def facts_of(emv: str) -> ChipFacts | None:
    """The facts in data objects (hexadecimal); None when no chip was read."""
    try:
        objects = objects_of(emv)
    except ValueError:
        return None
    if 0x84 not in objects:
        return None
    # Latin 1 is the only code table that the terminal shows preferred names in.
    name = objects.get(0x9F12) or objects.get(0x50)
    languages = objects.get(0x5F2D, b"").decode("latin-1")
    return ChipFacts(
        dedicated_file_name=objects[0x84].hex().upper(),
        application_preferred_name=name.decode("latin-1") if name else None,
        application_cryptogram=_hex(objects, 0x9F26),
        terminal_verification_results=_hex(objects, 0x95),
        transaction_status_information=_hex(objects, 0x9B),
        authorization_response_code=_hex(objects, 0x8A),
        auth_data=join((tag, objects[tag]) for tag in ISSUER_DATA if tag in objects).hex().upper() or None,
        locales=tuple(languages[at : at + 2] for at in range(0, len(languages), 2)),
        wallet=_wallet(objects.get(0x9F19)),
    )


def script_results(emv: str) -> str:
    """What a chip did with its issuer's scripts, tag 9F5B in hexadecimal; empty when there were none."""
    try:
        return objects_of(emv).get(0x9F5B, b"").hex().upper()
    except ValueError:
        return ""


def _wallet(requestor: bytes | None) -> str | None:
    """The wallet by who asked the scheme for the device's number; ``unknown`` for one that is not known."""
    if requestor is None:
        return None
    found = wallet_of_requestor(requestor.hex()[-11:])
    return found.name if found is not None else "unknown"


def _hex(objects: Mapping[int, bytes], tag: int) -> str | None:
    value = objects.get(tag)
    return value.hex().upper() if value is not None else None
