"""DuckDB for readers: one in-process database that sees the parts and nothing else, a session per request."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fanfold.results.allocation import map_large_blocks
from fanfold.results.outside import outside

_THREADS = 4
# A text or a name in quotes may hold a dollar sign, too.
VALUE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w+)""")

# In this order: after the last one nothing can be opened again.
_SHUT_OFF = (
    "set global TimeZone = 'UTC'",
    "set global arrow_large_buffer_size = true",
    "set global enable_external_access = false",
    "set global lock_configuration = true",
)


@dataclass(frozen=True, slots=True)
class Query:
    """SQL text of our own making, and the values that it takes by name."""

    text: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def using(cls, text: str, *values: Mapping[str, Any]) -> Query:
        """Return *text* with those of *values* that it names: DuckDB takes no other."""
        used = set(VALUE.findall(text))
        return cls(text, {name: each[name] for each in values for name in each if name in used})


class Duck:
    """Answers queries over the Parquet files of some folders; safe for concurrent requests."""

    def __init__(self, folders: Sequence[Path], *, memory: str, threads: int | None = None) -> None:
        map_large_blocks()
        self._spill = tempfile.mkdtemp(prefix="fanfold-duckdb-")
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="duckdb")
        """For all work on rows, that of others than DuckDB included: each further thread keeps memory."""
        self._database = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "temp_directory": self._spill,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "python_enable_replacements": False,
                **({"threads": threads} if threads else {}),
            },
        )
        self._database.execute("set global allowed_directories = $1", [[*map(str, folders)]])
        for statement in _SHUT_OFF:
            self._database.execute(statement)

    async def table(self, query: Query) -> pa.Table:
        """Return the whole answer; a cancelled caller interrupts the query."""
        session = self._database.cursor()
        try:
            return await outside(
                lambda: session.sql(query.text, params=query.values or None).to_arrow_table(),
                threads=self.threads,
                stop=session.interrupt,
            )
        finally:
            session.close()

    async def stream(self, query: Query, *, rows: int) -> AsyncGenerator[pa.RecordBatch]:
        """Yield the answer in batches of *rows*, computed only as fast as they are taken."""
        session = self._database.cursor()
        try:
            reader = await outside(
                lambda: session.sql(query.text, params=query.values or None).to_arrow_reader(rows),
                threads=self.threads,
                stop=session.interrupt,
            )
            with reader:
                while True:
                    batch = await outside(
                        lambda: next(reader, None), threads=self.threads, stop=session.interrupt
                    )
                    if batch is None:
                        return
                    yield batch
        finally:
            session.close()

    def close(self) -> None:
        """Wait for the queries under way and free everything."""
        self.threads.shutdown()
        self._database.close()
        shutil.rmtree(self._spill, ignore_errors=True)
