"""Real files and real ends: kill -9 while logs rotate and fold, a write that gets half way, a name with brackets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from countertop.errors import StoreUnavailable
from countertop.store import open_store

WRITER = """
import sys
from pathlib import Path
from countertop.store import open_store

store = open_store(Path(sys.argv[1]), log_bytes=4000)
store.grouping = True
for number in range(int(sys.argv[2]), 100_000):
    for side in "lr":
        with store.transaction() as tx:
            tx.put("a", "k", {"id": f"{side}{number}"}, created=number)
            tx.put("a", "k", {"id": "hot", "number": number, "side": side}, created=0)
            tx.delete("a", "k", f"{side}{number - 50}")
    store.flush()
    print(number, flush=True)
"""


def test_killed_while_logs_rotate_and_fold_every_acknowledged_group_is_whole(tmp_path):
    path = tmp_path / "world.db"
    start = 0
    for groups in (3, 41, 100, 157):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(start)], stdout=subprocess.PIPE)
        try:
            for _ in range(groups):
                acknowledged = int(writer.stdout.readline())
        finally:
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
            writer.wait()
            writer.stdout.close()
        acknowledged = int(rest[-1]) if rest else acknowledged
        store = open_store(path, log_bytes=4000)
        with store.transaction() as tx:
            hot = tx.get("a", "k", "hot")
            names = {name for name, _ in tx.each("a", "k")}
        assert hot["number"] in (acknowledged, acknowledged + 1)
        assert hot["side"] == "r"
        last = hot["number"]
        assert names == {"hot"} | {f"{side}{n}" for n in range(max(0, last - 49), last + 1) for side in "lr"}
        store.close()
        start = last + 1


def test_a_write_that_gets_half_way_is_cut_back_and_the_store_goes_on(tmp_path):
    """The system itself stops the write after some bytes, by a limit on the size of files."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "w[1].db"
    store = open_store(path)
    with store.transaction() as tx:
        tx.put("a", "k", {"id": "kept"}, created=1)
    log = tmp_path / "w[1].db.log.1"
    length = log.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length + 30, hard))
    try:
        with pytest.raises(StoreUnavailable), store.transaction() as tx:
            tx.put("a", "k", {"id": "lost"}, created=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert log.stat().st_size == length
    with store.transaction() as tx:
        assert [name for name, _ in tx.each("a", "k")] == ["kept"]
        tx.put("a", "k", {"id": "later"}, created=3)
    store._journal._log.close()
    store._journal._checkpoint.close()
    store._lock.close()  # gone without a word, as a killed process
    store = open_store(path)
    with store.transaction() as tx:
        assert [json.loads(body)["id"] for _, body in tx.each("a", "k")] == ["later", "kept"]
    store.close()
