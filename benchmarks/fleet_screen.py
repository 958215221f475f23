"""The fleet screen under load: 10,000 readers, 5,000 updates a second, in a terminal of 160 by 50 (DESIGN.md §6).

Three processes: a server whose readers never rest, the screen on a pseudo-terminal, and this one, which reads what the
screen writes, presses keys, and measures.  Run: ``python -m benchmarks.fleet_screen --seconds 60``.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from tempfile import TemporaryDirectory

COLUMNS, LINES = 160, 50
FRAME_ENDS = b"\x1b[?2026l"
"""What Textual writes behind each frame that it flushes (synchronized output)."""
MODE_QUESTION, MODE_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal says that it can do that."""
KEY_EVERY_S = 0.5
PYTHON = sys.executable


def main() -> None:
    """Run it once, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=5_000, help="per second")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        figures = Path(folder) / "lag.json"
        load = [PYTHON, "-m", "benchmarks.restless_fleet", str(given.readers), str(given.updates)]
        with subprocess.Popen(load, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            print(f"{given.readers} readers, {given.updates} updates a second, {given.seconds:g} s, at {url}")
            child, terminal = _screen(url, figures)
            try:
                _measure(terminal, child, given.seconds, figures)
            finally:
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)
                assert server.stdin is not None
                server.stdin.close()
                print(f"updates published: {server.stdout.readline().strip()} a second")


def _screen(url: str, figures: Path) -> tuple[int, int]:
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["COLORTERM"] = "truecolor"
        os.execv(PYTHON, [PYTHON, "-m", "benchmarks.probed_screen", url, str(figures)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    os.set_blocking(terminal, False)
    return child, terminal


def _measure(terminal: int, child: int, seconds: float, figures: Path) -> None:
    _read_until(terminal, time.monotonic() + 20)  # it starts, and loads the fleet
    memory = [_memory_mb(child)]
    frames, written, began = 0, 0, time.monotonic()
    next_key, waits, pressed, row = began + 1, list[float](), 0.0, 0
    spent = _cpu_s(child)
    while (now := time.monotonic()) < began + seconds:
        if now >= next_key and not pressed:
            os.write(terminal, b"\x1b[B" if row % 2 == 0 else b"\x1b[A")
            row, pressed, next_key = row + 1, now, now + KEY_EVERY_S
        data = _read(terminal, 0.005)
        frames += data.count(FRAME_ENDS)
        written += len(data)
        # The row under the cursor is drawn in reverse: the answer to the key.
        if pressed and b"\x1b[7" in data.replace(b";7", b"\x1b[7"):
            waits.append(time.monotonic() - pressed)
            pressed = 0.0
        if len(memory) <= (now - began) / 10:
            memory.append(_memory_mb(child))
    took = time.monotonic() - began
    memory.append(_memory_mb(child))
    lag = json.loads(figures.read_text())
    print(f"frames: {frames / took:.1f} a second ({written / took / 1000:.0f} kB/s)")
    print(f"event-loop lag: p50 {lag['p50']:.1f} ms, p99 {lag['p99']:.1f} ms, most {lag['most']:.1f} ms")
    waits_ms = sorted(wait * 1000 for wait in waits)
    p95 = waits_ms[int(len(waits_ms) * 0.95)]
    median = statistics.median(waits_ms)
    print(f"keys: {len(waits)} pressed, p50 {median:.0f} ms, p95 {p95:.0f} ms, most {waits_ms[-1]:.0f} ms")
    print(f"memory: {' '.join(f'{each:.0f}' for each in memory)} MB, every ten seconds")
    cpu = (_cpu_s(child) - spent) / took
    print(f"CPU of the screen: {cpu:.2f} cores; items heard {lag['heard']}, missed {lag['missed']}")


def _read(terminal: int, patience: float) -> bytes:
    ready, _, _ = select.select([terminal], [], [], patience)
    if not ready:
        return b""
    try:
        data = os.read(terminal, 1 << 20)
    except (BlockingIOError, OSError):
        return b""
    if MODE_QUESTION in data:
        os.write(terminal, MODE_ANSWER)
    return data


def _read_until(terminal: int, ends: float) -> None:
    while time.monotonic() < ends:
        _read(terminal, 0.05)


def _memory_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
