"""Commands and responses of a card (ISO/IEC 7816-4; docs/facts/card-hardware.md A.5 to A.7)."""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST = 4
MOST_SHORT = 255
OK = 0x9000


class ApduError(ValueError):
    """Bytes that are no command or response."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command.  ``le``: how many bytes are expected, 256 (or 65,536) for "as many as there are"; None for none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def encoded(self) -> bytes:
        """The bytes, in short form where that is enough."""
        if len(self.data) > MOST_SHORT or (self.le or 0) > MOST_SHORT + 1:
            return self.header + self._extended()
        body = bytes((len(self.data),)) + self.data if self.data else b""
        return self.header + body + (b"" if self.le is None else bytes((self.le & 0xFF,)))

    @classmethod
    def parse(cls, encoded: bytes) -> Command:
        """Read any of the cases 1 to 4, short or extended.  Raises ApduError for anything else."""
        if len(encoded) < SHORTEST:
            raise ApduError(f"a command has at least {SHORTEST} bytes, this has {len(encoded)}")
        cla, ins, p1, p2 = encoded[:SHORTEST]
        data, le = _body(encoded[SHORTEST:])
        return cls(cla, ins, p1, p2, data, le)

    def _extended(self) -> bytes:
        if len(self.data) > 0xFFFF:
            raise ApduError("a command carries at most 65,535 bytes")
        body = len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        return b"\x00" + body + (b"" if self.le is None else (self.le & 0xFFFF).to_bytes(2, "big"))


@dataclass(frozen=True, slots=True)
class Response:
    """A response: data, then the two status bytes."""

    data: bytes
    sw: int

    @property
    def encoded(self) -> bytes:
        """The bytes."""
        return self.data + self.sw.to_bytes(2, "big")

    @property
    def ok(self) -> bool:
        """Whether the status is 9000."""
        return self.sw == OK

    @classmethod
    def parse(cls, encoded: bytes) -> Response:
        """Raises ApduError for fewer than two bytes."""
        if len(encoded) < 2:
            raise ApduError(f"a response has at least 2 bytes, this has {len(encoded)}")
        return cls(encoded[:-2], int.from_bytes(encoded[-2:], "big"))


def _body(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or 256
    if body[0] == 0 and len(body) >= 3:
        return _extended_body(body[1:])
    length, rest = body[0], body[1:]
    if length and len(rest) == length:
        return rest, None
    if length and len(rest) == length + 1:
        return rest[:-1], rest[-1] or 256
    raise ApduError(f"the command says {length} bytes of data, {len(rest)} follow")


def _extended_body(body: bytes) -> tuple[bytes, int | None]:
    if len(body) == 2:
        return b"", int.from_bytes(body, "big") or 65536
    length, rest = int.from_bytes(body[:2], "big"), body[2:]
    if length and len(rest) == length:
        return rest, None
    if length and len(rest) == length + 2:
        return rest[:-2], int.from_bytes(rest[-2:], "big") or 65536
    raise ApduError(f"the command says {length} bytes of data, {len(rest)} follow")
