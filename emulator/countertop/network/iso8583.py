"""An exchange with an issuer as ISO 8583 messages (1987 fields, ASCII), for traces and for eyes that are used to them.

Only an export: inside, requests and responses stay typed.  Needs the extra ``[iso8583]`` (pyiso8583).
"""

from __future__ import annotations

import time
from typing import Any

from countertop.cards.numbers import mask
from countertop.emv.tlv import TlvError, objects_of, parse
from countertop.errors import CountertopError, MissingExtra
from countertop.iso_codes import currency_number
from countertop.network.messages import IssuerRequest, IssuerResponse

FIELDS = {
    "t": "message type",
    "2": "primary account number",
    "3": "processing code",
    "4": "amount, transaction",
    "7": "transmission date and time",
    "11": "system trace audit number",
    "12": "local time",
    "13": "local date",
    "18": "merchant category",
    "22": "point of service entry mode",
    "23": "card sequence number",
    "25": "point of service condition",
    "35": "track 2 data",
    "37": "retrieval reference number",
    "38": "authorization identification",
    "39": "response code",
    "49": "currency code",
    "52": "personal identification number data",
    "53": "security related control information",
    "55": "ICC data",
    "111": "personal identification number data, 16 bytes",
}
"""What each field is called."""
_TYPES = {"advice": "0120", "reversal": "0400"}
_PROCESSING = {"refund": "200000", "verification": "310000"}
# First two digits: how the number was read; third: whether a PIN can be entered (1).
_ENTRY = {
    "contact_emv": "051",
    "contactless_emv": "071",
    "contactless_magstripe_mode": "911",
    "magnetic_stripe_fallback": "801",
    "magnetic_stripe_track2": "901",
    None: "010",
}
_RANGE = 1_000_000
SCRIPT_TEMPLATES, SCRIPT_COMMAND, PIN_CHANGE = (0x71, 0x72), 0x86, "24"
COMMAND_HEADER = 10
"""Digits of CLA, INS, P1, P2 and Lc."""


def named(fields: dict[str, str]) -> dict[str, str]:
    """Fields with their names beside their numbers, for people: ``4 amount, transaction``."""
    return {f"{number} {FIELDS[number]}": value for number, value in fields.items()}


def numbered(fields: dict[str, str]) -> dict[str, str]:
    """Such fields by their numbers again, hidden digits as zeros."""
    return {name.split(" ")[0]: value.replace("*", "0") for name, value in fields.items()}


def request_fields(request: IssuerRequest, number: str, *, show: bool = False) -> dict[str, str]:
    """A request's fields by number, text and hexadecimal; the PAN is masked unless it is to be shown."""
    day = time.gmtime(request.when)
    fields = {
        "t": _TYPES.get(request.kind, "0100"),
        "2": number if show else mask(number),
        "3": _PROCESSING.get(request.kind, "000000"),
        "4": f"{request.amount:012d}",
        "7": time.strftime("%m%d%H%M%S", day),
        "11": _trace_number(request.reference),
        "12": time.strftime("%H%M%S", day),
        "13": time.strftime("%m%d", day),
        "18": request.mcc,
        "22": _ENTRY.get(request.read_method, "000"),
        "25": "00",
        "37": request.reference[-12:].rjust(12, "0"),
        "49": currency_number(request.currency),
    }
    psn = _psn(request.emv)
    if psn:
        fields["23"] = psn.rjust(3, "0")
    if request.pin is not None:
        # A block of 16 bytes does not fit into field 52: as with other AES blocks, it travels in a private field.
        fields["52" if request.pin.algorithm == "tdes" else "111"] = request.pin.block
        fields["53"] = request.pin.ksn.rjust(48, "0")
    if request.emv:
        fields["55"] = request.emv
    if request.track:
        # Nothing of a track is shown but that it was there.
        fields["35"] = "*" * 37
    return _in_order(fields)


def response_fields(asked: dict[str, str], response: IssuerResponse) -> dict[str, str]:
    """The fields of the answer to a request with these fields."""
    kept = {name: asked[name] for name in ("2", "3", "4", "7", "11", "37", "49")}
    fields = {"t": f"{int(asked['t']) + 10:04d}", **kept, "39": response.response_code}
    if response.authorization_code:
        fields["38"] = response.authorization_code.ljust(6)
    if response.emv:
        fields["55"] = _without_pins(response.emv)
    return _in_order(fields)


def encode(fields: dict[str, str]) -> bytes:
    """The message with its bitmap; hidden digits go out as zeros.  Raises MissingExtra without ``[iso8583]``."""
    try:
        import iso8583
    except ImportError:
        raise MissingExtra("The export to ISO 8583", "iso8583") from None
    shown = {number: value.replace("*", "0") for number, value in fields.items()}
    try:
        encoded, _ = iso8583.encode(shown, spec=specification())
    except iso8583.EncodeError as error:
        raise CountertopError(f"The message does not fit into ISO 8583: {error}") from None
    return bytes(encoded)


def specification() -> dict[str, Any]:
    """The layout of every field that is used, in pyiso8583's form."""
    text: dict[str, Any] = {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 4}
    fixed = {"t": 4, "3": 6, "4": 12, "7": 10, "11": 6, "12": 6, "13": 4, "18": 4, "22": 3, "23": 3, "25": 2, "37": 12,
             "38": 6, "39": 2, "49": 3}  # fmt: skip
    spec: dict[str, Any] = {name: text | {"max_len": length} for name, length in fixed.items()}
    binary = {"data_enc": "b", "len_enc": "ascii"}
    spec |= {
        "h": text | {"max_len": 0},
        "p": binary | {"len_type": 0, "max_len": 8},
        "1": binary | {"len_type": 0, "max_len": 8},
        "2": text | {"len_type": 2, "max_len": 19},
        "52": binary | {"len_type": 0, "max_len": 8},
        "53": binary | {"len_type": 0, "max_len": 24},
        "55": binary | {"len_type": 3, "max_len": 255},
        "111": binary | {"len_type": 3, "max_len": 255},
    }
    return {name: entry | {"desc": FIELDS.get(name, name)} for name, entry in spec.items()}


def _without_pins(emv: str) -> str:
    """The issuer's data objects without the data of its PIN CHANGE commands: they hold the new PIN, enciphered."""
    shown, at = "", 0
    try:
        items = parse(bytes.fromhex(emv))
    except (TlvError, ValueError):
        return emv
    for item in items:
        end = at + 2 * len(item.encoded)
        start = end - 2 * len(item.value)
        value = emv[start:end]
        if item.tag in SCRIPT_TEMPLATES:
            value = _without_pins(value)
        elif item.tag == SCRIPT_COMMAND and value[2:4] == PIN_CHANGE:
            value = value[:COMMAND_HEADER] + "*" * (len(value) - COMMAND_HEADER)
        shown += emv[at:start] + value
        at = end
    return shown


def _in_order(fields: dict[str, str]) -> dict[str, str]:
    return dict(sorted(fields.items(), key=lambda field: -1 if field[0] == "t" else int(field[0])))


def _trace_number(reference: str) -> str:
    return f"{sum(place * byte for place, byte in enumerate(reference.encode(), 1)) % _RANGE:06d}"


def _psn(emv: str) -> str:
    try:
        return objects_of(emv).get(0x5F34, b"").hex()
    except ValueError:
        return ""
