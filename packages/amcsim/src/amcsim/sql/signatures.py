"""AMC's functions by name with how many arguments they take (AMC SQL reference)."""

from __future__ import annotations

from sqlglot import exp

from amcsim.sql.problem import SqlProblem, span_of

_MANY = 1_000
_ARITY: dict[str, tuple[int, int]] = {
    "APPROX_COUNT_DISTINCT": (1, 1),
    "APPROX_PERCENTILE": (2, 2),
    "ARRAY_CAT": (2, 2),
    "ARRAY_COMPLEMENT": (2, 2),
    "ARRAY_CONTAINS": (2, 2),
    "ARRAY_DISTINCT": (1, 1),
    "ARRAY_INTERSECT": (2, 2),
    "ARRAY_REMOVE": (2, 2),
    "ARRAY_SORT": (1, 1),
    "ARRAY_TO_STRING": (2, 2),
    "ARRAY_UNION": (2, 2),
    "BUILT_IN_PARAMETER": (1, 1),
    "CARDINALITY": (1, 1),
    "CHARINDEX": (2, 3),
    "COLLECT": (1, 1),
    "CONCAT": (1, _MANY),
    "CONTAINED_IN": (2, _MANY),
    "CONVERT_TIME_ZONE_FROM_UTC": (2, 2),
    "CUSTOM_PARAMETER": (1, 1),
    "DAY": (1, 1),
    "DAYOFMONTH": (1, 1),
    "DAYOFWEEK": (1, 1),
    "DAYOFYEAR": (1, 1),
    "E": (0, 0),
    "EPOCH_TO_UTC_TIMESTAMP": (1, 1),
    "EXPLODE": (1, 1),
    "FLATTEN": (1, 1),
    "FORMAT": (1, _MANY),
    "FROM_VARBINARY": (1, 2),
    "HASH64": (1, 1),
    "HOUR": (1, 1),
    "INSTR": (2, 2),
    "JSON_EXTRACT": (2, 2),
    "JSON_SERIALIZE": (1, 1),
    "LEFT": (2, 2),
    "LOCATE": (2, 3),
    "LOG": (1, 2),
    "LOG10": (1, 1),
    "LTRIM": (1, 2),
    "MD5": (1, 1),
    "MINUTE": (1, 1),
    "MONTH": (1, 1),
    "NAMED_ROW": (2, _MANY),
    "PERCENTILE": (2, 2),
    "QUARTER": (1, 1),
    "RANDOM": (0, 0),
    "REGEXP_REPLACE": (3, 3),
    "REGEXP_SPLIT": (2, 2),
    "REGEXP_SUBSTR": (2, 2),
    "RIGHT": (2, 2),
    "RTRIM": (1, 2),
    "SECOND": (1, 1),
    "SECONDS_BETWEEN": (2, 2),
    "SHA1": (1, 1),
    "SKEWNESS": (1, 1),
    "STRPOS": (2, 2),
    "STR_TO_MAP": (1, 3),
    "TO_VARBINARY": (1, 2),
    "TRUNC": (1, 2),
    "UUID": (0, 0),
    "WEEK": (1, 1),
    "YEAR": (1, 1),
}


def refuse_unknown_functions(tree: exp.Query) -> None:
    """Raise SqlProblem for the first call of something that is not AMC's, or not called as AMC's is."""
    for call in tree.walk(bfs=False, prune=_is_table):
        if isinstance(call, exp.Anonymous):
            _check(call)


def _is_table(node: exp.Expr) -> bool:
    # table functions are looked at where tables are resolved
    return isinstance(node, exp.Table)


def _check(call: exp.Anonymous) -> None:
    name = call.name.upper()
    if name not in _ARITY:
        raise SqlProblem(f"No match found for function signature {name}", span_of(call))
    least, most = _ARITY[name]
    count = len(call.expressions)
    if not least <= count <= most or (name == "NAMED_ROW" and count % 2):
        expected = (
            str(least) if least == most else f"at least {least}" if most == _MANY else f"{least} to {most}"
        )
        raise SqlProblem(
            f"Invalid number of arguments to function '{name}'. Was expecting {expected} arguments",
            span_of(call),
        )
