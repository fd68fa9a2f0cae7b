"""What tables AMC has: names, types, column kinds, aggregation thresholds. Facts only, read from
`columns.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Sensitivity(IntEnum):
    """How guarded a column is, weakest first."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    VERY_HIGH = 4
    INTERNAL = 5

    @property
    def users_needed(self) -> int:
        """Distinct users that a row must stand for to show such a column (AMC aggregation thresholds)."""
        return _USERS_NEEDED[self]

    @property
    def shown(self) -> bool:
        """Whether any output may show such a column."""
        return self < Sensitivity.VERY_HIGH


_USERS_NEEDED = {
    Sensitivity.NONE: 1,
    Sensitivity.LOW: 2,
    Sensitivity.MEDIUM: 100,
    Sensitivity.HIGH: 100,
    Sensitivity.VERY_HIGH: 100,
    Sensitivity.INTERNAL: 100,
}
_DUCKDB_TYPES = {"STRING": "VARCHAR", "LONG": "BIGINT", "DECIMAL": "DECIMAL(38,4)"}
_TIME_COLUMNS = (
    "impression_dt_utc",
    "click_dt_utc",
    "event_dt_utc",
    "purchase_dt_utc",
    "snapshot_datetime",
)
_ATTRIBUTED_TIME = {
    "amazon_attributed_events_by_traffic_time": "traffic_event_dt_utc",
    "amazon_attributed_events_by_conversion_time": "conversion_event_dt_utc",
    "dsp_clicks": "click_dt_utc",
}
_PAID = {
    "conversions_all": "FLEXIBLE_SHOPPING_INSIGHTS",
    "amazon_retail_purchases": "PURCHASE_RETAIL_PROGRAM",
}
_PAID_PREFIXES = {"audience_segments_": "AUDIENCE_SEGMENT_INSIGHTS"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `amc_type` is AMC's name of the type, `metric` tells METRIC from DIMENSION."""

    name: str
    amc_type: str
    metric: bool
    sensitivity: Sensitivity

    @property
    def duckdb_type(self) -> str:
        """Return the type that stands for it in DuckDB."""
        if self.amc_type.startswith("ARRAY<"):
            return _DUCKDB_TYPES.get(self.amc_type[6:-1], self.amc_type[6:-1]) + "[]"
        return _DUCKDB_TYPES.get(self.amc_type, self.amc_type)


@dataclass(frozen=True, slots=True)
class Table:
    """One data source; `time_column` is what the execution window filters, None where no window applies."""

    name: str
    columns: dict[str, Column]
    time_column: str | None
    subscription: str | None

    @property
    def has_users(self) -> bool:
        """Whether its rows stand for users."""
        return "user_id" in self.columns

    def guarded(self, column: str, sensitivity: Sensitivity) -> Table:
        """Return this table with another threshold on one column."""
        changed = replace(self.columns[column], sensitivity=sensitivity)
        return replace(self, columns={**self.columns, column: changed})


_NO_TABLE = Table("", {}, None, None)


@cache
def tables() -> dict[str, Table]:
    """Return every table by name, columns in their stable order."""
    columns: dict[str, dict[str, Column]] = {}
    text = files("amcsim.catalogue").joinpath("columns.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        column = Column(
            name=row["column"],
            amc_type=row["type"],
            metric=row["kind"] == "M",
            sensitivity=Sensitivity[row["threshold"]],
        )
        columns.setdefault(row["table"], {})[column.name] = column
    return {
        name: Table(name, listed, _time_column(name, listed), _subscription(name))
        for name, listed in columns.items()
    }


@cache
def available(
    subscriptions: tuple[str, ...],
    thresholds: tuple[tuple[str, str], ...] = (),
    *,
    has_dsp: bool = True,
) -> Mapping[str, Table]:
    """Return the tables that an instance with these subscriptions can query; one without DSP advertisers
    has no `dsp_…` table.

    *thresholds* are those that differ from the catalogue's, as `("table.column", "HIGH")`;
    raises ValueError for a column or a threshold that there is not.
    """
    listed = {
        name: table
        for name, table in tables().items()
        if (table.subscription is None or table.subscription in subscriptions)
        and (has_dsp or not name.startswith("dsp_"))
    }
    for place, threshold in thresholds:
        name, _, column = place.partition(".")
        if column not in tables().get(name, _NO_TABLE).columns or threshold not in Sensitivity.__members__:
            raise ValueError(f"There is no column '{place}' that could have the threshold '{threshold}'")
        if name in listed:
            listed[name] = listed[name].guarded(column, Sensitivity[threshold])
    return MappingProxyType(listed)


def _time_column(name: str, columns: dict[str, Column]) -> str | None:
    if name in _ATTRIBUTED_TIME:
        return _ATTRIBUTED_TIME[name]
    return next((column for column in _TIME_COLUMNS if column in columns), None)


def _subscription(name: str) -> str | None:
    for prefix, label in _PAID_PREFIXES.items():
        if name.startswith(prefix):
            return label
    return _PAID.get(name)
