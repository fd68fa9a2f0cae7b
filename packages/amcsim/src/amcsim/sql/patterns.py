"""Java's regular expressions: DuckDB's engine has no look-around and no back references, so patterns with
them are matched in Python.
"""

from __future__ import annotations

import re
from typing import Any, cast

import duckdb

_JAVA_ONLY = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")
_GROUP = re.compile(r"\$(\d)")


def needs_java(pattern: str) -> bool:
    """Return whether *pattern* uses what DuckDB's engine does not have; raises ValueError if it is broken."""
    if _JAVA_ONLY.search(pattern) is None:
        return False
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"Invalid regular expression '{pattern}': {error.msg}") from error
    return True


def replacement(text: str) -> str:
    r"""Return Java's replacement with its `$1` as `\1`."""
    return _GROUP.sub(r"\\\1", text)


def install_patterns(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Give *connection* the Python functions, if *sql* calls them and nobody did so before."""
    if "amc_java_" not in sql.lower():
        return
    known = connection.execute(
        "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'amc_java_matches'"
    ).fetchall()
    if known != [(0,)]:
        return
    # its stubs name types of NumPy and Arrow that are not there
    anything = cast("Any", connection)
    anything.create_function("amc_java_matches", _matches, ["VARCHAR", "VARCHAR"], "BOOLEAN")
    anything.create_function("amc_java_full", _full, ["VARCHAR", "VARCHAR"], "BOOLEAN")
    anything.create_function(
        "amc_java_substr", _substr, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special"
    )
    anything.create_function("amc_java_replace", _replace, ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR")


def _matches(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


def _full(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _substr(text: str | None, pattern: str | None) -> str | None:
    found = re.search(pattern, text) if text is not None and pattern is not None else None
    return found.group() if found else None


def _replace(text: str, pattern: str, new: str) -> str:
    return re.sub(pattern, new, text)
