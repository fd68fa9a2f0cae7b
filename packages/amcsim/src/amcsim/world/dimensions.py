"""The small tables that events point to: market, brands, products, campaigns, segments, devices, sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from amcsim.world.journeys import STEPS
from amcsim.world.profile import Profile
from amcsim.world.schema import statement
from amcsim.world.segments import segments

_AREAS = {"na": "amer", "eu": "eu", "fe": "apac"}
_DEVICES = (
    ("TV", "Fire OS", "8", None, "App", "Amazon", "Fire TV"),
    ("Phone", "iOS", "18", "Safari", "App", "Apple", "iPhone"),
    ("Phone", "Android", "15", "Chrome", "Web", "Samsung", "Galaxy"),
    ("PC", "Windows", "11", "Chrome", "Web", None, None),
    ("Tablet", "Fire OS", "8", "Silk", "App", "Amazon", "Fire HD"),
    ("ConnectedDevice", "Other", None, None, "App", None, None),
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


def create_dimensions(connection: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    """Create the tables that say what the numbers in events stand for."""
    market = profile.instance.account.market
    _insert(
        connection,
        "market",
        [
            {
                "country": market.country,
                "marketplace_name": market.marketplace_name,
                "marketplace_no": market.number,
                "area": _AREAS[market.region],
                "currency": market.currency,
                "timezone": market.timezone,
                "first_day": profile.first_day,
                "until": profile.until,
                "user_count": profile.users,
            }
        ],
    )
    _insert(connection, "brand", profile.brands)
    _insert(connection, "product", profile.products)
    _insert(connection, "dsp_line", profile.dsp_lines, number="line_no")
    _insert(connection, "sponsored_line", profile.sponsored_lines, number="line_no")
    step = ("event_subtype", "event_category", "event_type_class", "event_type_description")
    _insert(connection, "step", _rows(step, STEPS))
    device = (
        "device_type",
        "operating_system",
        "os_version",
        "browser_family",
        "environment_type",
        "device_make",
        "device_model",
    )
    _insert(connection, "device", _rows(device, _DEVICES))
    _insert(connection, "site", _rows(("site", "supply_source", "is_amazon_owned", "page_type"), _SITES))
    connection.execute("ALTER TABLE site ADD COLUMN supply_source_id BIGINT")
    connection.execute("ALTER TABLE site ADD COLUMN app_bundle VARCHAR")
    connection.execute(
        "UPDATE site SET supply_source_id = 900 + site_no,"
        " app_bundle = 'com.' || regexp_replace(lower(site), '[^a-z]', '', 'g')"
    )
    _insert(connection, "placement", [{"placement_type": name} for name in _PLACEMENTS])
    _insert(connection, "segment", segments())
    connection.execute(statement("campaign"))


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
