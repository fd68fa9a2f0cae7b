"""Types are DuckDB's business: what it refuses is told in the words of AMC's validator, with the place where
the text leaves no doubt.
"""

from __future__ import annotations

import re

import duckdb

from amcsim.sql.dialect import Amc
from amcsim.sql.functions import amc_name
from amcsim.sql.problem import Span, SqlProblem

_NO_FUNCTION = re.compile(r"No function matches the given name and argument types '([^'(]+)\((.*?)\)'")
_NO_COMPARISON = re.compile(r"Cannot compare values of type (\S+) and (?:type )?([^\s.]+)")
_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
_LITERALS = {"STRING_LITERAL": "VARCHAR", "INTEGER_LITERAL": "INTEGER"}


class MixedKeys(SqlProblem):
    """Something is sought among values of another type, which AMC compares as text and DuckDB does not."""


def bound_types(cursor: duckdb.DuckDBPyConnection, sql: str, *, text: str) -> dict[str, str]:
    """Return the types of the columns of *sql* by name; raises SqlProblem with places in *text*."""
    try:
        rows = cursor.execute(f"DESCRIBE {sql}").fetchall()
    except duckdb.Error as error:
        raise _problem(str(error), text) from error
    return {str(row[0]): str(row[1]) for row in rows}


def first_line(error: duckdb.Error) -> str:
    """Return what *error* says, without the class and without the SQL that it quotes."""
    _, _, message = str(error).splitlines()[0].partition(" Error: ")
    return message or str(error).splitlines()[0]


def _problem(message: str, text: str) -> SqlProblem:
    call = _NO_FUNCTION.search(message)
    if call is not None:
        name = amc_name(call[1])
        kinds = ", ".join(_kind(kind.strip()) for kind in call[2].split(","))
        return SqlProblem(
            f"Cannot apply '{name}' to arguments of type '{name}({kinds})'", _only_place(name, text)
        )
    compared = _NO_COMPARISON.search(message)
    if compared is not None:
        signs = {token.text for token in Amc().tokenize(text)} & _COMPARISONS
        sign = signs.pop() if len(signs) == 1 else "="
        if "in IN/ANY/ALL clause" in message:
            sign = "IN"
        kinds = f"{_kind(compared[1])} {sign} {_kind(compared[2])}"
        problem = MixedKeys if sign == "IN" else SqlProblem
        return problem(f"Cannot apply '{sign}' to arguments of type '{kinds}'", _only_place(sign, text))
    _, _, said = message.splitlines()[0].partition(" Error: ")
    return SqlProblem(said or message.splitlines()[0])


def _kind(name: str) -> str:
    return f"<{_LITERALS.get(name, name)}>"


def _only_place(word: str, text: str) -> Span | None:
    found = [token for token in Amc().tokenize(text) if token.text.upper() == word]
    if len(found) != 1:
        return None
    return Span(found[0].line, found[0].col - (found[0].end - found[0].start), found[0].col)
