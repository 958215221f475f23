"""HTTP figures: creates and reads with 16 keep-alive clients, durable and in memory; start-up times.

Run by hand: ``python -m benchmarks.over_http [--seconds 5]``.  Every figure stands beside that of a bare ASGI
application measured in the same run (:mod:`benchmarks.bare`), since absolute figures say more about the machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEY = "sk_test_counter"
START_LIMIT_S = 120.0
STARTS = 5
CUSTOMERS = [("POST", "/v1/customers", f"name=Customer+{n}&email=c{n}%40example.com") for n in range(100)]
INTENTS = [
    ("POST", "/v1/payment_intents", f"amount={1000 + n}&currency=usd&payment_method_types[0]=card_present")
    for n in range(100)
]


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(arguments: Sequence[str], port: int) -> Iterator[float]:
    """A server process; yields the seconds to its first answer."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    try:
        yield _first_answer(process, port, begin)
    finally:
        process.terminate()
        process.wait(30)


def _first_answer(process: subprocess.Popen[bytes], port: int, begin: float) -> float:
    while time.perf_counter() - begin < START_LIMIT_S:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with status {process.returncode}")
        try:
            call(port, "GET", "/v1/customers?limit=1")
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.002)
            continue
        return time.perf_counter() - begin
    raise SystemExit("the server did not answer in time")


def call(port: int, method: str, path: str, body: str = "") -> Any:
    """One API call."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body.encode() or None, {"Authorization": f"Bearer {KEY}"}, method=method
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def load(port: int, requests: Sequence[tuple[str, str, str]], seconds: float, *, keys: bool = False) -> Any:
    """Figures of the load generator, in its own process."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(json.dumps(entry) for entry in requests))
        file.flush()
        command = [sys.executable, "-m", "benchmarks.load", f"http://127.0.0.1:{port}", "--requests", file.name]
        command += ["--seconds", str(seconds), *(["--idempotent"] if keys else [])]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def show(name: str, figures: Any, bare: float) -> None:
    """One line."""
    ratio = f"{figures['per_s'] / bare:5.2f} of bare" if bare else ""
    print(
        f"{name:44} {figures['per_s']:7,}/s  p50 {figures['p50_ms']:6.2f} ms  p99 {figures['p99_ms']:6.2f} ms  "
        f"{ratio}  {figures['statuses']}",
        flush=True,
    )


def throughput(seconds: float, folder: Path) -> None:
    """Creates and reads: bare, in memory, durable."""
    port = free_port()
    with running(["-m", "benchmarks.bare", str(port)], port):
        create = load(port, CUSTOMERS, seconds)
        read = load(port, [("GET", "/v1/customers/x", "")], seconds)
    show("bare ASGI create", create, 0)
    show("bare ASGI read", read, 0)
    for name, where in (("memory", ["--memory"]), ("durable", ["--data", str(folder / "bench.db")])):
        port = free_port()
        with running(["-m", "countertop", "up", "--port", str(port), *where], port):
            made = [call(port, "POST", "/v1/customers", "name=Ada")["id"] for _ in range(200)]
            reads = [("GET", f"/v1/customers/{identity}", "") for identity in made]
            show(f"{name}: create customer", load(port, CUSTOMERS, seconds), create["per_s"])
            show(
                f"{name}: create customer, Idempotency-Key",
                load(port, CUSTOMERS, seconds, keys=True),
                create["per_s"],
            )
            show(f"{name}: create payment_intent", load(port, INTENTS, seconds), create["per_s"])
            show(f"{name}: read customer", load(port, reads, seconds), read["per_s"])
            pages = [("GET", "/v1/customers?limit=10", "")]
            show(f"{name}: list 10 customers", load(port, pages, seconds), read["per_s"])


def start_up(folder: Path, objects: int) -> None:
    """Seconds from the command to the first answer: empty, and with many objects in the data file."""
    port = free_port()
    for name, where in (("memory", ["--memory"]), ("durable, empty", ["--data", str(folder / "empty.db")])):
        times = []
        for _ in range(STARTS):
            with running(["-m", "countertop", "up", "--port", str(port), *where], port) as took:
                times.append(took)
        print(f"start-up, {name:34} {min(times):6.2f} s best of {STARTS}, worst {max(times):.2f} s", flush=True)
    file = folder / "full.db"
    seeds = folder / "seeds.jsonl"
    with seeds.open("w") as out:
        for number in range(objects):
            customer = {"id": f"cus_{number:014d}", "object": "customer", "name": f"Customer {number}"}
            out.write(json.dumps(customer | {"created": 1_767_225_600 + number}) + "\n")
    command = ["-m", "countertop", "up", "--port", str(port), "--data", str(file)]
    with running([*command, "--load", str(seeds)], port) as took:
        print(f"start-up that loads {objects:,} objects from JSON     {took:6.2f} s")
    times = []
    for _ in range(3):
        with running(command, port) as took:
            times.append(took)
    print(f"start-up, durable, {objects:,} objects            {min(times):6.2f} s best of 3", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--only", choices=("throughput", "start-up"))
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="countertop-bench-"))
    try:
        if given.only != "start-up":
            throughput(given.seconds, folder)
        if given.only != "throughput":
            start_up(folder, given.objects)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
