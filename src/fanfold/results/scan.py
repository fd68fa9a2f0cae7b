"""The rows of many operations as one SQL relation, straight from their Parquet parts.

Its columns are `p`, the part's number in the batch, `r`, the row's number in the part, and `c0`, `c1`, … for
the united columns: no name that a user chose leaves this module.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from fanfold.results.columns import UNKNOWN, Column, ColumnType, UnitedColumn
from fanfold.results.duck import Query
from fanfold.results.filters import Field
from fanfold.results.manifest import Part, ResultSet
from fanfold.results.shown import all_shown

# Each scan costs a millisecond of planning: beyond this many, the parts are grouped by schema.
_MOST_RUNS = 64
_TEXT_OF_MOMENT = "replace(({0})::TIMESTAMP::VARCHAR, ' ', 'T') || 'Z'"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, or some of its rows."""

    number: int
    """The part's number in the batch."""
    owner: ResultSet
    part: Part
    first_row: int = 0
    end_row: int | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """Pieces that one scan reads: whole parts of one schema, or one cut part."""

    schema: tuple[Column, ...]
    pieces: list[Piece]

    @property
    def cut(self) -> Piece | None:
        """The piece whose rows are cut."""
        first = self.pieces[0]
        return first if first.first_row or first.end_row is not None else None


def pieces_of(result_sets: Sequence[ResultSet]) -> list[Piece]:
    """Return all parts in the order of the batch."""
    owned = [(owner, part) for owner in result_sets for part in owner.manifest.parts]
    return [Piece(number, owner, part) for number, (owner, part) in enumerate(owned)]


def without(pieces: Sequence[Piece], lost: Container[str]) -> list[Piece]:
    """Return the pieces whose uri is not *lost*, numbered anew."""
    kept = [piece for piece in pieces if piece.part.uri not in lost]
    return [replace(piece, number=number) for number, piece in enumerate(kept)]


def window(pieces: Sequence[Piece], *, offset: int, limit: int) -> list[Piece]:
    """Return only the pieces that hold the rows *offset* to *offset + limit*, cut to these rows."""
    ends = accumulate(piece.part.rows for piece in pieces)
    cut: list[Piece] = []
    for piece, end in zip(pieces, ends, strict=True):
        start = end - piece.part.rows
        if start < offset + limit and end > offset:
            last = offset + limit - start
            end_row = last if last < piece.part.rows else None
            cut.append(replace(piece, first_row=max(0, offset - start), end_row=end_row))
    return cut


def scan(
    pieces: Sequence[Piece], columns: Sequence[UnitedColumn], *, paths: Mapping[str, str], tag: str = ""
) -> Query:
    """Return the relation over *pieces*, at least one; *paths* gives the local file of each part's uri.

    Two relations of one query take their values under names with different *tag*s.
    """
    texts: list[str] = []
    values: dict[str, Any] = {}
    for index, run in enumerate(_runs(pieces)):
        name = f"{tag}{index}"
        texts.append(_run_text(name, run, columns=columns))
        values[f"files{name}"] = [paths[piece.part.uri] for piece in run.pieces]
        values[f"parts{name}"] = [piece.number for piece in run.pieces]
    return Query(" union all ".join(texts), values)


def fields_of(columns: Sequence[UnitedColumn]) -> dict[str, Field]:
    """Return what filters and sorts find behind a column's name, the instance's name and id included."""
    return {each.column.key: Field(each.comparable, each.column.type) for each in all_shown(columns)}


def text_of_moment(sql: str) -> str:
    """Return the SQL that shows a timestamp as RFC 3339 in UTC."""
    return _TEXT_OF_MOMENT.format(sql)


def _runs(pieces: Sequence[Piece]) -> list[_Run]:
    runs: list[_Run] = []
    for piece in pieces:
        own = _Run(piece.owner.manifest.columns, [piece])
        last = runs[-1] if runs else None
        if last is None or last.cut or own.cut or last.schema != own.schema:
            runs.append(own)
        else:
            last.pieces.append(piece)
    return runs if len(runs) <= _MOST_RUNS else _by_schema(runs)


def _by_schema(runs: Sequence[_Run]) -> list[_Run]:
    whole: dict[tuple[Column, ...], _Run] = {}
    for run in (run for run in runs if not run.cut):
        whole.setdefault(run.schema, _Run(run.schema, [])).pieces.extend(run.pieces)
    return [*(run for run in runs if run.cut), *whole.values()]


def _run_text(tag: str, run: _Run, *, columns: Sequence[UnitedColumn]) -> str:
    stored = {column.name.lower(): column for column in run.schema}
    shown = ", ".join(f"{_value(stored.get(each.key), each)} as c{n}" for n, each in enumerate(columns))
    return (
        f"select list_extract($parts{tag}, file_index::BIGINT + 1) as p, file_row_number as r, {shown} "  # noqa: S608 -- names are quoted, values bound
        f"from read_parquet($files{tag}) where {_cut_text(run.cut)}"
    )


def _cut_text(cut: Piece | None) -> str:
    if cut is None:
        return "true"
    end = "" if cut.end_row is None else f" and file_row_number < {cut.end_row}"
    return f"file_row_number >= {cut.first_row}{end}"


def _value(stored: Column | None, united: UnitedColumn) -> str:
    if stored is None or stored.arrow == UNKNOWN:
        return f"null::{united.sql_type}" if united.sql_type else _absent(united)
    name = '"' + stored.name.replace('"', '""') + '"'
    if united.sql_type == "VARCHAR":
        return _as_text(name, stored)
    if stored.arrow in {"float", "double"}:
        # JSON and CSV know neither infinity nor not-a-number.
        name = f"case when isfinite({name}) then {name} end"
    return f"({name})::{united.sql_type}" if united.sql_type else name


def _absent(united: UnitedColumn) -> str:
    plain = {ColumnType.STRING: "VARCHAR", ColumnType.BOOLEAN: "BOOLEAN", ColumnType.DATE: "DATE"}
    # A number takes its width from the operations that have one, a list its element type.
    return "null" if united.nested or united.type not in plain else f"null::{plain[united.type]}"


def _as_text(name: str, stored: Column) -> str:
    if stored.type is ColumnType.TIMESTAMP:
        return text_of_moment(name)
    if "binary" in stored.arrow.partition("<")[0]:
        return f"to_base64({name})"
    if "<" in stored.arrow:
        return f"to_json({name})::VARCHAR"
    return f"{name}::VARCHAR"
