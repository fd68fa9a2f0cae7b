"""Which rows of a batch a request is about, before anything is known of its columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from fanfold.results.filters import Filter
from fanfold.sdk.errors import BadInput, Problem

SAVED = "saved"
"""Stands for the aggregation that the batch's workflow was saved with."""
MOST_NAMES = 1_000
MOST_ROWS = 10_000
"""In one page; all of them come as a file."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows by default, in the order of the batch."""

    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    """`column` or `-column`; nulls sort last, equal rows keep the order of the batch."""
    columns: tuple[str, ...] = ()
    """Only these, in this order; none named: all."""
    skip_missing: bool = False
    """Leave out parts that are lost or damaged, and say so, instead of refusing."""
    aggregate: str | None = None
    """SQL over `results`, the filtered rows; the sort and the columns are then those of its answer."""


def names(text: str | None, pointer: str) -> tuple[str, ...]:
    """Read a list of names parted by commas; one that holds a comma stands in double quotes, as in CSV."""
    if not text:
        return ()
    try:
        (found,) = csv.reader([text], strict=True, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise BadInput([Problem(pointer, f"This is not a list of names: {error}.")]) from error
    given = tuple(name.strip() for name in found)
    if not all(given) or len(given) > MOST_NAMES:
        raise BadInput([Problem(pointer, f"Give 1 to {MOST_NAMES} names with commas between them.")])
    return given
