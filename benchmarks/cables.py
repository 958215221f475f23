"""APDU round trips per second through every link, and how much of a core the driver takes.

``python -m benchmarks.cables``: the device, with a card that answers at once, is another process; the driver is this
one.  What is measured is our code and the local transport, not a device: a real card takes milliseconds for an APDU.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from countertop_drivers import open_card
from countertop_drivers.ccid.descriptor import Level
from countertop_drivers.loop import LoopLink
from countertop_drivers.virtual.acr122 import VirtualAcr122
from countertop_drivers.virtual.ccid import CLEVER, PLAIN, VirtualCcid
from countertop_drivers.virtual.pn532 import VirtualPn532
from countertop_drivers.virtual.serial_ends import PtyEnd, TcpEnd
from countertop_drivers.virtual.usbip import UsbipServer

T0_ATR, T1_ATR = bytes.fromhex("3B6500002063CB6800"), bytes.fromhex("3BE500008131FE452063CB68000E")
ATS = bytes.fromhex("0A788070028063544F50")
#: READ RECORD, answered with 60 bytes as most records are.
COMMAND, ANSWER = bytes.fromhex("00B2010C00"), bytes(60) + b"\x90\x00"
CCIDS = {
    "ccid, extended APDU level": (Level.EXTENDED_APDU, T1_ATR, True),
    "ccid, short APDU level": (Level.SHORT_APDU, T1_ATR, True),
    "ccid, TPDU level, T=1": (Level.TPDU, T1_ATR, False),
    "ccid, TPDU level, T=0": (Level.TPDU, T0_ATR, False),
    "ccid, character level, T=1": (Level.CHARACTER, T1_ATR, False),
    "ccid, character level, T=0": (Level.CHARACTER, T0_ATR, False),
}
ROWS = (*CCIDS, "acr122", "pn532 on a pty", "pn532 over TCP")


@contextmanager
def device(name: str) -> Iterator[str]:
    """One device, and the URL that opens it."""
    if name in CCIDS:
        level, atr, clever = CCIDS[name]
        card = LoopLink(atr, lambda apdu: ANSWER)
        made: Any = VirtualCcid(card, level=level, features=CLEVER if clever else PLAIN)
        with UsbipServer({"1-1": made}, port=0) as server:
            yield f"ccid:usbip:127.0.0.1:{server.port}"
        return
    card = LoopLink(ATS, lambda apdu: ANSWER)
    if name == "acr122":
        with UsbipServer({"1-1": VirtualAcr122(card)}, port=0) as server:
            yield f"acr122:usbip:127.0.0.1:{server.port}"
    elif name == "pn532 on a pty":
        with PtyEnd(VirtualPn532(card)) as pty:
            yield f"pn532:serial:{pty.path}"
    else:
        with TcpEnd(VirtualPn532(card)) as tcp:
            yield f"pn532:serial:socket://127.0.0.1:{tcp.port}"


def serve(name: str) -> None:
    """Be the device, until the standard input ends."""
    with device(name) as url:
        print(url, flush=True)
        sys.stdin.read()


def measure(name: str, seconds: float) -> tuple[float, float]:
    """Round trips per second, and the driver's share of a core."""
    words = [sys.executable, "-m", "benchmarks.cables", "--serve", name]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        with open_card(url) as link:
            link.power_on()
            for _ in range(50):
                assert link.transmit(COMMAND)[-2:] == b"\x90\x00"
            count, began, cpu = 0, time.perf_counter(), time.process_time()
            while time.perf_counter() - began < seconds:
                link.transmit(COMMAND)
                count += 1
            took, used = time.perf_counter() - began, time.process_time() - cpu
        child.communicate("")
    return count / took, used / took


def main() -> None:
    """Print a line for each link."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--serve", metavar="NAME", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    print(f"{'link':30} {'APDUs/s':>9} {'driver':>8} {'per APDU':>10}")
    for name in ROWS:
        rate, share = measure(name, given.seconds)
        print(f"{name:30} {rate:9,.0f} {share:7.0%} {1e6 * share / rate:7.0f} µs")


if __name__ == "__main__":
    main()
