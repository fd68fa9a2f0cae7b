"""What one request reads of a batch: its columns, its parts, its conditions; and the queries that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanfold.results.columns import ColumnType, UnitedColumn
from fanfold.results.duck import Query
from fanfold.results.errors import UnreadablePart
from fanfold.results.filters import Filter, condition, ordering
from fanfold.results.notes import ColumnNote
from fanfold.results.scan import Piece, fields_of, scan, text_of_moment, window
from fanfold.results.shown import Shown

Paths = Mapping[str, str]
"""The local file of each part, by uri."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Checked, with at least one piece when a query is asked for."""

    columns: Sequence[UnitedColumn]
    """Of the whole batch, whatever the filters leave."""
    shown: Sequence[Shown]
    """What of a row is wanted."""
    pieces: Sequence[Piece]
    filters: Sequence[Filter]
    sort: str | None
    notes: tuple[ColumnNote, ...] = ()
    skipped: tuple[UnreadablePart, ...] = ()
    """Parts that are left out because they cannot be read."""

    @property
    def row_count(self) -> int:
        """The rows of all pieces, by their manifests."""
        return sum(piece.part.rows for piece in self.pieces)

    @property
    def in_stored_order(self) -> bool:
        """Whether a page is a slice of the parts as they were written."""
        return not self.filters and not self.sort

    @property
    def instances(self) -> dict[str, list[str]]:
        """The values that `$names` and `$ids` stand for."""
        return {
            "names": [piece.owner.target_name for piece in self.pieces],
            "ids": [piece.owner.instance_id for piece in self.pieces],
        }

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
        return self.query("p, r", paths, tail=order)

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
        return self.query("count(*)", paths)

    def lines_query(
        self, line: Callable[[Sequence[Shown]], str], paths: Paths, *, values: Mapping[str, Any]
    ) -> Query:
        """Return what *line* makes of every row, with *values* of its own; in stored order unless sorted."""
        order = f"{self._order()}p, r" if self.sort else ""
        return self.query(line(self.shown), paths, values=values, tail=order)

    def query(
        self, select: str, paths: Paths, *, values: Mapping[str, Any] | None = None, tail: str = ""
    ) -> Query:
        """Return the SQL that selects from the rows that the filters let through."""
        rows = scan(self.pieces, self.columns, paths=paths)
        where, wanted = condition(self.filters, fields_of(self.columns))
        text = f"select {select} from ({rows.text}) where {where}{tail}"  # noqa: S608 -- c0, c1, … only
        return Query.using(text, self.instances, wanted, rows.values, values or {})

    def _json_columns(self) -> str:
        return ", ".join(["p", *(json_sql(each) for each in self.shown if not each.is_instance)])

    def _order(self) -> str:
        return f" order by {ordering(self.sort, fields_of(self.columns))}, " if self.sort else ""


def owners_query(filters: Sequence[Filter], instances: Sequence[tuple[str, str]]) -> Query:
    """Return the positions of those (name, id) pairs that the *filters* on the instance let through."""
    where, values = condition(filters, fields_of(()))
    given: dict[str, Any] = {"names": [name for name, _ in instances], "ids": [each for _, each in instances]}
    text = f"select p from (select unnest(range({len(instances)})) as p) where {where} order by p"  # noqa: S608 -- no text of a user
    return Query.using(text, values, given)


def json_sql(each: Shown) -> str:
    """Return what a value is for `values.json_column`: moments and days are texts already."""
    if each.column.type is ColumnType.TIMESTAMP:
        return text_of_moment(each.sql)
    return f"{each.sql}::VARCHAR" if each.column.type is ColumnType.DATE else each.sql
