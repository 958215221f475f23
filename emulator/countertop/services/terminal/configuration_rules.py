"""What a configuration may say, beyond its parameters' types (terminal.md §1.5).

Each check takes the document as it is about to be kept and raises ApiError 400 naming the parameter.
"""

from __future__ import annotations

import base64

from countertop.api.errors import invalid, missing_resource
from countertop.api.scope import Call, Document
from countertop.services.core.files import CONTENTS
from countertop.services.terminal.settings import DEVICES, MOST_SUGGESTIONS

LARGEST_AMOUNT = 99_999_999
LARGEST_PERCENTAGE = 100
PASSCODE_LENGTH = 5
MEGABYTE = 1_000_000
# The first bytes of an image file -> its format, and how large a splash screen of it may be.
IMAGES = {b"\xff\xd8\xff": ("jpg", 2 * MEGABYTE), b"\x89PNG": ("png", 2 * MEGABYTE), b"GIF8": ("gif", 4 * MEGABYTE)}
FORMATS = {"bbpos_wisepad3": ("png",), "verifone_p400": ("jpg", "png")}
ANY_FORMAT = ("jpg", "png", "gif")
WIFI_FILES = {
    "ca_certificate_file": "terminal_wifi_certificate",
    "client_certificate_file": "terminal_wifi_certificate",
    "private_key_file": "terminal_wifi_private_key",
}


def check(call: Call, configuration: Document) -> None:
    """All rules, for the settings that this call gives."""
    given = call.params
    if given.get("tipping"):
        # In the order given, after those that were there before: the newcomer is the one to complain about.
        whole = configuration["tipping"]
        before = [currency for currency in whole if currency not in given["tipping"]]
        _check_tipping({currency: whole[currency] for currency in (*before, *given["tipping"])})
    if given.get("reboot_window"):
        _check_reboot_window(given["reboot_window"])
    if given.get("reader_security"):
        _check_passcode(given["reader_security"].get("admin_menu_passcode") or "")
    if given.get("wifi"):
        _check_wifi(call, given["wifi"])
    for device in DEVICES:
        splash = (given.get(device) or {}).get("splashscreen")
        if splash:
            _check_splash_screen(call, device, splash)


def _check_tipping(tipping: Document) -> None:
    first: tuple[str, frozenset[str]] | None = None
    for currency, suggestions in tipping.items():
        at = f"tipping[{currency}]"
        for name, largest in (("fixed_amounts", LARGEST_AMOUNT), ("percentages", LARGEST_PERCENTAGE)):
            numbers = suggestions.get(name)
            if numbers is None:
                continue
            if not 1 <= len(numbers) <= MOST_SUGGESTIONS:
                raise invalid(
                    f"A tip screen has 1 to {MOST_SUGGESTIONS} suggestions, and {at}[{name}] has {len(numbers)}.",
                    param=f"{at}[{name}]",
                )
            for position, number in enumerate(numbers):
                _within(number, largest, f"{at}[{name}][{position}]")
        threshold = suggestions.get("smart_tip_threshold")
        if threshold is not None:
            _within(threshold, LARGEST_AMOUNT, f"{at}[smart_tip_threshold]")
            for name in ("fixed_amounts", "percentages"):
                if suggestions.get(name) is None:
                    raise invalid(
                        f"Missing required param: {at}[{name}]. With a smart_tip_threshold both fixed_amounts (below "
                        "it) and percentages (from it on) must be given.",
                        code="parameter_missing",
                        param=f"{at}[{name}]",
                    )
        keys = frozenset(name for name, value in suggestions.items() if value is not None)
        if not keys & {"fixed_amounts", "percentages"}:
            raise invalid(
                f"Missing required param: {at}[percentages]. Give percentages, fixed_amounts or both.",
                code="parameter_missing",
                param=f"{at}[percentages]",
            )
        if first is None:
            first = (currency, keys)
        elif first[1] != keys:
            raise invalid(
                f"All currencies of a tipping configuration must have the same keys: {first[0]} has "
                f"{', '.join(sorted(first[1]))}, and {currency} has {', '.join(sorted(keys))}.",
                param=at,
            )


def _within(number: int, largest: int, param: str) -> None:
    if not 0 <= number <= largest:
        raise invalid(
            f"Invalid integer: {number}; {param} must be from 0 to {largest}.",
            code="parameter_invalid_integer",
            param=param,
        )


def _check_reboot_window(window: Document) -> None:
    for name in ("start_hour", "end_hour"):
        _within(window[name], 23, f"reboot_window[{name}]")
    if window["start_hour"] == window["end_hour"]:
        raise invalid(
            "reboot_window[start_hour] and reboot_window[end_hour] must differ.", param="reboot_window[end_hour]"
        )


def _check_passcode(passcode: str) -> None:
    if passcode and not (len(passcode) == PASSCODE_LENGTH and passcode.isascii() and passcode.isdigit()):
        raise invalid(
            f"The admin menu passcode must be {PASSCODE_LENGTH} digits.",
            param="reader_security[admin_menu_passcode]",
        )


def _check_wifi(call: Call, wifi: Document) -> None:
    chosen = wifi["type"]
    if chosen not in wifi:
        raise invalid(f"Missing required param: wifi[{chosen}].", code="parameter_missing", param=f"wifi[{chosen}]")
    for other in wifi.keys() - {"type", chosen}:
        raise invalid(f"wifi[{other}] does not go with the type {chosen}.", param=f"wifi[{other}]")
    for name, purpose in WIFI_FILES.items():
        if name in wifi[chosen]:
            _file(call, wifi[chosen][name], purpose, f"wifi[{chosen}][{name}]")


def _check_splash_screen(call: Call, device: str, name: str) -> None:
    param = f"{device}[splashscreen]"
    _file(call, name, "terminal_reader_splashscreen", param)
    row = call.tx.get(call.account.id, CONTENTS, name)
    content = base64.b64decode(row["base64"]) if row is not None else b""
    allowed = FORMATS.get(device, ANY_FORMAT)
    # Looked at rather than asked for: SDKs upload everything as application/octet-stream.
    signature = next((begin for begin in IMAGES if content.startswith(begin)), None)
    found, largest = IMAGES[signature] if signature is not None else ("", 0)
    if found not in allowed:
        raise invalid(f"A splash screen of this device must be one of: {', '.join(allowed)}.", param=param)
    if len(content) >= largest:
        limit = f"smaller than {largest // MEGABYTE} MB"
        raise invalid(f"A {found} splash screen must be {limit}; this one has {len(content)} bytes.", param=param)


def _file(call: Call, name: str, purpose: str, param: str) -> None:
    file = call.get("file", name)
    if file is None:
        raise missing_resource("file", name, param=param)
    if file["purpose"] != purpose:
        raise invalid(
            f"The file {name} was uploaded for {file['purpose']}; {param} takes one for {purpose}.", param=param
        )
