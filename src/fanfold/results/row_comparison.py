"""Two batches row by row: which rows only one of them has, and which columns differ in the others.

Rows meet by their key, within their instance unless told otherwise; equal keys meet in the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import pyarrow as pa

from fanfold.results.columns import ColumnType, UnitedColumn, unite
from fanfold.results.duck import Query
from fanfold.results.manifest import ResultSet
from fanfold.results.measures import identity
from fanfold.results.outside import outside
from fanfold.results.scan import Piece, pieces_of, scan
from fanfold.results.selection import Paths, json_sql
from fanfold.results.shown import Shown, all_shown
from fanfold.results.source import ResultSource
from fanfold.results.values import json_column
from fanfold.sdk.errors import BadInput, Problem

MOST_KEYS = 20


class RowChange(StrEnum):
    """How a row fares in a batch beside another."""

    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class ComparisonAsked:
    """What is compared."""

    key: tuple[str, ...] = ()
    """None: all columns, so that a row that differs counts as one of each side."""
    changes: tuple[RowChange, ...] = tuple(RowChange)
    across_instances: bool = False
    """Rows meet whatever instance they are of."""
    tolerance: float = 0
    """Numbers that are no further apart are the same."""
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A row that is not the same in both."""

    change: RowChange
    instance_name: str
    key: dict[str, Any]
    here: dict[str, Any] | None
    there: dict[str, Any] | None
    differing: list[str]
    """Columns."""


@dataclass(frozen=True, slots=True)
class RowComparison:
    """Counts over all rows, and a page of those that are not the same."""

    here_rows: int
    there_rows: int
    same: int
    only_here: int
    only_there: int
    different: int
    repeated_keys: int
    """Rows whose key stood in their batch before; they met in their order."""
    different_by_column: dict[str, int]
    only_here_columns: list[str]
    only_there_columns: list[str]
    rows: list[ComparedRow]
    total_rows: int
    """Rows with the changes that were asked for."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Positions in the united columns of both batches."""

    columns: Sequence[UnitedColumn]
    key: Sequence[int]
    compared: Sequence[int]
    """Not of the key, and in both batches."""
    here: Sequence[Piece]
    there: Sequence[Piece]


async def compare_rows(
    source: ResultSource, here: UUID, *, there: UUID, asked: ComparisonAsked, user_id: UUID
) -> RowComparison:
    """Compare *here* with *there*, the earlier; raise `BadInput`, `ResultPartMissing`, `ResultTooLarge`."""
    ours = await source.sets(here, user_id=user_id)
    theirs = await source.sets(there, user_id=user_id)
    plan = _plan(asked.key, ours=ours, theirs=theirs)
    # Parts of both are held at once, under numbers of their own batch.
    async with source.reading([*plan.here, *plan.there]) as held:
        comparing = _Comparing(plan, asked, paths=held.paths)
        counts: Any = await source.duck.table(comparing.counts())
        changed = await source.duck.table(comparing.changed())
    counted = {name: counts.column(name).to_pylist()[0] for name in counts.column_names}
    rows = await outside(lambda: _compared(changed, plan))
    return RowComparison(
        here_rows=counted["here"],
        there_rows=counted["there"],
        same=counted["same"],
        only_here=counted["only_here"],
        only_there=counted["only_there"],
        different=counted["different"],
        repeated_keys=counted["repeated"],
        different_by_column={plan.columns[index].name: counted[f"d{index}"] for index in plan.compared},
        only_here_columns=_only(plan.columns, these=ours, those=theirs),
        only_there_columns=_only(plan.columns, these=theirs, those=ours),
        rows=rows,
        total_rows=sum(counted[each] for each in set(asked.changes)),
    )


def _plan(key_names: Sequence[str], *, ours: Sequence[ResultSet], theirs: Sequence[ResultSet]) -> _Plan:
    columns = unite([each.manifest.columns for each in (*ours, *theirs)])
    both = _names(ours) & _names(theirs)
    shared = [index for index, column in enumerate(columns) if column.key in both]
    by_key = {columns[index].key: index for index in shared}
    wanted = list(dict.fromkeys(name.lower() for name in key_names))
    problems = [
        Problem("/key", f"There is no column {name!r} in both batches.")
        for name in wanted
        if name not in by_key
    ]
    if len(wanted) > MOST_KEYS:
        problems.append(Problem("/key", f"At most {MOST_KEYS} columns are possible."))
    if problems:
        raise BadInput(problems)
    key = [by_key[name] for name in wanted] or shared
    compared = [index for index in shared if index not in key]
    return _Plan(columns, key, compared, pieces_of(ours), pieces_of(theirs))


class _Comparing:
    """The full join of both, and what is asked of it."""

    def __init__(self, plan: _Plan, asked: ComparisonAsked, *, paths: Paths) -> None:
        self._plan = plan
        self._asked = asked
        here, values = self._side("h", plan.here, paths=paths)
        there, more = self._side("t", plan.there, paths=paths)
        self._values = {**values, **more, "tolerance": asked.tolerance}
        differing = [f"{self._differs(index)} as d{index}" for index in plan.compared]
        any_differs = " or ".join(self._differs(index) for index in plan.compared) or "false"
        self._joined = (
            f"select h.id as id, t.id as tid, h.n as n, t.n as tn, h.name as name, t.name as tname, "  # noqa: S608 -- names of our own
            f"{self._columns('h')}, {self._columns('t')}, {''.join(each + ', ' for each in differing)}"
            f"case when t.id is null then 'only_here' when h.id is null then 'only_there' "
            f"when {any_differs} then 'different' else 'same' end as change "
            f"from ({here}) h full join ({there}) t on h.id = t.id and h.n = t.n"
        )

    def counts(self) -> Query:
        """Return one row of counts."""
        columns = [f"count(*) filter (where change = '{each}') as {each}" for each in (*RowChange, "same")]
        columns += [
            f"count(*) filter (where change = 'different' and d{index}) as d{index}"
            for index in self._plan.compared
        ]
        columns += [
            "count(id) as here",
            "count(tid) as there",
            "count(*) filter (where n > 1) + count(*) filter (where tn > 1) as repeated",
        ]
        return Query.using(f"select {', '.join(columns)} from ({self._joined})", self._values)  # noqa: S608 -- names of our own

    def changed(self) -> Query:
        """Return the page of rows that are not the same."""
        plan, asked = self._plan, self._asked
        every = range(len(plan.columns))
        shown = [f"{_json(plan.columns[i], f'{side}{i}')}" for side in "ht" for i in every]
        differing = [f"d{index}" for index in plan.compared]
        text = (
            f"select change, coalesce(name, tname), {', '.join([*shown, *differing])} from ({self._joined}) "  # noqa: S608 -- names of our own
            "where list_contains($changes, change) order by coalesce(id, tid), coalesce(n, tn) "
            f"limit {asked.limit:d} offset {asked.offset:d}"
        )
        return Query.using(text, self._values, {"changes": [str(each) for each in asked.changes]})

    def _side(self, side: str, pieces: Sequence[Piece], *, paths: Paths) -> tuple[str, dict[str, Any]]:
        plan = self._plan
        columns = ", ".join(f"c{index} as {side}{index}" for index in range(len(plan.columns)))
        if not pieces:
            nothing = ", ".join(f"null as {side}{index}" for index in range(len(plan.columns)))
            empty = (
                f"select ''::VARCHAR as id, ''::VARCHAR as name, 1::BIGINT as n{_comma(nothing)} where false"
            )
            return empty, {}
        rows = scan(pieces, plan.columns, paths=paths, tag=side)
        lists = {
            f"{side}_names": [piece.owner.target_name for piece in pieces],
            f"{side}_ids": [piece.owner.instance_id for piece in pieces],
        }
        parts = [identity(each.comparable) for each in self._key_columns()]
        if not self._asked.across_instances:
            parts.insert(0, identity(f"list_extract(${side}_ids, p + 1)"))
        # JSON texts with commas between them: no two keys give the same text.
        key = f"concat_ws(',', {', '.join(parts)})" if parts else "''"
        text = (
            f"select *, row_number() over (partition by id order by p, r) as n from "  # noqa: S608 -- names of our own
            f"(select {key} as id, list_extract(${side}_names, p + 1) as name, p, r{_comma(columns)} "
            f"from ({rows.text}))"
        )
        return text, {**rows.values, **lists}

    def _key_columns(self) -> list[Shown]:
        return [
            each for index, each in enumerate(all_shown(self._plan.columns)[2:]) if index in self._plan.key
        ]

    def _columns(self, side: str) -> str:
        names = ", ".join(f"{side}.{side}{index}" for index in range(len(self._plan.columns)))
        return names or "true"

    def _differs(self, index: int) -> str:
        column = self._plan.columns[index]
        ours, theirs = (Shown(column, f"{side}.{side}{index}").comparable for side in "ht")
        differs = f"({ours} is distinct from {theirs})"
        if column.type is ColumnType.NUMBER and self._asked.tolerance:
            return f"({differs} and coalesce(abs({ours}::DOUBLE - {theirs}::DOUBLE) > $tolerance, true))"
        return differs


def _comma(columns: str) -> str:
    return f", {columns}" if columns else ""


def _json(column: UnitedColumn, sql: str) -> str:
    return json_sql(Shown(column, sql))


def _names(sets: Sequence[ResultSet]) -> set[str]:
    return {column.name.lower() for each in sets for column in each.manifest.columns}


def _only(
    columns: Sequence[UnitedColumn], *, these: Sequence[ResultSet], those: Sequence[ResultSet]
) -> list[str]:
    names = _names(these) - _names(those)
    return [column.name for column in columns if column.key in names]


def _compared(table: pa.Table, plan: _Plan) -> list[ComparedRow]:
    count = len(plan.columns)
    values = [json_column(table.column(index)) for index in range(table.num_columns)]
    names = [column.name for column in plan.columns]
    found: list[ComparedRow] = []
    for change, instance, *rest in zip(*values, strict=True):
        here = None if change == RowChange.ONLY_THERE else dict(zip(names, rest[:count], strict=True))
        there = (
            None if change == RowChange.ONLY_HERE else dict(zip(names, rest[count : 2 * count], strict=True))
        )
        differing = rest[2 * count :] if change == RowChange.DIFFERENT else []
        found.append(
            ComparedRow(
                change=RowChange(change),
                instance_name=instance,
                key=_keyed(here or there or {}, plan),
                here=here,
                there=there,
                differing=[names[i] for i, differs in zip(plan.compared, differing, strict=False) if differs],
            )
        )
    return found


def _keyed(row: Mapping[str, Any], plan: _Plan) -> dict[str, Any]:
    return {plan.columns[index].name: row[plan.columns[index].name] for index in plan.key}
