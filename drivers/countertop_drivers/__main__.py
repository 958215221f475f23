"""``python -m countertop_drivers …``: devices from the command line, where only the drivers are installed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from countertop_drivers import command_line
from countertop_drivers.careful import PERMISSIONS
from countertop_drivers.errors import DriverError

EPILOG = """\
URL names a device: ccid:usb, acr122:usb, pn532:serial:/dev/ttyUSB0, msr605:serial:/dev/ttyUSB0, swipe:hid,
vpcd:listen:35963, pcsc:NAME, replay:FILE.  Exit status: 0 done, 1 a device or its card failed, 2 wrong usage,
130 Ctrl-C, 141 nobody reads the output any more."""


def main(words: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    given = _parser().parse_args(words)
    try:
        _do(given)
    except DriverError as error:
        print(f"countertop_drivers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _do(given: argparse.Namespace) -> None:
    match given.what:
        case "list":
            command_line.show_devices(_say, timeout_s=given.timeout, as_json=given.json)
        case "schemes":
            command_line.show_schemes(_say, as_json=given.json)
        case "probe":
            command_line.probe(given.url, _say, record=given.record, as_json=given.json)
        case "apdu":
            command_line.send(given.url, given.commands, _say, allow=given.allow, **_recording(given))
        case "track":
            command_line.track(given.url, _say, timeout_s=given.timeout, count=given.count, **_recording(given))
        case "trace":
            command_line.trace(given.file, _say, as_json=given.json)


def _recording(given: argparse.Namespace) -> dict[str, Any]:
    return {"record": given.record, "unmasked": given.unmasked, "as_json": given.json}


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m countertop_drivers",
        description="Card readers on this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="print what is plugged in, as the URLs that open it")
    listing.add_argument("--timeout", type=float, default=3.0, help="seconds for all drivers together (3)")
    listing.add_argument("--json", action="store_true", help="print JSON")
    known = commands.add_parser("schemes", help="print every kind of device, and which driver has it")
    known.add_argument("--json", action="store_true", help="print JSON")
    probing = commands.add_parser("probe", help="open a device and print what it says of itself and its card")
    sending = commands.add_parser("apdu", help="send commands to the card in a device")
    swiping = commands.add_parser("track", help="wait for a card to be swiped and print its tracks")
    for one in (probing, sending, swiping):
        one.add_argument("url", metavar="URL")
        one.add_argument("--record", metavar="FILE", help="write every frame to FILE, with secrets masked")
        one.add_argument("--json", action="store_true", help="print JSON")
    for one in (sending, swiping):
        one.add_argument("--unmasked", action="store_true", help="print all digits of any card")
    sending.add_argument("commands", nargs="+", metavar="HEX", help="a command, in hexadecimal")
    sending.add_argument(
        "--allow", action="append", default=[], choices=list(PERMISSIONS), help="what may be done to the card"
    )
    swiping.add_argument("--timeout", type=float, default=60.0, help="seconds to wait for each card (60)")
    swiping.add_argument("--count", type=int, default=1, help="how many cards (1)")
    reading = commands.add_parser("trace", help="read a recording as text")
    reading.add_argument("file", metavar="FILE")
    reading.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
