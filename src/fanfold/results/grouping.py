"""Groups and pivots a batch's rows: one answer row per group, all of it computed where the rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa

from fanfold.results.asking import Rows
from fanfold.results.columns import ColumnType
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.measures import Aggregate, Key, aggregates_of, identity, json_form, keys_of
from fanfold.results.notes import ColumnNote
from fanfold.results.outside import outside
from fanfold.results.scan import fields_of
from fanfold.results.selection import Paths, Selection
from fanfold.results.source import ResultSource, integers
from fanfold.results.values import json_column
from fanfold.sdk.errors import BadInput, Problem

MOST_KEYS = 10
MOST_AGGREGATES = 20
MOST_PIVOTED = 50
"""Values that become columns; the rest goes into one column of others."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What is asked for, as texts."""

    keys: tuple[str, ...] = ()
    """`column` or `column:month`; none gives one row about all."""
    aggregates: tuple[str, ...] = ("count",)
    pivot: str | None = None
    """A key whose values become columns."""
    sort: str | None = None
    """The name of a column of the answer, with `-` for descending; by the keys if not said."""
    limit: int = 1_000
    offset: int = 0


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """A column of the answer."""

    name: str
    type: ColumnType
    aggregate: str | None = None
    """None for a key."""
    pivot: str | None = None
    """The value of the pivot that it is about; None for null, for the others, and without a pivot."""
    is_other: bool = False
    """About all values of the pivot that have no column of their own."""


@dataclass(frozen=True, slots=True)
class Groups:
    """A page of groups."""

    columns: tuple[GroupColumn, ...]
    rows: list[dict[str, Any]]
    total_rows: int
    notes: tuple[ColumnNote, ...] = ()
    skipped: tuple[UnreadablePart, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    keys: Sequence[Key]
    aggregates: Sequence[Aggregate]
    pivot: Key | None


@dataclass(frozen=True, slots=True)
class _Output:
    """A column of the answer and its SQL over the rows' chosen values."""

    column: GroupColumn
    sql: str


async def group(
    source: ResultSource, batch_id: UUID, *, asked: Grouping, user_id: UUID, rows: Rows
) -> Groups:
    """Return a page of groups; raise `BadInput`, `ResultPartMissing`, `ResultTooLarge`."""
    selection = await source.select(batch_id, user_id=user_id, rows=rows)
    if not selection.columns:
        return Groups((), [], 0)
    plan = _plan(asked, selection)
    if not selection.pieces:
        columns = tuple(each.column for each in _outputs(plan, []))
        return Groups(columns, [], 0, selection.notes, selection.skipped)
    async with source.reading(selection.pieces) as held:
        pivoted = await _pivoted(source, selection, plan=plan, paths=held.paths)
        outputs = _outputs(plan, pivoted)
        grouped = _rows(selection, plan, paths=held.paths)
        query = _query(grouped, plan, outputs=outputs, asked=asked, pivoted=[value for value, _ in pivoted])
        table = await source.duck.table(query)
        total = integers(table, table.num_columns - 1)[:1]
        if not total and asked.offset:
            total = integers(await source.duck.table(_count(grouped, plan)))
    found = await outside(lambda: _json_rows(table, outputs))
    columns = tuple(each.column for each in outputs)
    return Groups(columns, found, total[0] if total else 0, selection.notes, selection.skipped)


def inner(keys: Sequence[Key], aggregates: Sequence[Aggregate]) -> str:
    """Return what is selected of each row: keys as k0, …, what the aggregates take as x0, …"""
    values = [f"{key.sql} as k{index}" for index, key in enumerate(keys)]
    values += [f"{each.sql or 'true'} as x{index}" for index, each in enumerate(aggregates)]
    return ", ".join(values)


def _plan(asked: Grouping, selection: Selection) -> _Plan:
    if len(asked.keys) > MOST_KEYS:
        raise BadInput([Problem("/group_by", f"At most {MOST_KEYS} columns are possible.")])
    if not 0 < len(asked.aggregates) <= MOST_AGGREGATES:
        raise BadInput([Problem("/aggregate", f"Give 1 to {MOST_AGGREGATES} aggregates.")])
    fields = fields_of(selection.columns)
    pivot = keys_of([asked.pivot], fields, pointer="/pivot")[0] if asked.pivot else None
    return _Plan(
        keys_of(list(dict.fromkeys(asked.keys)), fields, pointer="/group_by"),
        aggregates_of(list(dict.fromkeys(asked.aggregates)), fields, pointer="/aggregate"),
        pivot,
    )


async def _pivoted(
    source: ResultSource, selection: Selection, *, plan: _Plan, paths: Paths
) -> list[tuple[str, str | None]]:
    """Return identity and label of the pivot's most frequent values, one more than get a column."""
    if plan.pivot is None:
        return []
    label = f"{json_form(plan.pivot.sql, plan.pivot.type)}::VARCHAR as label"
    rows = selection.query(f"{identity(plan.pivot.sql)} as v, {label}", paths)
    text = (
        f"select v, any_value(label) from ({rows.text}) group by v order by count(*) desc, v "  # noqa: S608 -- c0, c1, …
        f"limit {MOST_PIVOTED + 1}"
    )
    table: Any = await source.duck.table(Query(text, rows.values))
    return list(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))


def _outputs(plan: _Plan, pivoted: Sequence[tuple[str, str | None]]) -> list[_Output]:
    outputs = [_Output(GroupColumn(key.name, key.type), f"k{index}") for index, key in enumerate(plan.keys)]
    names = {key.name for key in plan.keys}
    if plan.pivot is None:
        return outputs + [
            _Output(GroupColumn(each.name, each.type, each.name), each.call(f"x{index}"))
            for index, each in enumerate(plan.aggregates)
        ]
    for position, (_, label) in enumerate(pivoted[:MOST_PIVOTED]):
        about = GroupColumn("", ColumnType.NUMBER, pivot=label)
        outputs += _of_value(plan, names, like=about, where=f"v = $v{position}")
    if len(pivoted) > MOST_PIVOTED:
        other = GroupColumn("", ColumnType.NUMBER, is_other=True)
        outputs += _of_value(plan, names, like=other, where="not list_contains($shown, v)")
    return outputs


def _of_value(plan: _Plan, names: set[str], *, like: GroupColumn, where: str) -> list[_Output]:
    found: list[_Output] = []
    word = "(others)" if like.is_other else "(null)" if like.pivot is None else like.pivot
    for index, each in enumerate(plan.aggregates):
        name = _unused(word if len(plan.aggregates) == 1 else f"{word} {each.name}", names)
        column = GroupColumn(name, each.type, each.name, like.pivot, like.is_other)
        found.append(_Output(column, each.call(f"x{index}", where)))
    return found


def _unused(name: str, taken: set[str]) -> str:
    number, given = 2, name
    while name in taken:
        name, number = f"{given} ({number})", number + 1
    taken.add(name)
    return name


def _query(
    rows: Query, plan: _Plan, *, outputs: Sequence[_Output], asked: Grouping, pivoted: Sequence[str]
) -> Query:
    groups = ", ".join(f"k{index}" for index in range(len(plan.keys)))
    chosen = ", ".join(f"{each.sql} as o{index}" for index, each in enumerate(outputs))
    by = f" group by {groups}" if groups else ""
    shown = ", ".join(json_form(f"o{index}", each.column.type) for index, each in enumerate(outputs))
    text = (
        f"select {shown}, count(*) over () as total from (select {chosen} from ({rows.text}){by}) "  # noqa: S608 -- names of our own
        f"order by {_order(asked, plan, outputs=outputs)} limit {asked.limit:d} offset {asked.offset:d}"
    )
    values = {f"v{position}": value for position, value in enumerate(pivoted[:MOST_PIVOTED])}
    return Query.using(text, rows.values, values, {"shown": list(pivoted[:MOST_PIVOTED])})


def _count(rows: Query, plan: _Plan) -> Query:
    groups = ", ".join(f"k{index}" for index in range(len(plan.keys))) or "1"
    return Query(f"select count(*) from (select distinct {groups} from ({rows.text}))", rows.values)  # noqa: S608 -- names of our own


def _rows(selection: Selection, plan: _Plan, *, paths: Paths) -> Query:
    pivot = f", {identity(plan.pivot.sql)} as v" if plan.pivot else ""
    return selection.query(inner(plan.keys, plan.aggregates) + pivot, paths)


def _order(asked: Grouping, plan: _Plan, *, outputs: Sequence[_Output]) -> str:
    ties = [f"o{index} asc nulls last" for index in range(len(plan.keys))]
    if asked.sort is None:
        return ", ".join(ties) or "1"
    by_name = {each.column.name: index for index, each in enumerate(outputs)}
    name, direction = (asked.sort, "asc")
    if name not in by_name and name.startswith("-"):
        name, direction = name[1:], "desc"
    if name not in by_name:
        raise BadInput([Problem("/sort", f"There is no column {name!r} in the answer.")])
    return ", ".join([f"o{by_name[name]} {direction} nulls last", *ties])


def _json_rows(table: pa.Table, outputs: Sequence[_Output]) -> list[dict[str, Any]]:
    names = [each.column.name for each in outputs]
    values = [json_column(table.column(index)) for index in range(len(outputs))]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
