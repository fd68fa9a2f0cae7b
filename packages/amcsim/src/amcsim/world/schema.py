"""AMC's tables as views over the world: every column of the catalogue, in its type, NULL where the world
has nothing.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from amcsim.catalogue import Table
from amcsim.sql.relations import USERS

_AREAS = {"amer": 1, "eu": 4, "apac": 6}
"""The regions of segment memberships, with the number of the first marketplace of each."""
_CLASSES = {"inmarket": "In-Market", "lifestyle": "Lifestyle"}
_MADE_BY: dict[str, tuple[str, dict[str, str]]] = {
    "dsp_impressions": ("dsp_impressions", {}),
    "dsp_clicks": ("dsp_clicks", {}),
    "dsp_views": ("dsp_views", {}),
    "dsp_video_events_feed": ("dsp_video_events_feed", {}),
    "dsp_impressions_by_user_segments": ("impressions_by_segments", {"condition": "TRUE"}),
    "dsp_impressions_by_matched_segments": (
        "impressions_by_segments",
        {"condition": "segment.theme_no = i.__aim"},
    ),
    "sponsored_ads_traffic": ("sponsored_ads_traffic", {}),
    "conversions": ("conversions", {}),
    "conversions_all": ("conversions_all", {}),
    "conversions_with_relevance": ("conversions_with_relevance", {}),
    "amazon_attributed_events_by_traffic_time": ("attributed_events", {}),
    "amazon_attributed_events_by_conversion_time": ("attributed_events", {}),
    "amazon_retail_purchases": ("amazon_retail_purchases", {}),
    "segment_metadata": ("segment_metadata", {}),
}
_SEGMENTS_MADE_BY = {
    f"audience_segments_{area}_{kind}{suffix}": (
        f"audience_segments{suffix}",
        {"area": area, "marketplace_no": str(marketplace_no), "class": name},
    )
    for area, marketplace_no in _AREAS.items()
    for kind, name in _CLASSES.items()
    for suffix in ("", "_snapshot")
}
_HOLE = re.compile(r"\{(\w+)\}")
_MOMENTS = ("impression", "click", "event", "traffic_event", "conversion_event", "purchase")
_LOCAL = "timezone(advertiser_timezone, timezone('UTC', {moment}))"
_PARTS = {
    "dt": "{moment}",
    "date": "CAST({moment} AS DATE)",
    "day": "day({moment})",
    "hour": "hour({moment})",
    "dt_hour": "date_trunc('hour', {moment})",
}
_COUNTED = {
    "detail_page_view": ("__step = 0", "1"),
    "add_to_cart": ("__step = 1", "1"),
    "purchases": ("__step = 2", "1"),
    "units_sold": ("__step = 2", "__units"),
    "product_sales": ("__step = 2", "__sales"),
}
_SCOPES = {"": "__promoted", "brand_halo_": "NOT __promoted", "total_": "TRUE"}
_NEVER_SOLD = "digital_"
"""What columns of products begin with that no brand of this world has: their metrics are 0."""
_TOUCHES = {"": "TRUE", "_clicks": "__clicked", "_views": "NOT __clicked"}


def statement(name: str, **values: object) -> str:
    """Return the SQL of one file of this package; a hole in braces takes a value, or another file's query."""

    def fill(hole: re.Match[str]) -> str:
        key = hole.group(1)
        return str(values[key]) if key in values else statement(key, **values)

    text = files("amcsim.world").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
    return _HOLE.sub(fill, text)


def view_source(table: Table) -> str:
    """Return the query that fills *table*."""
    name, values = (_MADE_BY | _SEGMENTS_MADE_BY)[table.name]
    return statement(name, **values)


def view(table: Table, filled: frozenset[str]) -> str:
    """Return the statement that creates *table*; *filled* are the columns that its source yields."""
    shown = [
        f'CAST({_expression(table, column.name, filled)} AS {column.duckdb_type}) AS "{column.name}"'
        for column in table.columns.values()
    ]
    users = f"CAST({USERS} AS BIGINT)" if USERS in filled else "CAST(NULL AS BIGINT)"
    columns = ", ".join([*shown, f'{users} AS "{USERS}"'])
    return f'CREATE VIEW amc."{table.name}" AS SELECT {columns} FROM ({view_source(table)})'


def _expression(table: Table, column: str, filled: frozenset[str]) -> str:
    if column in filled:
        return f'"{column}"'
    if table.name.startswith("amazon_attributed_events") and column in _metric_families():
        return _metric_families()[column]
    if column.startswith(_NEVER_SOLD):
        return "0"
    return _moment_part(column, filled) or "NULL"


def _moment_part(column: str, filled: frozenset[str]) -> str | None:
    for moment in _MOMENTS:
        utc = f"{moment}_dt_utc"
        if not column.startswith(f"{moment}_") or utc not in filled:
            continue
        part = column.removeprefix(f"{moment}_")
        if part.removesuffix("_utc") not in _PARTS:
            continue
        is_local = not part.endswith("_utc")
        if is_local and "advertiser_timezone" not in filled:
            continue
        source = _LOCAL.format(moment=utc) if is_local else utc
        return _PARTS[part.removesuffix("_utc")].format(moment=source)
    return None


@cache
def _metric_families() -> dict[str, str]:
    families: dict[str, str] = {}
    for base, (condition, value) in _COUNTED.items():
        for scope, in_scope in _SCOPES.items():
            for touch, touched in _TOUCHES.items():
                tests = f"{condition} AND {in_scope} AND {touched}"
                families[f"{scope}{base}{touch}"] = f"CASE WHEN {tests} THEN {value} ELSE 0 END"
                families[f"new_to_brand_{scope}{base}{touch}"] = (
                    f"CASE WHEN {tests} AND __new THEN {value} ELSE 0 END"
                )
    return families
