"""Run inside namespaces of its own: pcscd with vpcd and one served card, seen through our PC/SC driver.

Prints one JSON object.  Argument: the ``countertop`` program and its first words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

from pcsc_session import PORT, YEAR, listens, running, until

import countertop_drivers as drivers
from countertop_drivers import pcsc


def name_of(error: Exception) -> str:
    return type(error).__name__


def main() -> None:
    """Bring it all up, look, and take it down."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.makedirs("/run/pcscd")
    seen: dict[str, object] = {}
    try:
        drivers.open("pcsc:Virtual")
    except drivers.DriverError as error:
        seen["without"] = name_of(error)
    with running("pcscd", "--foreground"):
        until(lambda: os.path.exists("/run/pcscd/pcscd.comm"), "pcscd")
        until(lambda: listens(PORT), "vpcd")
        seen["listed"] = until(lambda: [one.url for one in pcsc.discover(1.0)], "readers")
        with drivers.open_card("pcsc:virtual pcd") as link:
            with running(
                *sys.argv[1].split("\n"), "card", "serve", "visa", "--year", YEAR, "--vpcd", f"127.0.0.1:{PORT}"
            ):
                if not link.wait(True, 30):
                    raise SystemExit("no card came")
                seen["atr"] = link.power_on().hex()
                seen["pse"] = link.transmit(bytes.fromhex("00A404000E315041592E5359532E444446303100")).hex()
                seen["unknown"] = link.transmit(bytes.fromhex("00A4040005A00000000400")).hex().upper()
                seen["again"] = link.power_on().hex()
            seen["went"] = link.wait(False, 30)
            try:
                link.power_on()
            except drivers.DriverError as error:
                seen["absent"] = name_of(error)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
