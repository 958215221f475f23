"""T=0, the host's side (ISO/IEC 7816-3, 10): APDUs as TPDUs, and TPDUs as characters."""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.ccid.apdu import Apdu
from countertop_drivers.errors import CardMute, DeviceRefused, ProtocolError

Tpdu = Callable[[bytes], bytes]
#: Sends characters, then receives so many: the bytes to send, how many to expect, what came.
Characters = Callable[[bytes, int], bytes]
GET_RESPONSE, ENVELOPE, NULL = 0xC0, 0xC2, 0x60
MORE, WRONG_LENGTH = 0x61, 0x6C
# A response is never longer than an extended one, and a card never asks for more pieces than that needs.
LONGEST_RESPONSE = 65536
MOST_COMMANDS = 600
MOST_NULLS = 10_000


def over_t0(apdu: bytes, send: Tpdu) -> bytes:
    """One APDU as T=0 carries it: case 4 without its Le, 61xx fetched, 6Cxx repeated, long data in envelopes.

    Raises ProtocolError when it is no APDU or the card's answers go on for ever.
    """
    command = Apdu.parse(apdu)
    if len(command.data) > 255:
        response = _envelopes(command, apdu, send)
    else:
        response = send(_first(command))
    return complete(command, response, send)


def complete(command: Apdu, response: bytes, send: Tpdu, warnings: bool = True) -> bytes:
    """Fetch what a response announces: GET RESPONSE on 61xx, the same command on 6Cxx, and so on to the end.

    ``warnings``: also ask for the data behind 62xx and 63xx, where no reader has done so.
    """
    collected = b""
    for _ in range(MOST_COMMANDS):
        if len(response) < 2:
            raise ProtocolError(f"The card answered {len(response)} bytes; a status has two.")
        data, sw1, sw2 = response[:-2], response[-2], response[-1]
        if sw1 == WRONG_LENGTH and not data and command.ins != GET_RESPONSE:
            repeat = (
                bytes((0, GET_RESPONSE, 0, 0, sw2)) if collected or command.data else command.header + bytes((sw2,))
            )
            response = send(repeat)
            if len(response) == 2 and response[0] == WRONG_LENGTH:
                return collected + response
            continue
        collected += data
        if sw1 == MORE and command.ins != GET_RESPONSE:
            response = send(bytes((0, GET_RESPONSE, 0, 0, _wanted(command, sw2, len(collected)))))
        elif warnings and sw1 in (0x62, 0x63) and not collected and command.data and command.le is not None:
            # A warning behind data that was not given yet (EMV Book 1, 9.3.1.1.4).
            return _behind_warning(response, send)
        else:
            return collected + response[-2:]
        if len(collected) > LONGEST_RESPONSE:
            break
    raise ProtocolError("The card announces more and more data without an end.", "Power it on again.")


def tpdu_by_characters(tpdu: bytes, exchange: Characters) -> bytes:
    """One TPDU over a reader that carries characters only: the card's procedure bytes say what goes when.

    Raises CardMute when it sends what is no procedure byte, or NULL for ever.
    """
    header, outgoing = tpdu[:5].ljust(5, b"\0"), tpdu[5:]
    ins = header[1]
    # Data flows in one direction: to the card when the TPDU has some, else from it.
    incoming = 0 if len(tpdu) != 5 else (header[4] or 256)
    received = b""
    came = exchange(header, 1)
    for _ in range(MOST_NULLS):
        if len(came) != 1:
            raise CardMute(f"The card sent {len(came)} characters where one procedure byte was due.")
        byte = came[0]
        if byte == NULL:
            came = exchange(b"", 1)
        elif byte & 0xF0 in (0x60, 0x90):
            sw2 = exchange(b"", 1)
            if len(sw2) != 1:
                raise CardMute("The card sent half a status.")
            return received + came + sw2
        elif byte in (ins, ins ^ 0xFF):
            whole = byte == ins
            if outgoing:
                piece, outgoing = (outgoing, b"") if whole else (outgoing[:1], outgoing[1:])
                came = exchange(piece, 1)
            elif len(received) < incoming:
                due = incoming - len(received) if whole else 1
                piece = exchange(b"", due)
                if len(piece) != due:
                    raise CardMute(f"The card sent {len(piece)} of {due} characters.")
                received += piece
                came = exchange(b"", 1)
            else:
                raise CardMute(f"The card asks for data beyond P3 ({byte:02X}).")
        else:
            raise CardMute(f"The card sent {byte:02X}, which is no procedure byte of INS {ins:02X}.")
    raise CardMute(f"The card asked for more time {MOST_NULLS} times.")


def _first(command: Apdu) -> bytes:
    if command.data:
        return command.header + bytes((len(command.data),)) + command.data
    # Case 1 has P3 = 00 on the wire; more than 256 bytes are asked for piece by piece.
    return command.header + bytes(((command.le or 0) & 0xFF if (command.le or 0) < 256 else 0,))


def _wanted(command: Apdu, announced: int, collected: int) -> int:
    if command.le is None or command.le >= 65536:
        return announced
    left = command.le - collected
    return announced if left <= 0 or (announced and announced <= left) else min(left, 256) & 0xFF


def _envelopes(command: Apdu, apdu: bytes, send: Tpdu) -> bytes:
    """An extended command travels in ENVELOPEs (ISO/IEC 7816-4, 11.8.2); the last one has the answer."""
    response = b""
    for at in range(0, len(apdu), 255):
        piece = apdu[at : at + 255]
        response = send(bytes((command.cla & 0x0F if command.cla < 0x10 else 0, ENVELOPE, 0, 0, len(piece))) + piece)
        if at + 255 < len(apdu) and response != b"\x90\x00":
            name = response.hex().upper()
            raise DeviceRefused(
                f"The card refuses commands of more than 255 bytes over T=0 ({name}).", code=0x6700, name="ENVELOPE"
            )
    return response


def _behind_warning(warning: bytes, send: Tpdu) -> bytes:
    response = send(bytes((0, GET_RESPONSE, 0, 0, 0)))
    if len(response) == 2 and response[0] == WRONG_LENGTH:
        response = send(bytes((0, GET_RESPONSE, 0, 0, response[1])))
    if len(response) > 2 and response[-2:] == b"\x90\x00":
        return response[:-2] + warning
    return warning
