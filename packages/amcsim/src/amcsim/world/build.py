"""Builds the world of one instance in a DuckDB of its own, or reads its events back from where they were
kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from amcsim import noise
from amcsim.catalogue import tables
from amcsim.sql.macros import MACROS
from amcsim.world import facts
from amcsim.world.profile import Profile
from amcsim.world.schema import statement, view, view_source

_EDITION = 1
"""Counts up when the same seed begins to give other events, so that kept ones are not mixed with new ones."""
_KEPT = ("dsp_event", "sponsored_event", "conversion_raw")
_STEPS = (
    ("detailPageView", "consideration", "Detail page view"),
    ("shoppingCart", "consideration", "Add to shopping cart"),
    ("order", "conversion", "Purchase"),
)
_DEVICES = (
    ("TV", "Fire OS", None, "App", "Amazon"),
    ("Phone", "iOS", "Safari", "App", "Apple"),
    ("Phone", "Android", "Chrome", "Web", "Samsung"),
    ("PC", "Windows", "Chrome", "Web", None),
    ("Tablet", "Fire OS", "Silk", "App", "Amazon"),
    ("ConnectedDevice", "Other", None, "App", None),
)
_SITES = (
    ("amazon.com", "Amazon", True, "Detail"),
    ("Prime Video", "Amazon Streaming TV", True, None),
    ("imdb.com", "Amazon", True, "Home"),
    ("Twitch", "Amazon Streaming TV", True, None),
    ("dailyledger.example", "Open Exchange One", False, None),
    ("recipes.example", "Open Exchange One", False, None),
    ("weather.example", "Open Exchange Two", False, None),
    ("trails.example", "Open Exchange Two", False, None),
    ("parents.example", "Open Exchange Two", False, None),
    ("puzzles.example", "Open Exchange Three", False, None),
)
_PLACEMENTS = ("Top of Search on-Amazon", "Detail Page on-Amazon", "Other on-Amazon", "Off Amazon")
_PLACES = 24


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty database with AMC's arithmetic: a division by zero is NULL."""
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "2GB"})
    connection.execute(
        "SET GLOBAL ieee_floating_point_ops = FALSE; SET GLOBAL error_on_division_by_zero = FALSE"
    )
    for macro in MACROS:
        connection.execute(macro)
    connection.execute("CREATE SCHEMA amc")
    return connection


def build_schema() -> duckdb.DuckDBPyConnection:
    """Return a database with every table of the catalogue and no row: for binding, not for running."""
    connection = connect()
    for table in tables().values():
        columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in table.columns.values())
        connection.execute(f'CREATE TABLE amc."{table.name}" ({columns}, __users BIGINT)')
    return connection


def build_world(profile: Profile, *, folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a database that holds the instance's events and AMC's tables as views over them."""
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
    _dimensions(connection, profile)
    for name in ("conversion", "touch", "attribution"):
        connection.execute(statement(name))
    for table in tables().values():
        connection.execute(view(table, _filled(connection, view_source(table))))
    return connection


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


def _dimensions(connection: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    market = profile.instance.account.market
    _insert(
        connection,
        "market",
        [
            {
                "country": market.country,
                "marketplace_name": market.marketplace_name,
                "currency": market.currency,
                "timezone": market.timezone,
                "until": profile.until,
            }
        ],
    )
    _insert(connection, "brand", profile.brands)
    _insert(connection, "product", profile.products)
    _insert(connection, "dsp_line", profile.dsp_lines, number="line_no")
    _insert(connection, "sponsored_line", profile.sponsored_lines, number="line_no")
    _insert(
        connection, "step", _rows(("event_subtype", "event_type_class", "event_type_description"), _STEPS)
    )
    device = ("device_type", "operating_system", "browser_family", "environment_type", "device_make")
    _insert(connection, "device", _rows(device, _DEVICES))
    _insert(connection, "site", _rows(("site", "supply_source", "is_amazon_owned", "page_type"), _SITES))
    connection.execute("ALTER TABLE site ADD COLUMN supply_source_id BIGINT")
    connection.execute("UPDATE site SET supply_source_id = 900 + site_no")
    _insert(connection, "placement", [{"placement_type": name} for name in _PLACEMENTS])
    _people(connection, profile)


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
    connection.execute(statement("person"))
    connection.unregister("loaded")


def _insert(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[dict[str, Any]],
    *,
    number: str | None = None,
) -> None:
    columns = {
        column: next((row[column] for row in rows if row[column] is not None), "") for column in rows[0]
    }
    types = ", ".join(f'"{column}" {_type_of(sample)}' for column, sample in columns.items())
    key = number or f"{name}_no"
    connection.execute(f'CREATE TABLE {name} ("{key}" INTEGER, {types})')
    marks = f"({', '.join('?' for _ in range(len(columns) + 1))})"
    values = [value for position, row in enumerate(rows) for value in (position, *row.values())]
    connection.execute(f"INSERT INTO {name} VALUES {', '.join(marks for _ in rows)}", values)


def _type_of(sample: object) -> str:
    if isinstance(sample, bool):
        return "BOOLEAN"
    if isinstance(sample, int):
        return "BIGINT"
    return "VARCHAR" if isinstance(sample, str) else "DATE"


def _rows(names: Sequence[str], values: Sequence[Sequence[object]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in values]


def _filled(connection: duckdb.DuckDBPyConnection, source: str | None) -> frozenset[str]:
    if source is None:
        return frozenset()
    described = connection.execute(f"DESCRIBE {source}").fetchall()
    return frozenset(str(row[0]) for row in described)
