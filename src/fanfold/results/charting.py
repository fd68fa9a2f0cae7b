"""Series ready to draw: as many points and series as a chart can show, and the rest as one more of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fanfold.results.asking import Rows
from fanfold.results.columns import ColumnType
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.filters import Fields
from fanfold.results.grouping import inner
from fanfold.results.measures import (
    TIMES,
    Aggregate,
    Bucket,
    Key,
    aggregates_of,
    bucketed,
    identity,
    json_form,
    keys_of,
)
from fanfold.results.notes import ColumnNote
from fanfold.results.scan import fields_of
from fanfold.results.selection import Paths, Selection
from fanfold.results.source import ResultSource
from fanfold.results.values import json_column

OTHER = "Other"
_SECONDS = {
    Bucket.MINUTE: 60,
    Bucket.HOUR: 3_600,
    Bucket.DAY: 86_400,
    Bucket.WEEK: 7 * 86_400,
    Bucket.MONTH: 28 * 86_400,
    Bucket.QUARTER: 90 * 86_400,
    Bucket.YEAR: 365 * 86_400,
}


@dataclass(frozen=True, slots=True)
class ChartAsked:
    """What is drawn, as texts."""

    x: str
    """`column` or `column:month`; a time without a stretch, or too short a one, gets one that fits."""
    y: str = "count"
    series: str | None = None
    points: int = 50
    most_series: int = 10


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one line or colour, by category."""

    name: Any
    """A value as JSON shows it; None for null, and where nothing parts the series."""
    values: list[Any]
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Categories and, for each series, one value per category."""

    x: Key
    y: Aggregate
    bucket: Bucket | None
    bin_width: float | None
    """Categories are the lower ends of stretches of this width."""
    categories: list[Any]
    has_other: bool
    """The last category is all that have none of their own."""
    series: list[Series]
    notes: tuple[ColumnNote, ...] = ()
    skipped: tuple[UnreadablePart, ...] = ()


@dataclass(frozen=True, slots=True)
class _Axis:
    key: Key
    bucket: Bucket | None = None
    bin_width: float | None = None

    @property
    def in_order(self) -> bool:
        """Whether its values stand in their own order and not in that of their size."""
        return self.key.type is not ColumnType.STRING and self.key.type is not ColumnType.BOOLEAN


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Values that are shown, by what they are known by and as JSON shows them."""

    ids: list[str]
    values: list[Any]
    more: bool


class Charter:
    """Draws one selection."""

    def __init__(self, source: ResultSource, selection: Selection, *, paths: Paths) -> None:
        self._source = source
        self._selection = selection
        self._paths = paths

    async def draw(self, asked: ChartAsked) -> Chart:
        """Return the chart; raise `BadInput`."""
        fields = fields_of(self._selection.columns)
        (y,) = aggregates_of([asked.y], fields, pointer="/y")
        parted = keys_of([asked.series], fields, pointer="/series") if asked.series else []
        axis = await self._axis(asked, fields)
        xs = await self._chosen(axis.key, y, most=asked.points, in_order=axis.in_order)
        if not xs.ids:
            return Chart(axis.key, y, axis.bucket, axis.bin_width, [], xs.more, [])
        ss = _Chosen([], [None], more=False)
        if parted:
            ss = await self._chosen(parted[0], y, most=asked.most_series)
        cells = await self._cells([axis.key, *parted], y, xs=xs, ss=ss)
        width = len(xs.values) + xs.more
        names = [*ss.values, *([OTHER] if ss.more else [])]
        series = [
            Series(name, [cells.get((x, s)) for x in range(width)], is_other=s == len(ss.values))
            for s, name in enumerate(names)
        ]
        categories = [*xs.values, *([OTHER] if xs.more else [])]
        return Chart(axis.key, y, axis.bucket, axis.bin_width, categories, xs.more, series)

    async def _axis(self, asked: ChartAsked, fields: Fields) -> _Axis:
        (key,) = keys_of([asked.x], fields, pointer="/x")
        field = fields.get(asked.x.lower())
        column = asked.x if field else asked.x.rpartition(":")[0]
        wanted = None if field else Bucket(asked.x.rpartition(":")[2])
        field = field or fields[column.lower()]
        if field.type in TIMES:
            seconds = await self._extent(f"epoch({field.sql})")
            bucket = _bucket(seconds[1] - seconds[0] if seconds else 0, points=asked.points, wanted=wanted)
            return _Axis(bucketed(f"{column}:{bucket}", field, bucket=bucket), bucket)
        if field.type is ColumnType.NUMBER:
            extent = await self._extent(field.sql, more_than=asked.points)
            step = _round_step((extent[1] - extent[0]) / asked.points) if extent else 0
            if step > 0:
                binned = f"(floor(({field.sql})::DOUBLE / {step!r}) * {step!r})"
                return _Axis(Key(asked.x, binned, ColumnType.NUMBER), bin_width=step)
        return _Axis(key)

    async def _extent(self, sql: str, *, more_than: int = 0) -> tuple[float, float] | None:
        """Return least and greatest value, if there are *more_than* so many different ones."""
        select = f"min({sql})::DOUBLE, max({sql})::DOUBLE, approx_count_distinct({sql})"
        low, high, count = await self._row(self._selection.query(select, self._paths))
        return None if low is None or count <= more_than else (low, high)

    async def _chosen(self, key: Key, y: Aggregate, *, most: int, in_order: bool = False) -> _Chosen:
        rows = self._selection.query(inner([key], [y]), self._paths)
        order = "k0 asc nulls last" if in_order else f"{y.call('x0')} desc nulls last, k0 asc nulls last"
        # One stretch more than reckoned, as the first and the last are cut, and one for null.
        room = most + 2 if in_order else most
        text = (
            f"select {identity('k0')}, {json_form('k0', key.type)} from ({rows.text}) "  # noqa: S608 -- names of our own
            f"group by k0 order by {order} limit {room + 1}"
        )
        table: Any = await self._source.duck.table(Query(text, rows.values))
        ids: list[str] = table.column(0).to_pylist()
        return _Chosen(ids[:room], json_column(table.column(1))[:room], more=len(ids) > room)

    async def _cells(
        self, keys: Sequence[Key], y: Aggregate, *, xs: _Chosen, ss: _Chosen
    ) -> dict[tuple[int, int], Any]:
        rows = self._selection.query(inner(keys, [y]), self._paths)
        joined = f"left join ({_positions('xs', xs)}) xs on xs.id = {identity('k0')}"
        part = "0"
        if len(keys) > 1:
            joined += f" left join ({_positions('ss', ss)}) ss on ss.id = {identity('k1')}"
            part = f"coalesce(ss.position, {len(ss.ids)})"
        value = json_form(y.call("x0"), y.type)
        text = (
            f"select coalesce(xs.position, {len(xs.ids)}), {part}, {value} "  # noqa: S608 -- names of our own
            f"from ({rows.text}) {joined} group by 1, 2"
        )
        query = Query.using(text, rows.values, {"xs": xs.ids, "ss": ss.ids})
        table: Any = await self._source.duck.table(query)
        across, down = (table.column(index).to_pylist() for index in range(2))
        return dict(zip(zip(across, down, strict=True), json_column(table.column(2)), strict=True))

    async def _row(self, query: Query) -> list[Any]:
        table: Any = await self._source.duck.table(query)
        return [column.to_pylist()[0] for column in table.columns]


async def draw(
    source: ResultSource, batch_id: UUID, *, asked: ChartAsked, user_id: UUID, rows: Rows
) -> Chart | None:
    """Return the chart of a batch's rows, None before the first.

    Raises `BadInput`, `ResultPartMissing`, `ResultTooLarge`.
    """
    selection = await source.select(batch_id, user_id=user_id, rows=rows)
    if not selection.pieces:
        return None
    async with source.reading(selection.pieces) as held:
        chart = await Charter(source, selection, paths=held.paths).draw(asked)
    return replace(chart, notes=selection.notes, skipped=selection.skipped)


def _positions(name: str, chosen: _Chosen) -> str:
    return f"select unnest(${name}) as id, unnest(range({len(chosen.ids)})) as position"


def _bucket(seconds: float, *, points: int, wanted: Bucket | None) -> Bucket:
    buckets = list(Bucket)
    fitting = [each for each in buckets if seconds / _SECONDS[each] <= points] or [Bucket.YEAR]
    return wanted if wanted in fitting and wanted is not None else fitting[0]


def _round_step(step: float) -> float:
    """Return the next of 1, 2 and 5 times a power of ten."""
    if step <= 0 or not math.isfinite(step):
        return 0.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * (1 - 1e-9))
