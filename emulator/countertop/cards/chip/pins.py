"""GET CHALLENGE and VERIFY: the cardholder's PIN, in clear or enciphered (EMV Book 3 §6.5.12; Book 2 §7)."""

from __future__ import annotations

from hmac import compare_digest

from countertop.cards.chip.memory import Memory, Refused
from countertop.emv.apdu import OK, Command, Response
from countertop.emv.certificates import CertificateError
from countertop.emv.data_authentication import decipher_pin

PLAIN, ENCIPHERED = 0x80, 0x88
CHALLENGE_BYTES = BLOCK_BYTES = 8
SHORTEST_PIN, LONGEST_PIN = 4, 12
BLOCKED, TRIES_LEFT, WRONG_DATA, WRONG_LENGTH, WRONG_PARAMETERS = 0x6983, 0x63C0, 0x6A80, 0x6700, 0x6A86
CONDITIONS = 0x6985


def get_challenge(memory: Memory, command: Command) -> Response:
    """Eight random bytes, good for the next command only."""
    memory.selected()
    if command.p1 or command.p2:
        raise Refused(WRONG_PARAMETERS)
    memory.session.challenge = memory.random(CHALLENGE_BYTES)
    return Response(memory.session.challenge, OK)


def verify(memory: Memory, command: Command) -> Response:
    """Compare the PIN; a wrong one costs a try, a right one gives all of them back."""
    memory.initiated()
    if command.p1 or command.p2 not in (PLAIN, ENCIPHERED):
        raise Refused(WRONG_PARAMETERS)
    if memory.state.pin_tries == 0:
        raise Refused(BLOCKED)
    enciphered = command.p2 == ENCIPHERED
    pin = read_block(_deciphered(memory, command.data) if enciphered else command.data)
    session = memory.session
    session.pin_enciphered = enciphered
    session.pin = compare_digest(pin, memory.pin)
    if session.pin:
        memory.remember(pin_tries=memory.image.profile.pin_tries)
        return Response(b"", OK)
    memory.remember(pin_tries=memory.state.pin_tries - 1)
    raise Refused(TRIES_LEFT | memory.state.pin_tries)


def read_block(block: bytes) -> str:
    """The PIN in a block of format 2.  Raises Refused for a block that is none."""
    if len(block) != BLOCK_BYTES:
        raise Refused(WRONG_LENGTH)
    text = block.hex().upper()
    length = int(text[1], 16)
    pin, fill = text[2 : 2 + length], text[2 + length :]
    if text[0] != "2" or not SHORTEST_PIN <= length <= LONGEST_PIN or not pin.isdigit() or fill.strip("F"):
        raise Refused(WRONG_DATA)
    return pin


def _deciphered(memory: Memory, data: bytes) -> bytes:
    challenge, key = memory.session.challenge, memory.initiated().keys.pin
    if key is None:
        raise Refused(WRONG_PARAMETERS)
    if challenge is None:
        raise Refused(CONDITIONS)
    if len(data) != key.public.size:
        raise Refused(WRONG_LENGTH)
    try:
        block, repeated = decipher_pin(key, data)
    except CertificateError:
        raise Refused(WRONG_DATA) from None
    if repeated != challenge:
        raise Refused(WRONG_DATA)
    return block
