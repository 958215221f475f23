"""Run inside a network and mount namespace of its own: pcscd with vpcd, two served cards, what others see of them.

Prints one JSON object.  Arguments: the ``countertop`` program and its first words, then the name of each card.  vpcd
listens on every address, hence the namespace; pcscd's socket is in /run, hence a /run of its own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PORT = 35963
YEAR = "2026"
PATIENCE_S = 30.0
# By name, directory, records, a challenge, a PIN, what is unknown, a cryptogram signed and one not, a card without Le.
COMMANDS = [
    "00A404000E315041592E5359532E444446303100",
    "00B2010C00",
    "00B2020C00",
    "00A4040005A000000003",
    "00A4040005A000000004",
    "80A8000002830000",
    "00B2011400",
    "00B2011C00",
    "00B2031C00",
    "00B2011405",
    "0084000000",
    "0020008008241234FFFFFFFFFF",
    "80CA9F3600",
    "00FF0000",
    "80AE90001D0000000012500000000000000840000000800008402611230052BF458500",
]


def until(done: Callable[[], Any], what: str) -> Any:
    """Look again and again until there is something; SystemExit after half a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = done()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"waited in vain for {what}")


def listens(port: int) -> bool:
    """Whether somebody listens, by the kernel's table: a connection would count as a card."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        lines = [line.split() for line in table.readlines()[1:]]
    return any(line[3] == "0A" and int(line[1].rpartition(":")[2], 16) == port for line in lines)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as the block lasts."""
    process = subprocess.Popen(command, stdout=sys.stderr, stderr=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def look(count: int) -> list[dict[str, Any]]:
    """What pyscard and opensc-tool see of the cards."""
    from smartcard.CardConnection import CardConnection
    from smartcard.Exceptions import CardConnectionException, NoCardException
    from smartcard.System import readers

    def connected(reader: Any) -> Any:
        connection = reader.createConnection()
        try:
            connection.connect(CardConnection.T0_protocol | CardConnection.T1_protocol)
        except (NoCardException, CardConnectionException):
            return None
        return connection

    slots = until(lambda: readers() if len(readers()) >= count else None, f"{count} readers")[:count]
    seen = []
    for number, reader in enumerate(slots):
        connection = until(lambda reader=reader: connected(reader), f"a card in {reader}")
        responses = []
        for text in COMMANDS:
            data, sw1, sw2 = connection.transmit(list(bytes.fromhex(text)))
            responses.append(bytes([*data, sw1, sw2]).hex().upper())
        protocol = "T=0" if connection.getProtocol() == CardConnection.T0_protocol else "T=1"
        atr = bytes(connection.getATR()).hex().upper()
        connection.disconnect()
        tool = subprocess.run(
            ["opensc-tool", "--reader", str(number), "--atr"], capture_output=True, text=True, timeout=30, check=False
        )
        seen.append(
            {"responses": responses, "protocol": protocol, "atr": atr, "opensc": tool.stdout, "errors": tool.stderr}
        )
    return seen


def main() -> None:
    """Bring it all up, look, and take it down."""
    countertop, cards = sys.argv[1].split("\n"), sys.argv[2:]
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.makedirs("/run/pcscd")
    with running("pcscd", "--foreground"):
        until(lambda: os.path.exists("/run/pcscd/pcscd.comm"), "pcscd")
        until(lambda: all(listens(PORT + number) for number in range(len(cards))), "vpcd")
        with running(*countertop, "card", "serve", *cards, "--year", YEAR, "--vpcd", f"127.0.0.1:{PORT}"):
            print(json.dumps(look(len(cards))))


if __name__ == "__main__":
    socket.setdefaulttimeout(PATIENCE_S)
    main()
