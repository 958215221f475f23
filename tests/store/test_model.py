"""The store against a model of plain dictionaries: any sequence of transactions, aborts, failures and restarts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from countertop.errors import StoreUnavailable
from countertop.store import CreatedRange, open_store

NAMES = [f"o{number}" for number in range(12)]
KINDS = ["a", "b"]
writes = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete"]),
        st.sampled_from(KINDS),
        st.sampled_from(NAMES),
        st.integers(0, 3),
        st.integers(100, 103),
    ),
    min_size=1,
    max_size=6,
)


class Abort(Exception):
    """Ends a transaction badly."""


class StoreMachine(RuleBasedStateMachine):
    """Every rule does the same to the store and to the model; the invariant compares all that can be read."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "world.db"
        self.store = open_store(self.path, fsync=False, log_bytes=400)
        self.model: dict[tuple[str, str], tuple[int, int, int]] = {}
        self.durable = dict(self.model)
        self.turn = 0

    def _apply(self, steps) -> None:
        for verb, kind, name, value, created in steps:
            if verb == "delete":
                self.model.pop((kind, name), None)
            else:
                self.turn += 1
                old = self.model.get((kind, name))
                self.model[kind, name] = (value, *(old[1:] if old else (created, self.turn)))

    def _write(self, tx, steps) -> None:
        for verb, kind, name, value, created in steps:
            if verb == "delete":
                tx.delete("acct", kind, name)
            else:
                tx.put("acct", kind, {"id": name, "v": value, "deep": {"v": value % 2}}, created=created)

    @rule(steps=writes)
    def commit(self, steps) -> None:
        with self.store.transaction() as tx:
            self._write(tx, steps)
        self._apply(steps)
        self.durable = dict(self.model)

    @rule(steps=writes)
    def abort(self, steps) -> None:
        with pytest.raises(Abort), self.store.transaction() as tx:
            self._write(tx, steps)
            raise Abort

    @rule(groups=st.lists(writes, min_size=1, max_size=3))
    def group(self, groups) -> None:
        effects = []
        self.store.grouping = True
        for number, steps in enumerate(groups):
            with self.store.transaction() as tx:
                self._write(tx, steps)
                tx.after_commit(lambda number=number: effects.append(number))
            self._apply(steps)
        assert effects == []
        self.store.flush()
        self.store.grouping = False
        assert effects == list(range(len(groups)))
        self.durable = dict(self.model)

    @rule(groups=st.lists(writes, min_size=1, max_size=3))
    def failing_group(self, groups) -> None:
        effects = []
        self.store.grouping = True
        for steps in groups:
            with self.store.transaction() as tx:
                self._write(tx, steps)
                tx.after_commit(lambda: effects.append(1))
        wrote = bool(self.store._group.redo)
        real, self.store._journal = self.store._journal, FullDisk()
        try:
            self.store.flush()
        except StoreUnavailable:
            assert wrote
            assert effects == []
        else:
            assert not wrote
        self.store._journal = real
        self.store.grouping = False

    @rule()
    def reset(self) -> None:
        self.store.reset()
        self.model.clear()
        self.durable = {}

    @rule()
    def snapshot_and_restore(self) -> None:
        data = self.store.snapshot()
        self.store.reset()
        self.store.restore(data)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.path, fsync=False, log_bytes=400)

    @rule(limit=st.integers(1, 4), kind=st.sampled_from(KINDS), value=st.integers(0, 3), low=st.integers(99, 104))
    def pages(self, limit, kind, value, low) -> None:
        for where in ({}, {"v": value}, {"v": (value, 0)}, {"v": value, "deep.v": 1}):
            wanted = [
                name
                for name in self._names(kind)
                if self._matches(self.model[kind, name][0], where) and self.model[kind, name][1] >= low
            ]
            walked, cursor = [], None
            with self.store.transaction() as tx:
                for _ in range(20):
                    page = tx.page("acct", kind, limit=limit, where=where, created=CreatedRange(gte=low), after=cursor)
                    names = [body.split(b'"')[3].decode() for body in page.bodies]
                    walked += names
                    if not page.has_more:
                        break
                    cursor = names[-1]
                assert walked == wanted
                if wanted:
                    back = tx.page("acct", kind, limit=limit, where=where, before=wanted[-1])
                    newer = [name for name in self._names(kind) if self._matches(self.model[kind, name][0], where)]
                    expected = newer[: newer.index(wanted[-1])][-limit:]
                    assert [body.split(b'"')[3].decode() for body in back.bodies] == expected

    def _names(self, kind) -> list[str]:
        mine = [(row[1], row[2], name) for (owner, name), row in self.model.items() if owner == kind]
        return [name for _, _, name in sorted(mine, reverse=True)]

    @staticmethod
    def _matches(value, where) -> bool:
        wanted = where.get("v", value)
        good = value in wanted if isinstance(wanted, tuple) else value == wanted
        return good and value % 2 == where.get("deep.v", value % 2)

    @invariant()
    def same_as_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.transaction() as tx:
            for kind in KINDS:
                assert [name for name, _ in tx.each("acct", kind)] == self._names(kind)
                for name in NAMES:
                    document = tx.get("acct", kind, name)
                    row = self.model.get((kind, name))
                    assert (document["v"] if document else None) == (row[0] if row else None)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


class FullDisk:
    """A journal whose disk is full."""

    def append(self, redo) -> None:
        raise OSError(28, "No space left on device")


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
