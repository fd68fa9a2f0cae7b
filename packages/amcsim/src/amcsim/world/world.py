"""The database of one instance. AMC's tables are made when they are first asked for: to bind a view of two
hundred columns takes longer than to generate a thousand events.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from tempfile import TemporaryDirectory

import duckdb

from amcsim.catalogue import tables
from amcsim.catalogue.twins import twin_query, twins
from amcsim.world.schema import view, view_source


class World:
    """Facts in the schema `main`, AMC's tables in the schema `amc`; safe to use from several threads."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, spill: TemporaryDirectory[str] | None = None
    ) -> None:
        self._connection = connection
        self._spill = spill
        self._made: set[str] = set()
        self._guard = threading.Lock()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the connection that all cursors share; for functions that are to be known to all of them."""
        return self._connection

    def cursor(self, shown: Iterable[str] | None = None) -> duckdb.DuckDBPyConnection:
        """Return a cursor that sees the AMC tables *shown*, by default all but the twins for audiences."""
        with self._guard:
            for name in tables() if shown is None else shown:
                if name not in self._made:
                    self._make(name)
            return self._connection.cursor()

    def close(self) -> None:
        """Give back the memory, and the files that nobody wanted kept."""
        self._connection.close()
        if self._spill is not None:
            self._spill.cleanup()

    def _make(self, name: str) -> None:
        if name in twins():
            if twins()[name] not in self._made:
                self._make(twins()[name])
            self._connection.execute(f'CREATE VIEW amc."{name}" AS {twin_query(name)}')
            self._made.add(name)
            return
        table = tables()[name]
        with self._connection.cursor() as cursor:
            described = cursor.execute(f"DESCRIBE {view_source(table)}").fetchall()
            filled = frozenset(str(row[0]) for row in described)
            cursor.execute(view(table, filled))
        self._made.add(name)
