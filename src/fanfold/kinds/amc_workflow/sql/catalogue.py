"""AMC's documented tables with their columns, types and thresholds (AMC developer guide, data sources).

An instance may have more tables of its own, and newer columns: what is missing here is doubtful, not wrong.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TWIN = "_for_audiences"
_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class CatalogueColumn:
    """A column of a table."""

    name: str
    data_type: str
    threshold: str
    """`NONE`, `LOW`, `MEDIUM`, `HIGH`, `VERY_HIGH` or `INTERNAL`: how many people a shown row needs."""


Catalogue = Mapping[str, Mapping[str, CatalogueColumn]]
"""By the lower-case names of the tables and of their columns."""


@cache
def catalogue() -> Catalogue:
    """Return the documented tables."""
    found: dict[str, dict[str, CatalogueColumn]] = {}
    text = (files(_PACKAGE) / "tables.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        column = CatalogueColumn(row["column"], row["data_type"], row["threshold"])
        found.setdefault(row["table"], {})[column.name] = column
    return found


def columns_of(table: str) -> Mapping[str, CatalogueColumn] | None:
    """Return the columns of a table or of its twin for audiences, None when it is not documented."""
    return catalogue().get(table.lower().removesuffix(_TWIN))
