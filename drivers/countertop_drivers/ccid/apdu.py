"""Command APDUs taken apart (ISO/IEC 7816-3, 12.1.3): header, data, and how much is expected."""

from __future__ import annotations

from dataclasses import dataclass

from countertop_drivers.errors import ProtocolError

LONGEST_SHORT = 261
LONGEST_EXTENDED = 65544


@dataclass(frozen=True, slots=True)
class Apdu:
    """One command.  ``le`` is None without a response field, else 1 to 65536; ``extended`` as it was encoded."""

    header: bytes
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    @property
    def cla(self) -> int:
        """The class byte."""
        return self.header[0]

    @property
    def ins(self) -> int:
        """The instruction byte."""
        return self.header[1]

    @classmethod
    def parse(cls, apdu: bytes) -> Apdu:
        """Read any of the seven cases.  Raises ProtocolError when the lengths do not fit."""
        header, body = apdu[:4], apdu[4:]
        if len(header) == 4:
            if not body:
                return cls(header)
            if len(body) == 1:
                return cls(header, le=body[0] or 256)
            if body[0]:
                return cls._short(header, body, apdu)
            if len(body) >= 3:
                return cls._long(header, body, apdu)
        raise _misfit(apdu)

    @classmethod
    def _short(cls, header: bytes, body: bytes, apdu: bytes) -> Apdu:
        data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
        if len(data) != body[0] or len(rest) > 1:
            raise _misfit(apdu)
        return cls(header, data, (rest[0] or 256) if rest else None)

    @classmethod
    def _long(cls, header: bytes, body: bytes, apdu: bytes) -> Apdu:
        count = int.from_bytes(body[1:3], "big")
        if len(body) == 3:
            return cls(header, le=count or 65536, extended=True)
        data, rest = body[3 : 3 + count], body[3 + count :]
        if not count or len(data) != count or len(rest) not in (0, 2):
            raise _misfit(apdu)
        return cls(header, data, (int.from_bytes(rest, "big") or 65536) if rest else None, extended=True)


def _misfit(apdu: bytes) -> ProtocolError:
    return ProtocolError(f"{apdu[:12].hex().upper() or 'Nothing'} ({len(apdu)} bytes) is no command APDU.")
