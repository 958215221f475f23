"""Values that prove a card number or a PIN without a chip: CVV and its relatives, CVC3, PVV (G.9)."""

from __future__ import annotations

from countertop.emv.des import encrypt, mac3, pad2, xor

ICVV_SERVICE_CODE, CVV2_SERVICE_CODE = "999", "000"
CVV_DIGITS, PVV_DIGITS, CVC3_DIGITS = 3, 4, 5
_INPUT_DIGITS = 32
_ACCOUNT_DIGITS = 11


def cvv(cvk: bytes, pan: str, yymm: str, service_code: str) -> str:
    """The verification value of the stripe, 3 digits.  ``cvk``: 16 bytes, the two keys one after the other.

    ``yymm``: the expiry as it is on the stripe; which order an issuer takes for the printed value is its choice.
    """
    data = bytes.fromhex((pan + yymm + service_code).ljust(_INPUT_DIGITS, "0"))
    chained = xor(encrypt(cvk[:8], data[:8]), data[8:])
    return _decimal(encrypt(cvk, chained), CVV_DIGITS)


def icvv(cvk: bytes, pan: str, yymm: str) -> str:
    """The value in the chip's copy of the track, so that a copied chip makes no stripe."""
    return cvv(cvk, pan, yymm, ICVV_SERVICE_CODE)


def dcvv(key: bytes, pan: str, yymm: str, service_code: str, atc: int) -> str:
    """Visa's value for one contactless use: the counter's last 4 digits stand in place of the PAN's first ones.

    ``key``: the card's own, 16 bytes.
    """
    return cvv(key, f"{atc % 10_000:04d}{pan[4:]}", yymm, service_code)


def cvc3(key: bytes, track: bytes, un: bytes, atc: bytes) -> str:
    """Mastercard's value for one contactless use, 5 digits, of which the track has room for the last few.

    ``key``: the card's own, 16 bytes.  ``track``: its static data.  ``un``: 4 bytes.  ``atc``: 2 bytes.
    """
    vector = mac3(key, pad2(track))[-2:]
    return f"{int.from_bytes(encrypt(key, vector + un + atc)[-2:], 'big'):0{CVC3_DIGITS}d}"


def pvv(pvk: bytes, key_index: int, pan: str, pin: str) -> str:
    """Visa's verification value of a PIN, of whose digits the first 4 count; 4 digits."""
    data = bytes.fromhex(pan[:-1][-_ACCOUNT_DIGITS:].rjust(_ACCOUNT_DIGITS, "0") + str(key_index) + pin[:4])
    return _decimal(encrypt(pvk, data), PVV_DIGITS)


def _decimal(data: bytes, count: int) -> str:
    """The first digits of hexadecimal data: its decimal ones, then its letters, A as 0."""
    text = data.hex()
    found = [digit for digit in text if digit.isdecimal()] + [str(int(digit, 16) - 10) for digit in text if digit > "9"]
    return "".join(found[:count])
