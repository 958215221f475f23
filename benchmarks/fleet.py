"""A fleet behind ``countertop up``: answers while 1,000 readers beat and sell; what 10,000 idle ones cost.

Run by hand: ``python -m benchmarks.fleet [--seconds 20]``.  Linux only: memory and CPU are read from ``/proc``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from benchmarks.over_http import KEY, call, free_port

SALES_PER_S = 50
START_LIMIT_S = 300.0
HEARTBEAT_MS = 30_000
AUTH = {"authorization": f"Bearer {KEY}"}


def fleet_file(folder: Path, count: int) -> Path:
    """A fleet of so many readers at ten locations."""
    file = folder / f"fleet-{count}.toml"
    tables = []
    for number in range(10):
        tables.append(f'[[location]]\ndisplay_name = "Shop {number}"\n')
        tables.append(f'[[reader]]\nlocation = "Shop {number}"\ncount = {count // 10}\nlabel = "Till"\n')
    file.write_text("\n".join(tables))
    return file


class Up:
    """``countertop up`` as a process."""

    def __init__(self, folder: Path, count: int) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "countertop", "up", "--port", str(self.port)]
        command += ["--data", str(folder / f"fleet-{count}.db")]
        if count:
            command += ["--fleet", str(fleet_file(folder, count))]
        begin = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            if self.process.poll() is not None or time.perf_counter() - begin > START_LIMIT_S:
                raise SystemExit("the server did not start")
            try:
                call(self.port, "GET", "/v1/customers?limit=1")
                break
            except OSError:
                time.sleep(0.01)
        self.took = time.perf_counter() - begin

    def close(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(60)

    def resident_kib(self) -> int:
        """Resident memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1])

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def readers(self) -> list[dict[str, Any]]:
        """Every reader, through the API."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = call(self.port, "GET", f"/v1/terminal/readers?limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return found
            after = f"&starting_after={page['data'][-1]['id']}"


async def sell(client: httpx.AsyncClient, reader: str, times: list[float], outcomes: Counter[str]) -> None:
    """One sale: four calls, each timed."""

    async def timed(method: str, path: str, data: dict[str, str] | None = None) -> Any:
        begin = time.perf_counter()
        answer = await client.request(method, path, data=data)
        times.append(time.perf_counter() - begin)
        outcomes[f"{answer.status_code}"] += 1
        return answer.json()

    form = {"amount": "1250", "currency": "usd", "payment_method_types[0]": "card_present"}
    intent = (await timed("POST", "/v1/payment_intents", form))["id"]
    await timed("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": intent})
    await timed("POST", f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method")
    outcomes[(await timed("GET", f"/v1/payment_intents/{intent}"))["status"]] += 1


async def selling(port: int, readers: list[str], seconds: float) -> tuple[list[float], Counter[str], float]:
    """Start a sale every 20 ms, whatever became of the others (an open loop); times in seconds."""
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=AUTH, limits=limits, trust_env=False, timeout=30
    ) as client:
        begin = time.perf_counter()
        works = []
        for number in range(int(seconds * SALES_PER_S)):
            await asyncio.sleep(max(begin + number / SALES_PER_S - time.perf_counter(), 0))
            works.append(asyncio.create_task(sell(client, readers[number % len(readers)], times, outcomes)))
        await asyncio.gather(*works)
        return times, outcomes, time.perf_counter() - begin


def busy(folder: Path, seconds: float) -> None:
    """1,000 readers and 50 sales a second."""
    up = Up(folder, 1_000)
    try:
        names = [reader["id"] for reader in up.readers()]
        before = up.cpu_s()
        times, outcomes, took = asyncio.run(selling(up.port, names, seconds))
        share = (up.cpu_s() - before) / took
        now_ms = call(up.port, "GET", "/_countertop/clock")["now_ms"]
        seen = up.readers()
        late = sum(
            reader["status"] != "online" or now_ms - reader["last_seen_at"] > HEARTBEAT_MS + 1000 for reader in seen
        )
        times.sort()
        p50, p99 = (1000 * times[len(times) * share_ // 100] for share_ in (50, 99))
        print(
            f"1,000 readers, {outcomes['succeeded'] / took:.1f} sales/s for {took:.0f} s: {len(times)} answers, "
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms (bar: 50 ms), {late} of {len(seen)} readers missed a heart-beat, "
            f"server {share:.0%} of a core, {json.dumps(outcomes)}",
            flush=True,
        )
    finally:
        up.close()


def idle(folder: Path, seconds: float) -> None:
    """10,000 readers that do nothing."""
    figures = []
    for count in (0, 10_000):
        up = Up(folder, count)
        try:
            time.sleep(2)
            memory, before = up.resident_kib(), up.cpu_s()
            time.sleep(seconds)
            figures.append((up.took, memory, (up.cpu_s() - before) / seconds))
        finally:
            up.close()
    (_, empty, _), (took, full, share) = figures
    print(
        f"10,000 idle readers: {(full - empty) / 10_000:.1f} KiB each (bar: 20), {share:.2%} of a core (bar: 10 %), "
        f"registered and up in {took:.1f} s",
        flush=True,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="countertop-fleet-"))
    try:
        busy(folder, given.seconds)
        idle(folder, given.seconds)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
