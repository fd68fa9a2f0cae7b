"""How a query becomes an audience: which tables it may read, what it must yield, how many people it finds
(AMC guide, rule-based audiences).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from amcsim.catalogue import Table, tables
from amcsim.catalogue.twins import dsp_only
from amcsim.sql.compile import compile_query
from amcsim.sql.compiled import Compiled, Prepared
from amcsim.sql.options import SqlOptions
from amcsim.sql.privacy import PrivacyRequest, visible
from amcsim.sql.problem import SqlProblem

_WRONG_TABLES = "Invalid tables in the SQL query: Use audience-specific tables in the query."
_NOT_FOUND = re.compile(r"Object '([^']+)' not found")
_SEEDS = (500, 500_000)


def compile_audience(
    text: str, readable: Mapping[str, Table], *, types: Mapping[str, str], options: SqlOptions
) -> Prepared:
    """Return the query of an audience; raises SqlProblem also when it yields no `user_id`."""
    try:
        prepared = compile_query(text, readable, types=types, options=options, controls=False)
    except SqlProblem as problem:
        found = _NOT_FOUND.search(str(problem))
        others = {*tables(), *dsp_only()}
        if found is not None and found[1].lower() in others:
            raise SqlProblem(_WRONG_TABLES) from problem
        raise
    if "user_id" not in {column.name.lower() for column in prepared.columns}:
        raise SqlProblem("The SELECT statement of an audience query must contain user_id.")
    return replace(prepared, ordered=False)


def size_query(compiled: Compiled) -> str:
    """Return the query that counts the people who can be addressed: those with an account (`adUserId`)."""
    rows = visible(replace(compiled, controls=False), PrivacyRequest())
    return (
        f"SELECT count(DISTINCT user_id) FROM ({rows}) AS chosen "
        "SEMI JOIN (SELECT account_id AS user_id FROM main.person) AS addressed USING (user_id)"
    )


def refuse_size(people: int, *, is_seed: bool, minimum: int) -> None:
    """Raise RuntimeError when so many people are too few or, for a seed, too many (words are inferred)."""
    least, most = (min(minimum, _SEEDS[0]), _SEEDS[1]) if is_seed else (minimum, None)
    if people < least:
        raise RuntimeError(f"The audience has {people} user_ids and needs at least {least}.")
    if most is not None and people > most:
        raise RuntimeError(f"The seed audience has {people} user_ids and may have {most} at most.")
