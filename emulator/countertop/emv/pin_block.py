"""PIN blocks: a PIN in the clear, ready to be enciphered (ISO 9564-1; G.7).

Formats 0, 1, 2 and 3 have 8 bytes.  Format 4 has 16, and its enciphering ties it to the PAN:
:func:`encipher_format_4`.
"""

from __future__ import annotations

from collections.abc import Callable

from countertop.emv import aes
from countertop.emv.des import xor

SHORTEST, LONGEST = 4, 12
"""Digits of a PIN."""
BLOCK_DIGITS = 16
ACCOUNT_DIGITS = 12
_LONGEST_PAN = 19
_BOUND_TO_PAN = (0, 3)

Random = Callable[[int], bytes]


class PinBlockError(ValueError):
    """A block without a PIN in it, or what cannot be put into one.  Never says the digits."""


def encode(form: int, pin: str, pan: str = "", random: Random | None = None) -> bytes:
    """A clear block of format 0 to 4; of format 4 only the PIN's field.

    ``pan``: for 0 and 3.  ``random``: gives so many bytes, for 1, 3 and 4.  Raises PinBlockError.
    """
    check_pin(pin)
    if form not in _FILLS:
        raise PinBlockError(f"there is no format {form}")
    head = f"{form}{len(pin):X}{pin}"
    block = bytes.fromhex(head + _fill(form, BLOCK_DIGITS - len(head), random))
    if form in _BOUND_TO_PAN:
        return xor(block, _account(pan))
    return block + _draw(random, 8) if form == 4 else block


def encode_format_2(pin: str) -> bytes:
    """The block that a chip takes in VERIFY.  Raises PinBlockError."""
    return encode(2, pin)


def decode(form: int, block: bytes, pan: str = "") -> str:
    """The PIN in a clear block.  Raises PinBlockError for a block of another format or PAN, or with damage."""
    if form not in _FILLS or len(block) != (16 if form == 4 else 8):
        raise PinBlockError(f"{len(block)} bytes are no block of format {form}")
    clear = xor(block, _account(pan)) if form in _BOUND_TO_PAN else block[:8]
    text = clear.hex().upper()
    length = int(text[1], 16)
    pin, fill = text[2 : 2 + length], text[2 + length :]
    if text[0] != str(form) or not SHORTEST <= length <= LONGEST or not pin.isdecimal() or fill.strip(_FILLS[form]):
        raise PinBlockError(f"there is no PIN of format {form} in the block")
    return pin


def encipher_format_4(key: bytes, pin: str, pan: str, random: Random) -> bytes:
    """A block of format 4 under an AES key; 16 bytes.  Raises PinBlockError."""
    return aes.encrypt(key, xor(aes.encrypt(key, encode(4, pin, random=random)), _account_4(pan)))


def decipher_format_4(key: bytes, block: bytes, pan: str) -> str:
    """The PIN in an enciphered block of format 4.  Raises PinBlockError, for another key or PAN too."""
    if len(block) != aes.BLOCK:
        raise PinBlockError(f"{len(block)} bytes are no block of format 4")
    return decode(4, aes.decrypt(key, xor(aes.decrypt(key, block), _account_4(pan))))


def check_pin(pin: str) -> None:
    """Raises PinBlockError for what is no PIN."""
    if not (SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdecimal()):
        raise PinBlockError(f"a PIN has {SHORTEST} to {LONGEST} digits")


# What may stand behind the PIN, by format.
_FILLS = {0: "F", 1: "0123456789ABCDEF", 2: "F", 3: "ABCDEF", 4: "A"}


def _fill(form: int, count: int, random: Random | None) -> str:
    digits = _FILLS[form]
    if len(digits) == 1:
        return digits * count
    return "".join(digits[byte % len(digits)] for byte in _draw(random, count))


def _draw(random: Random | None, count: int) -> bytes:
    if random is None:
        raise PinBlockError("this format needs a source of random bytes")
    return random(count)


def _account(pan: str) -> bytes:
    """The 12 rightmost digits of the PAN without its check digit, behind two zero bytes."""
    return bytes.fromhex(_checked(pan)[:-1][-ACCOUNT_DIGITS:].rjust(BLOCK_DIGITS, "0"))


def _account_4(pan: str) -> bytes:
    longer = max(len(_checked(pan)) - ACCOUNT_DIGITS, 0)
    return bytes.fromhex(f"{longer}{pan.rjust(ACCOUNT_DIGITS, '0')}".ljust(2 * aes.BLOCK, "0"))


def _checked(pan: str) -> str:
    if not (2 <= len(pan) <= _LONGEST_PAN and pan.isascii() and pan.isdecimal()):
        raise PinBlockError(f"the PAN is not 2 to {_LONGEST_PAN} digits")
    return pan
