"""APDUs to a card that the PN532 has activated: the chip runs ISO/IEC 14443-4, the host passes pieces.

The chip does blocks, waiting time extensions and repeats by itself.  What does not fit into one of its frames
goes and comes in pieces, marked with a bit: MI in the target number, or in the status (card-hardware.md C.2).
"""

from __future__ import annotations

from countertop_drivers.errors import CardMute, ProtocolError
from countertop_drivers.pn532.commands import CARD_WITHIN_S, Pn532, checked
from countertop_drivers.pn532.failures import MORE

#: What one command carries to a card.
PIECE = 262
#: The longest response there is: an extended APDU's.
LONGEST_RESPONSE = 65536 + 2


def transmit(chip: Pn532, number: int, apdu: bytes, timeout_s: float = CARD_WITHIN_S, piece: int = PIECE) -> bytes:
    """One command APDU to card ``number``; its response.

    Raises CardMute when the card stops answering, ProtocolError for a response without an end.
    """
    pieces = [apdu[at : at + piece] for at in range(0, len(apdu), piece)] or [b""]
    for one in pieces[:-1]:
        checked(chip.exchange(number, one, more=True, timeout_s=timeout_s), "exchange")
    answer = chip.exchange(number, pieces[-1], timeout_s=timeout_s)
    response = checked(answer, "exchange")
    while answer[0] & MORE:
        answer = chip.exchange(number, b"", timeout_s=timeout_s)
        part = checked(answer, "exchange")
        response += part
        if len(response) > LONGEST_RESPONSE or not part:
            raise ProtocolError("The PN532 gives a response without an end.")
    if len(response) < 2:
        raise CardMute(f"The card answered {response.hex().upper() or 'nothing'}.", "Power it on again.")
    return response
