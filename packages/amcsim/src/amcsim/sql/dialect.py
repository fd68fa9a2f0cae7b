"""AMC SQL as sqlglot reads it: only AMC's functions are known, any other name stays visible with its
position.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.dialect import Dialect
from sqlglot.parser import Parser

# What means the same in AMC, in sqlglot and in DuckDB; every other AMC function is mapped in `functions.py`.
_SHARED = frozenset(
    [
        "ABS",
        "AVG",
        "CEIL",
        "CEILING",
        "COALESCE",
        "COUNT",
        "DATE_TRUNC",
        "DENSE_RANK",
        "EXP",
        "FIRST_VALUE",
        "FLOOR",
        "GREATEST",
        "IF",
        "IFNULL",
        "LAG",
        "LAST_VALUE",
        "LEAD",
        "LEAST",
        "LENGTH",
        "LN",
        "LOWER",
        "MAX",
        "MEDIAN",
        "MIN",
        "MOD",
        "NTILE",
        "NULLIF",
        "NVL",
        "NVL2",
        "POWER",
        "RANK",
        "REPLACE",
        "ROUND",
        "ROW_NUMBER",
        "SIGN",
        "SQRT",
        "STDDEV",
        "STDDEV_POP",
        "STDDEV_SAMP",
        "SUM",
        "UPPER",
        "VARIANCE",
        "VAR_POP",
        "VAR_SAMP",
    ]
)
_SYNTAX = frozenset({"CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "FLOOR", "CEIL"})


def _only(known: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: parser for name, parser in known.items() if name in names}


class _AmcParser(Parser):
    FUNCTIONS: ClassVar[dict[str, Any]] = _only(vars(Parser)["FUNCTIONS"], _SHARED)
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _only(vars(Parser)["FUNCTION_PARSERS"], _SYNTAX)


class Amc(Dialect):
    """The dialect; parse with it, never generate."""

    INDEX_OFFSET = 1
    Parser = _AmcParser
    parser_class = _AmcParser
