"""Where an instance's facts are kept: in memory, or as Parquet files in a folder that appears complete."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import duckdb

from amcsim.world.facts import Facts
from amcsim.world.generate import FACTS
from amcsim.world.schema import statement
from amcsim.world.segments import FIRST_SEGMENT_ID, SEGMENT_ID_STEP


class MemoryStore:
    """Keeps facts as tables of the database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._begun: set[str] = set()

    def add(self, name: str, columns: Facts) -> None:
        """Append rows to the table *name*."""
        begin = f"INSERT INTO {name}" if name in self._begun else f"CREATE TABLE {name} AS"
        self._begun.add(name)
        _execute(self._connection, f"{begin} {_stored(name)}", columns)


class ParquetStore:
    """Writes a file for every stretch; nobody sees the folder before all of them are there.

    Several processes may fill the same folder: each writes its own, the first to end is kept.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished = Path(
            tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part")
        )
        self._files: Counter[str] = Counter()

    def add(self, name: str, columns: Facts) -> None:
        """Write the next file of the fact *name*."""
        path = self._unfinished / name / f"{self._files[name]:05}.parquet"
        path.parent.mkdir(exist_ok=True)
        self._files[name] += 1
        copy = f"COPY ({_stored(name)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        _execute(self._connection, copy, columns)

    def finish(self) -> None:
        """Let the folder appear under its name, unless another process was faster."""
        self._unfinished.chmod(0o755)
        try:
            self._unfinished.rename(self._folder)
        except OSError:
            if not self._folder.is_dir():
                raise
            self.discard()

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._unfinished, ignore_errors=True)


def open_facts(connection: duckdb.DuckDBPyConnection, folder: Path, *, in_memory: bool) -> None:
    """Make the facts of *folder* known: loaded as tables, or read from their files when needed."""
    kind = "TABLE" if in_memory else "VIEW"
    for name in FACTS:
        connection.execute(
            f"CREATE {kind} {name} AS SELECT * FROM read_parquet('{folder / name / '*.parquet'}')"
        )


def _stored(name: str) -> str:
    return statement(name, first_segment_id=FIRST_SEGMENT_ID, segment_id_step=SEGMENT_ID_STEP)


def _execute(connection: duckdb.DuckDBPyConnection, sql: str, columns: Facts) -> None:
    connection.register("loaded", columns)
    connection.execute(sql)
    connection.unregister("loaded")
