"""What commands, status words and tracks mean, in a few words for people (card-hardware.md A.6, A.7)."""

from __future__ import annotations

_COMMANDS = {
    0x16: "CARD BLOCK",
    0x18: "APPLICATION UNBLOCK",
    0x1E: "APPLICATION BLOCK",
    0x20: "VERIFY",
    0x24: "PIN CHANGE/UNBLOCK",
    0x2A: "COMPUTE CRYPTOGRAPHIC CHECKSUM",
    0x82: "EXTERNAL AUTHENTICATE",
    0x84: "GET CHALLENGE",
    0x88: "INTERNAL AUTHENTICATE",
    0xA4: "SELECT",
    0xA8: "GET PROCESSING OPTIONS",
    0xAE: "GENERATE AC",
    0xB0: "READ BINARY",
    0xB2: "READ RECORD",
    0xC0: "GET RESPONSE",
    0xCA: "GET DATA",
    0xD0: "RECOVER AC",
    0xDA: "PUT DATA",
    0xDC: "UPDATE RECORD",
    0xEA: "EXCHANGE RELAY RESISTANCE DATA",
}
# Of class FF: to the reader itself (PC/SC part 3, 3.2.2).
_TO_THE_READER = {
    0x00: "PASS ON to the reader's chip",
    0x82: "LOAD KEY",
    0x86: "GENERAL AUTHENTICATE",
    0xB0: "READ BINARY",
    0xCA: "GET DATA",
    0xD6: "UPDATE BINARY",
}
_CRYPTOGRAMS = {0x00: "AAC", 0x40: "TC", 0x80: "ARQC"}
_UID = bytes((0xCA, 0, 0))
_WORDS = {
    0x6200: "warning",
    0x6281: "data may be corrupt",
    0x6283: "application blocked",
    0x6300: "authentication failed",
    0x6400: "execution error",
    0x6581: "memory failure",
    0x6700: "wrong length",
    0x6881: "channel not supported",
    0x6882: "secure messaging not supported",
    0x6982: "security status",
    0x6983: "PIN blocked",
    0x6984: "reference data unusable",
    0x6985: "conditions not met",
    0x6986: "command not allowed",
    0x6A80: "wrong data",
    0x6A81: "function not supported, or card blocked",
    0x6A82: "file or application not found",
    0x6A83: "record not found",
    0x6A84: "not enough room",
    0x6A86: "wrong P1 P2",
    0x6987: "secure messaging objects missing",
    0x6988: "secure messaging objects wrong",
    0x6A88: "data not found",
    0x6B00: "P1 P2 out of range",
    0x6D00: "instruction unknown",
    0x6E00: "class unknown",
    0x6F00: "no precise diagnosis",
    0x9000: "done",
}


def of_command(apdu: bytes) -> str:
    """A command's name, with what tells it from others of its kind."""
    if len(apdu) < 4:
        return "no command"
    p1, p2 = apdu[2], apdu[3]
    if apdu[0] == 0xFF:
        name = _TO_THE_READER.get(apdu[1], f"instruction {apdu[1]:02X}")
        return f"reader: {'GET UID' if apdu[1:4] == _UID else name}"
    name = _COMMANDS.get(apdu[1], f"instruction {apdu[1]:02X}")
    if apdu[1] == 0xA4:
        file = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        printable = len(file) > 4 and all(0x20 <= byte < 0x7F for byte in file)
        following = ", the next" if p2 & 0x03 == 0x02 else ""
        return f"{name} {file.decode('ascii') if printable else file.hex().upper()}".rstrip() + following
    if apdu[1] == 0xB2:
        return f"{name} {p2 >> 3}.{p1}"
    if apdu[1] == 0xCA:
        return f"{name} {p1:02X}{p2:02X}" if p1 else f"{name} {p2:02X}"
    if apdu[1] == 0xAE:
        return f"{name} ({_CRYPTOGRAMS.get(p1 & 0xC0, 'nothing there is')})"
    return name


def of_response(response: bytes) -> str:
    """What a response's status word says, and how much stands before it."""
    if len(response) < 2:
        return "no response"
    word = int.from_bytes(response[-2:], "big")
    if word >> 8 == 0x61:
        said = f"{word & 0xFF} more bytes"
    elif word >> 8 == 0x6C:
        said = f"{word & 0xFF} bytes would be right"
    elif word >> 4 == 0x63C:
        said = f"{word & 0x0F} tries left"
    else:
        said = _WORDS.get(word, f"status {word:04X}")
    return f"{len(response) - 2} bytes, {said}" if len(response) > 2 else said
