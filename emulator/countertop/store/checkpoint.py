"""The checkpoint: a SQLite file that holds every record as of the end of some log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from countertop.errors import DataFileError
from countertop.store.group import RESET, Redo
from countertop.store.image import Row
from countertop.store.partition import Record

APPLICATION_ID = 0x43544F50  # "CTOP"
SCHEMA_VERSION = 1
SCHEMA = (
    "CREATE TABLE record (account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, "
    "sequence INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, kind, id)) WITHOUT ROWID",
    "CREATE TABLE covered (generation INTEGER NOT NULL)",
    "INSERT INTO covered VALUES (0)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
# Schema version -> what brings a file of that version to the next one.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}
UPSERT = (
    "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET created = excluded.created, "
    "sequence = excluded.sequence, body = excluded.body"
)


class SqliteCheckpoint:
    """A data file.  Raises DataFileError for one that is foreign, corrupt or newer; such a file is not touched."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            is_new = not path.exists() or path.stat().st_size == 0
        except OSError as error:
            raise _unusable(path, error) from error
        is_new = is_new or self._is_blank()
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            if is_new:
                self._transact(lambda connection: [connection.execute(statement) for statement in SCHEMA])
        except sqlite3.Error as error:
            self._connection.close()
            raise _unusable(path, error) from error

    def rows(self) -> Iterator[Row]:
        """Every record.  Raises DataFileError when the file turns out to be corrupt."""
        try:
            for account, kind, name, created, sequence, body in self._connection.execute("SELECT * FROM record"):
                yield account, kind, name, Record(body, created, sequence)
        except sqlite3.DatabaseError as error:
            raise DataFileError(f"{self._path} is damaged: {error}.", _ANOTHER) from error

    def generation(self) -> int:
        """The last generation of logs that is in here."""
        [generation] = self._connection.execute("SELECT generation FROM covered").fetchone()
        return int(generation)

    def write(self, changes: Redo, generation: int) -> None:
        """Apply changes and cover ``generation``.  Raises OSError; then nothing was written."""

        def apply(connection: sqlite3.Connection) -> None:
            if RESET in changes:
                connection.execute("DELETE FROM record")
            gone = [key for key, record in changes.items() if record is None and key != RESET]
            connection.executemany("DELETE FROM record WHERE account = ? AND kind = ? AND id = ?", gone)
            rows = ((*key, record.created, record.sequence, record.body) for key, record in changes.items() if record)
            connection.executemany(UPSERT, rows)
            connection.execute("UPDATE covered SET generation = ?", (generation,))

        try:
            self._transact(apply)
        except (sqlite3.Error, OverflowError) as error:
            raise OSError(f"the checkpoint could not be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _transact(self, work: Callable[[sqlite3.Connection], object]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            work(self._connection)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _is_blank(self) -> bool:
        """Look before anything is written: whose file is it, and which version?

        True for a database without anything in it: what a first start leaves behind that was killed on the way.
        """
        connection = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            [owner] = connection.execute("PRAGMA application_id").fetchone()
            [version] = connection.execute("PRAGMA user_version").fetchone()
            if owner == 0 and version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                return True
            if owner != APPLICATION_ID:
                raise DataFileError(f"{self._path} is another program's file, not a Countertop data file.", _ANOTHER)
            if version > SCHEMA_VERSION or any(old not in MIGRATIONS for old in range(version, SCHEMA_VERSION)):
                raise DataFileError(
                    f"{self._path} was written by another version of Countertop (schema {version}, this one knows "
                    f"{SCHEMA_VERSION}).",
                    "Use that version, or choose another file with --data.",
                )
            connection.execute("SELECT 1 FROM record LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            message = f"{self._path} is not a Countertop data file, or it is damaged: {error}."
            raise DataFileError(message, _ANOTHER) from error
        finally:
            connection.close()
        return False


def _unusable(path: Path, error: Exception) -> DataFileError:
    return DataFileError(f"{path} cannot be used as a data file: {error}.", _ANOTHER)


_ANOTHER = "Nothing was changed; choose another file with --data."
