"""Builds the world of one instance in a DuckDB of its own, or reads its events back from where they were
kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from amcsim import noise
from amcsim.catalogue import tables
from amcsim.sql.macros import MACROS
from amcsim.world import facts
from amcsim.world.dimensions import create_dimensions
from amcsim.world.profile import Profile
from amcsim.world.schema import statement
from amcsim.world.segments import FIRST_SEGMENT_ID, SEGMENT_ID_STEP
from amcsim.world.world import World

_EDITION = 2
"""Counts up when the same seed begins to give other events, so that kept ones are not mixed with new ones."""
_PLACES = 24
_KEPT = ("dsp_event", "sponsored_event", "conversion_raw")


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty database with AMC's arithmetic: a division by zero is NULL."""
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "2GB"})
    connection.execute(
        "SET GLOBAL ieee_floating_point_ops = FALSE; SET GLOBAL error_on_division_by_zero = FALSE"
    )
    for macro in MACROS:
        connection.execute(macro)
    # estimates that are too low would make it compare every pair
    connection.execute("SET GLOBAL asof_loop_join_threshold = 0")
    connection.execute(statement("drawn"))
    connection.execute("CREATE SCHEMA amc")
    return connection


def build_schema() -> duckdb.DuckDBPyConnection:
    """Return a database with every table of the catalogue and no row: for binding, not for running."""
    connection = connect()
    for table in tables().values():
        columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in table.columns.values())
        connection.execute(f'CREATE TABLE amc."{table.name}" ({columns}, __users BIGINT)')
    return connection


def build_world(profile: Profile, *, folder: Path | None = None) -> World:
    """Return a database that holds the instance's events, and AMC's tables over them."""
    connection = connect()
    kept = None if folder is None else folder / _folder_name(profile)
    if kept is not None and kept.is_dir():
        for name in _KEPT:
            connection.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_parquet($path)", {"path": str(kept / name)}
            )
    else:
        _generate(connection, profile)
        if kept is not None:
            _keep(connection, kept)
    create_dimensions(connection, profile)
    _people(connection, profile)
    for name in ("membership", "touch", "conversion", "attribution"):
        connection.execute(statement(name))
    return World(connection)


def _generate(connection: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    dsp = facts.impressions(profile)
    sponsored = facts.sponsored(profile)
    sources = (
        facts.journeys(profile, dsp, name="dsp journeys", per_million=(30_000, 450_000)),
        facts.journeys(profile, sponsored, name="sponsored journeys", per_million=(20_000, 500_000)),
        facts.organic(profile),
    )
    conversions = {column: np.concatenate([source[column] for source in sources]) for column in sources[0]}
    conversions["source_no"] = np.repeat(np.arange(3), [len(source["ts"]) for source in sources])
    for name, columns in zip(_KEPT, (dsp, sponsored, conversions), strict=True):
        _load(connection, name, columns)


def _load(connection: duckdb.DuckDBPyConnection, name: str, columns: facts.Facts) -> None:
    connection.register("loaded", columns)
    shown = ", ".join(_typed(column) for column in columns)
    connection.execute(f"CREATE TABLE {name} AS SELECT {shown} FROM loaded")
    connection.unregister("loaded")


def _typed(column: str) -> str:
    if column in {"ts", "click_ts"}:
        return f"make_timestamp({column}) AS {column}"
    if column == "user_no":
        return "CAST(nullif(user_no, -1) AS BIGINT) AS user_no"
    if column in {"event_no", "conversion_no"}:
        return f"CAST({column} AS BIGINT) AS {column}"
    return column if column == "clicked" else f"CAST({column} AS INTEGER) AS {column}"


def _keep(connection: duckdb.DuckDBPyConnection, kept: Path) -> None:
    unfinished = kept.with_suffix(".part")
    unfinished.mkdir(parents=True, exist_ok=True)
    for name in _KEPT:
        connection.execute(f"COPY {name} TO '{unfinished / name}' (FORMAT parquet)")
    unfinished.rename(kept)


def _folder_name(profile: Profile) -> str:
    instance = profile.instance
    return f"v{_EDITION}-{profile.seed}-{instance.instance_id}-{profile.events}-{profile.until.isoformat()}"


def _people(connection: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    numbers = np.arange(profile.users, dtype=np.uint64)
    draw = noise.Stream(numbers, profile.seed, profile.instance.ordinal, "people")
    columns: dict[str, Any] = {
        "user_no": numbers.astype(np.int64),
        "place_no": draw.skewed("place", _PLACES, power=2),
        "kind_no": draw.weighted("kind", [75, 15, 10]),
        "code": noise.mix(noise.key(profile.seed, profile.instance.ordinal, "ids"), numbers),
    }
    connection.register("loaded", columns)
    ids = {"first_segment_id": FIRST_SEGMENT_ID, "segment_id_step": SEGMENT_ID_STEP}
    connection.execute(f"CREATE TABLE person AS {statement('person', **ids)}")
    connection.unregister("loaded")
