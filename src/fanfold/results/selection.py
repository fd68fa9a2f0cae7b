"""What one request reads of a batch: its columns, its parts, its conditions; and the queries that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanfold.results import csv_lines
from fanfold.results.columns import ColumnType, UnitedColumn
from fanfold.results.duck import Query
from fanfold.results.filters import Filter, condition, ordering
from fanfold.results.scan import Piece, fields_of, scan, text_of_moment, window

Paths = Mapping[str, str]
"""The local file of each part, by uri."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Checked, with at least one piece when a query is asked for."""

    columns: Sequence[UnitedColumn]
    """Of the whole batch, whatever the filters leave."""
    pieces: Sequence[Piece]
    filters: Sequence[Filter]
    sort: str | None

    @property
    def row_count(self) -> int:
        """The rows of all pieces, by their manifests."""
        return sum(piece.part.rows for piece in self.pieces)

    @property
    def in_stored_order(self) -> bool:
        """Whether a page is a slice of the parts as they were written."""
        return not self.filters and not self.sort

    def slice(self, *, limit: int, offset: int) -> list[Piece]:
        """Return the pieces that a page in stored order needs."""
        return window(self.pieces, offset=offset, limit=limit)

    def slice_query(self, pieces: Sequence[Piece], paths: Paths) -> Query:
        """Return the rows of a `slice`."""
        rows = scan(pieces, self.columns, paths=paths)
        text = f"select {self._json_columns()} from ({rows.text}) order by p, r"  # noqa: S608 -- c0, c1, …
        return Query(text, rows.values)

    def place_query(self, paths: Paths, *, limit: int, offset: int) -> Query:
        """Return where the rows of a page are, part and row: only the columns that decide it are read."""
        order = f"{self._order() or ' order by '}p, r limit {limit:d} offset {offset:d}"
        return self._query("p, r", self._rows(paths), tail=order)

    def rows_query(self, places: Sequence[tuple[int, int]], paths: Paths) -> Query:
        """Return the rows at *places*, at least one, in their order."""
        wanted = {part for part, _ in places}
        rows = scan([piece for piece in self.pieces if piece.number in wanted], self.columns, paths=paths)
        given = {
            "place_part": [part for part, _ in places],
            "place_row": [row for _, row in places],
            "position": list(range(len(places))),
        }
        # The list of row numbers says nothing new, but it reaches the scan, which then skips what it can.
        numbers = ", ".join(str(row) for row in sorted({row for _, row in places}))
        places_text = ", ".join(f"unnest(${name}) as {name}" for name in given)
        text = (
            f"select {self._json_columns()} from (select * from ({rows.text}) where r in ({numbers})) "  # noqa: S608 -- c0, c1, …
            f"join (select {places_text}) on place_part = p and place_row = r order by position"
        )
        return Query(text, {**rows.values, **given})

    def count_query(self, paths: Paths) -> Query:
        """Return how many rows the filters let through."""
        return self._query("count(*)", self._rows(paths))

    def csv_query(self, paths: Paths) -> Query:
        """Return one text per row, a line of CSV; in stored order unless sorted."""
        rows = self._rows(paths)
        instances = csv_lines.instance_cells(
            (piece.owner.target_name, piece.owner.instance_id) for piece in self.pieces
        )
        order = f"{self._order()}p, r" if self.sort else ""
        with_instances = Query(rows.text, {**rows.values, "instances": instances})
        return self._query(csv_lines.line(self.columns), with_instances, tail=order)

    def _rows(self, paths: Paths) -> Query:
        return scan(self.pieces, self.columns, paths=paths)

    def _json_columns(self) -> str:
        return ", ".join(["p", *(_json_sql(index, column) for index, column in enumerate(self.columns))])

    def _order(self) -> str:
        return f" order by {ordering(self.sort, fields_of(self.columns))}, " if self.sort else ""

    def _query(self, select: str, rows: Query, *, tail: str = "") -> Query:
        where, values = condition(self.filters, fields_of(self.columns))
        values |= rows.values
        # DuckDB takes no value that the text does not use.
        if "$names" in where + tail:
            values["names"] = [piece.owner.target_name for piece in self.pieces]
        if "$ids" in where + tail:
            values["ids"] = [piece.owner.instance_id for piece in self.pieces]
        return Query(f"select {select} from ({rows.text}) where {where}{tail}", values)  # noqa: S608 -- c0, c1, … only


def owners_query(filters: Sequence[Filter], instances: Sequence[tuple[str, str]]) -> Query:
    """Return the positions of those (name, id) pairs that the *filters* on the instance let through."""
    where, values = condition(filters, fields_of(()))
    given: dict[str, Any] = {"names": [name for name, _ in instances], "ids": [each for _, each in instances]}
    used = {name: value for name, value in given.items() if f"${name}" in where}
    text = f"select p from (select unnest(range({len(instances)})) as p) where {where} order by p"  # noqa: S608 -- no text of a user
    return Query(text, {**values, **used})


def _json_sql(index: int, column: UnitedColumn) -> str:
    if column.type is ColumnType.TIMESTAMP:
        return text_of_moment(f"c{index}")
    return f"c{index}::VARCHAR" if column.type is ColumnType.DATE else f"c{index}"
