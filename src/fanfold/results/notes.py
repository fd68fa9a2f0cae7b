"""Says where the instances of a batch differ in their columns, and in which way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from fanfold.results.columns import UNKNOWN, Column, ColumnType, UnitedColumn
from fanfold.results.manifest import ResultSet

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """One way in which some instances differ from what is shown."""

    column: str
    instances: tuple[str, ...]
    """Names, at most `MOST_NAMED`."""
    instance_count: int
    note: str


def notes_of(sets: Sequence[ResultSet], columns: Sequence[UnitedColumn]) -> tuple[ColumnNote, ...]:
    """Return what a reader of the united *columns* should know, column by column."""
    by_schema: dict[tuple[Column, ...], list[str]] = defaultdict(list)
    for each in sets:
        by_schema[each.manifest.columns].append(each.target_name)
    if len(by_schema) == 1:
        return ()
    stored = [
        ({column.name.lower(): column for column in schema}, owners) for schema, owners in by_schema.items()
    ]
    return tuple(note for column in columns for note in _notes(column, stored))


def _notes(united: UnitedColumn, stored: Sequence[tuple[dict[str, Column], list[str]]]) -> list[ColumnNote]:
    owners: dict[str | None, list[str]] = defaultdict(list)
    for columns, names in stored:
        column = columns.get(united.key)
        owners[column.arrow if column else None].extend(names)
    missing = owners.pop(None, [])
    # Nothing but nulls fits to every type.
    owners.pop(UNKNOWN, None)
    notes = [_note(united, missing, words="has no such column, shown as null")] if missing else []
    if len(owners) > 1:
        usual = Counter({arrow: len(names) for arrow, names in owners.items()}).most_common(1)[0][0]
        notes += [
            _note(united, names, words=f"stored as {arrow}, shown as {_words(united)} beside {usual}")
            for arrow, names in owners.items()
            if arrow != usual
        ]
    return notes


def _words(united: UnitedColumn) -> str:
    number = united.type is ColumnType.NUMBER and united.sql_type is not None
    return f"{united.type} ({united.sql_type})" if number else str(united.type)


def _note(united: UnitedColumn, owners: Sequence[str], *, words: str) -> ColumnNote:
    return ColumnNote(united.name, tuple(owners[:MOST_NAMED]), len(owners), words)
