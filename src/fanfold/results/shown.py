"""What of a selection is shown: the instance's name and id, and united columns, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, ColumnType, UnitedColumn
from fanfold.sdk.errors import BadInput, Problem

INSTANCE_COLUMNS = tuple(UnitedColumn(name, ColumnType.STRING, None) for name in (INSTANCE_NAME, INSTANCE_ID))
_LISTS = {INSTANCE_NAME: "names", INSTANCE_ID: "ids"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A column and where its values come from."""

    column: UnitedColumn
    sql: str
    """Over the relation of `scan`; of our own making."""
    is_instance: bool = False
    """The same value for all rows of a part."""

    @property
    def comparable(self) -> str:
        """What it is compared and written by: itself, or its JSON text."""
        return f"to_json({self.sql})::VARCHAR" if self.column.nested else self.sql

    def from_list(self, suffix: str) -> Shown:
        """Return an instance's column reading from another list, of the same name with a *suffix*."""
        return replace(self, sql=_extract(_LISTS[self.column.name] + suffix))


def all_shown(columns: Sequence[UnitedColumn]) -> tuple[Shown, ...]:
    """Return everything there is, the instance first."""
    instance = (Shown(each, _extract(_LISTS[each.name]), is_instance=True) for each in INSTANCE_COLUMNS)
    return (*instance, *(Shown(column, f"c{index}") for index, column in enumerate(columns)))


def shown(columns: Sequence[UnitedColumn], chosen: Iterable[str]) -> tuple[Shown, ...]:
    """Return the *chosen* columns, all if none is; raise `BadInput` that names every bad one."""
    return chosen_of(all_shown(columns), chosen)


def chosen_of(everything: tuple[Shown, ...], chosen: Iterable[str]) -> tuple[Shown, ...]:
    """Return what is *chosen*, all if nothing is; raise `BadInput` that names every bad one."""
    by_key = {each.column.key: each for each in everything}
    wanted = list(dict.fromkeys(name.lower() for name in chosen))
    problems = [Problem("/columns", f"There is no column {name!r}.") for name in wanted if name not in by_key]
    if problems:
        raise BadInput(problems)
    return tuple(by_key[name] for name in wanted) or everything


def _extract(name: str) -> str:
    return f"list_extract(${name}, p + 1)"
