"""Builds the world of one instance in a DuckDB of its own, or reads its events back from where they were
kept.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from amcsim.catalogue import tables
from amcsim.catalogue.twins import twin_query, twins
from amcsim.sql.macros import MACROS
from amcsim.world.dimensions import create_dimensions
from amcsim.world.generate import EVENTS_AT_A_TIME, generate
from amcsim.world.profile import Profile
from amcsim.world.schema import statement
from amcsim.world.store import MemoryStore, ParquetStore, open_facts
from amcsim.world.world import World

_EDITION = 4
"""Counts up when the same seed begins to give other events, so that kept ones are not mixed with new ones."""
MOST_IN_MEMORY = 2_000_000


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty database with AMC's arithmetic: a division by zero is NULL."""
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "2GB"})
    connection.execute(
        "SET GLOBAL ieee_floating_point_ops = FALSE; SET GLOBAL error_on_division_by_zero = FALSE"
    )
    for macro in MACROS:
        connection.execute(macro)
    connection.execute(statement("drawn"))
    connection.execute("CREATE SCHEMA amc")
    return connection


def build_schema() -> duckdb.DuckDBPyConnection:
    """Return a database with every table of the catalogue and no row: for binding, not for running."""
    connection = connect()
    for table in tables().values():
        columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in table.columns.values())
        connection.execute(f'CREATE TABLE amc."{table.name}" ({columns}, __users BIGINT)')
    for name in twins():
        connection.execute(f'CREATE VIEW amc."{name}" AS {twin_query(name)}')
    return connection


def build_world(
    profile: Profile,
    *,
    folder: Path | None = None,
    at_a_time: int = EVENTS_AT_A_TIME,
    most_in_memory: int = MOST_IN_MEMORY,
) -> World:
    """Return a database that holds the instance's events, and AMC's tables over them.

    With *folder* the events are kept there, and read back from there the next time.
    An instance with more events than *most_in_memory* always has files, and its queries read them.
    """
    connection = connect()
    create_dimensions(connection, profile)
    is_large = profile.events > most_in_memory
    spill = tempfile.TemporaryDirectory(prefix="amcsim-world-") if is_large else None
    if spill is not None:
        connection.execute(f"SET temp_directory = '{spill.name}/spill'")
        folder = folder or Path(spill.name)
    if folder is None:
        generate(profile, MemoryStore(connection), at_a_time=at_a_time)
    else:
        kept = folder / _folder_name(profile)
        if not kept.is_dir():
            _keep(connection, profile, kept, at_a_time=at_a_time)
        open_facts(connection, kept, in_memory=not is_large)
    connection.execute(statement("membership"))
    return World(connection, spill)


def _keep(connection: duckdb.DuckDBPyConnection, profile: Profile, kept: Path, *, at_a_time: int) -> None:
    store = ParquetStore(connection, kept)
    try:
        generate(profile, store, at_a_time=at_a_time)
    except BaseException:
        store.discard()
        raise
    store.finish()


def _folder_name(profile: Profile) -> str:
    instance = profile.instance
    return f"v{_EDITION}-{profile.seed}-{instance.instance_id}-{profile.events}-{profile.until.isoformat()}"
