"""Tables and columns that AMC does not document: mostly a slip of the pen, sometimes an instance's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import cast

from sqlglot import exp

from fanfold.kinds.amc_workflow.sql.query import Explanation, Query, selects_of, table_name
from fanfold.sdk.kind import Finding

_TABLE = Explanation(
    "unknown_table",
    "AMC does not document this table. An upload or a subscribed data set of an instance may have the name; "
    "where it is missing the execution is refused.",
    "Correct the name, or make sure that every instance of the batch has it.",
    severity="warning",
)
_COLUMN = Explanation(
    "unknown_column",
    "AMC does not document this column for what is read here; where it is missing the execution is refused.",
    "Correct the name, or make sure that every instance of the batch has it.",
    severity="warning",
)

_MOST_GUESSES = 50


def unknown_tables(query: Query) -> Iterator[Finding]:
    """Yield every table that is neither documented nor a query of WITH."""
    for part in query.find_all(exp.Table):
        name = table_name(cast("exp.Table", part))
        if not name or name.lower() in query.shared or query.columns_of(name) is not None:
            continue
        place = query.place_of(part)
        told = (
            f"{name} is no documented table." if query.tables is None else f"There is no table {name} here."
        )
        yield _with_guess(_TABLE, name, query.known_tables()).found(told, place)


def unknown_columns(query: Query) -> Iterator[Finding]:
    """Yield every column that nothing that is read around it has."""
    guessed: dict[str, Explanation] = {}
    for part in query.find_all(exp.Column):
        column = cast("exp.Column", part)
        candidates = None if isinstance(column.this, exp.Star) else _missing_from(query, column)
        if candidates is None:
            continue
        # Guessing takes long beside reading, and who has more slips than that reads no further.
        if column.name not in guessed and len(guessed) < _MOST_GUESSES:
            guessed[column.name] = _with_guess(_COLUMN, column.name, candidates)
        explanation = guessed.get(column.name, _COLUMN)
        yield explanation.found(f"There is no column {column.name} here.", query.place_of(column))


def _missing_from(query: Query, column: exp.Column) -> set[str] | None:
    """Return the columns among which *column* is not, None when it is there or nobody can tell."""
    qualifier, name = column.table.lower(), column.name.lower()
    seen: set[str] = set()
    select = query.parts.select(column)
    while select is not None:
        sources = query.sources(select)
        if qualifier and qualifier not in sources:
            select = query.parts.select(select)
            continue
        read = [sources[qualifier]] if qualifier else list(sources.values())
        columns = [_columns(query, source) for source in read]
        if None in columns or (not qualifier and _reads_more(select, len(sources))):
            return None
        seen.update(known for each in columns if each is not None for known in each)
        if name in seen or (not qualifier and name in _aliases(select)):
            return None
        if qualifier:
            return seen
        select = query.parts.select(select)
    return seen or None


def _columns(query: Query, source: exp.Query | str) -> set[str] | None:
    """Return what a source has, None when nobody can tell."""
    if isinstance(source, str):
        known = query.columns_of(source)
        return None if known is None else set(known)
    first = next(selects_of(source), None)
    holder = source.parent
    alias = holder.args.get("alias") if isinstance(holder, exp.CTE | exp.Subquery) else None
    if first is None or (isinstance(alias, exp.TableAlias) and alias.columns):
        return None
    if any(projection.is_star for projection in first.expressions):
        return None
    return {projection.alias_or_name.lower() for projection in first.expressions}


def _reads_more(select: exp.Select, known: int) -> bool:
    """Whether there are sources beside the known ones: VALUES, arrays that are unfolded."""
    parts = len(cast("list[exp.Join]", select.args.get("joins") or []))
    parts += len(cast("list[exp.Expr]", select.args.get("laterals") or []))
    return parts + (select.args.get("from_") is not None) != known


def _aliases(select: exp.Select) -> set[str]:
    return {projection.alias.lower() for projection in select.expressions if projection.alias}


def _with_guess(explanation: Explanation, name: str, known: Iterable[str]) -> Explanation:
    close = get_close_matches(name.lower(), list(known), n=1, cutoff=0.75)
    return replace(explanation, fix=f"Did you mean {close[0]}?") if close else explanation
