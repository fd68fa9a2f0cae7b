"""AMC's aggregation thresholds on the rows of a query: which are dropped, which lose values and become one.

A row has as many users as its thinnest metric; a column asks for as many as its threshold says
(AMC aggregation thresholds).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from amcsim.sql.compiled import Compiled, OutputFacts
from amcsim.sql.options import Filtering
from amcsim.sql.problem import SqlProblem
from amcsim.sql.relations import USERS

_EQUIVALENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """What a request says about thin rows; None where it says nothing."""

    filtering: Filtering | None = None
    discriminator_column: str | None = None
    user_count_column: str | None = None
    reason_column: str | None = None

    def added(self) -> list[str]:
        """Return the names of the columns that the request adds to the output."""
        names = (self.discriminator_column, self.user_count_column, self.reason_column)
        return [name for name in names if name is not None]


def refuse_taken_names(compiled: Compiled, request: PrivacyRequest) -> None:
    """Raise SqlProblem when a column that *request* adds has the name of another one."""
    taken = {column.name.lower() for column in compiled.columns}
    for name in request.added():
        if name.lower() in taken:
            raise SqlProblem(f"Duplicate output column name '{name}'")
        taken.add(name.lower())


def visible(compiled: Compiled, request: PrivacyRequest) -> str:
    """Return the query whose rows may be seen."""
    return _Filter(compiled, request).statement()


def quoted(name: str) -> str:
    """Return *name* as an identifier of DuckDB, whatever it holds."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


class _Filter:
    def __init__(self, compiled: Compiled, request: PrivacyRequest) -> None:
        self._compiled = compiled
        self._request = request
        self._options = compiled.prepared.options
        self._filtered = compiled.has_users and compiled.controls
        types = compiled.prepared.types
        self._summed = {
            column.name for column in compiled.columns if column.summed and _is_number(types[column.name])
        }
        self._needed = max((column.users_needed for column in compiled.columns), default=1)

    def statement(self) -> str:
        """Return the whole query."""
        removes_values = (
            self._request.filtering or self._options.filtering
        ) == "REMOVE_VALUES" or self._request.discriminator_column is not None
        order = "ORDER BY __place" if self._compiled.prepared.ordered else "ORDER BY ALL"
        if self._compiled.prepared.ordered and not removes_values:
            order = ""
        shown = "" if self._compiled.shows_rows else " WHERE FALSE"
        source = self._merged() if removes_values and self._filtered else self._kept()
        return f"SELECT {', '.join(self._outputs())} FROM ({source}){shown} {order}"

    def _outputs(self) -> list[str]:
        names = [quoted(column.name) for column in self._compiled.columns]
        request = self._request
        if request.discriminator_column is not None:
            names.append(
                f"{'__thin' if self._filtered else 'FALSE'} AS {quoted(request.discriminator_column)}"
            )
        if request.user_count_column is not None and self._compiled.has_users:
            count = "__count"
            if self._options.capped_user_counts:
                count = f"least({count}, {100 if self._needed > _EQUIVALENT else _EQUIVALENT})"
            names.append(f"{count} AS {quoted(request.user_count_column)}")
        if request.reason_column is not None:
            reason = "__reason" if self._filtered else "CAST(NULL AS VARCHAR)"
            names.append(f"{reason} AS {quoted(request.reason_column)}")
        return names

    def _kept(self) -> str:
        if not self._compiled.has_users:
            return self._compiled.sql
        where = " WHERE NOT __thin" if self._filtered else ""
        return f"SELECT * FROM ({self._judged()}){where}"

    def _merged(self) -> str:
        """Return rows without the values that too few stand behind, those that became alike as one."""
        nulled = ", ".join(
            f"CASE WHEN __count >= {column.users_needed} OR NOT __thin THEN {quoted(column.name)} END "
            f"AS {quoted(column.name)}"
            for column in self._compiled.columns
        )
        rest = f"__thin, __reason, {', '.join(quoted(name) for name in self._lists())}, __place"
        cleared = f"SELECT {nulled}, {rest} FROM ({self._judged()})"
        folded = ", ".join(
            f"sum({quoted(column.name)}) AS {quoted(column.name)}"
            if column.name in self._summed
            else quoted(column.name)
            for column in self._compiled.columns
        )
        lists = ", ".join(
            f"list_distinct(flatten(list({quoted(name)}))) AS {quoted(name)}" for name in self._lists()
        )
        keys = [quoted(column.name) for column in self._compiled.columns if column.name not in self._summed]
        # what nobody touched stays as it is, two equal rows stay two
        keys.append("CASE WHEN NOT __thin THEN __place END")
        one = (
            f"SELECT {folded}, bool_or(__thin) AS __thin, min(__reason) AS __reason, {lists}, "
            f"min(__place) AS __place FROM ({cleared}) GROUP BY {', '.join(keys)}"
        )
        return f"SELECT *, {self._count()} AS __count FROM ({one})"

    def _judged(self) -> str:
        """Return the rows with how many users each has, whether that is too few, and why."""
        place = "row_number() OVER () AS __place"
        counted = f"SELECT *, {self._count()} AS __count, {place} FROM ({self._compiled.sql})"
        thin = f"SELECT *, {self._thin()} AS __thin FROM ({counted})"
        return f"SELECT *, CASE WHEN __thin THEN {self._reason()} END AS __reason FROM ({thin})"

    def _thin(self) -> str:
        thin = f"__count < {self._needed}"
        if self._options.rows_without_users == "keep":
            thin = f"({thin} AND {_count_of(USERS)} > 0)"
        return thin

    def _count(self) -> str:
        counts = [_count_of(USERS)]
        for column in self._counted():
            count = _count_of(column.users or USERS)
            exempt = self._options.empty_metrics == "exempt"
            counts.append(f"nullif({count}, 0)" if exempt else count)
        # DuckDB's least ignores NULL, which is what exempts a metric to which nobody contributes
        return f"least({', '.join(counts)})" if len(counts) > 1 else counts[0]

    def _reason(self) -> str:
        asked = f"users < {self._needed} required"
        cases = [(USERS, self._compiled.prepared.origin, "")]
        cases += [
            (column.users or USERS, column.origin, "effective " if column.summed else "")
            for column in self._counted()
        ]
        texts = " ".join(
            f"WHEN {_count_of(name)} = __count THEN {_text(f' {origin} {word}{asked}')}"
            for name, origin, word in cases
        )
        return f"least(__count, 100) || CASE {texts} END"

    def _counted(self) -> Iterator[OutputFacts]:
        if self._options.counted_users == "effective":
            yield from (column for column in self._compiled.columns if column.users is not None)

    def _lists(self) -> list[str]:
        return [USERS, *(column.users for column in self._counted() if column.users is not None)]


def _count_of(name: str) -> str:
    return f"coalesce(len(list_distinct({quoted(name)})), 0)"


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _is_number(kind: str) -> bool:
    return (
        kind.startswith(("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "UBIGINT"))
        or kind.endswith("INT")
        or (kind == "INTEGER")
    )
