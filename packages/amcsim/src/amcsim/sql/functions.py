"""AMC's functions in DuckDB's words; a function that AMC does not have is refused by name."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from amcsim.sql.problem import SqlProblem, span_of

_Build = Callable[[list[exp.Expr]], exp.Expr]

# AMC name → DuckDB name with the same arguments in the same order.
_RENAMED = {
    "APPROX_COUNT_DISTINCT": "approx_count_distinct",
    "APPROX_PERCENTILE": "approx_quantile",
    "ARRAY_CAT": "list_concat",
    "ARRAY_CONTAINS": "list_contains",
    "ARRAY_DISTINCT": "list_distinct",
    "ARRAY_INTERSECT": "list_intersect",
    "ARRAY_SORT": "list_sort",
    "ARRAY_TO_STRING": "array_to_string",
    "CARDINALITY": "len",
    "COLLECT": "list",
    "CONVERT_TIME_ZONE_FROM_UTC": "amc_convert_time_zone_from_utc",
    "DAY": "day",
    "DAYOFMONTH": "dayofmonth",
    "DAYOFYEAR": "dayofyear",
    "EPOCH_TO_UTC_TIMESTAMP": "amc_epoch_to_utc_timestamp",
    "EXPLODE": "unnest",
    "FLATTEN": "flatten",
    "HASH64": "amc_hash64",
    "HOUR": "hour",
    "INSTR": "instr",
    "JSON_EXTRACT": "json_extract_string",
    "LEFT": "left",
    "LOG": "ln",
    "LOG10": "log10",
    "LTRIM": "ltrim",
    "MD5": "md5",
    "MINUTE": "minute",
    "MONTH": "month",
    "PERCENTILE": "quantile_cont",
    "QUARTER": "quarter",
    "RANDOM": "random",
    "REGEXP_SPLIT": "string_split_regex",
    "REGEXP_SUBSTR": "regexp_extract",
    "RIGHT": "right",
    "RTRIM": "rtrim",
    "SECOND": "second",
    "SECONDS_BETWEEN": "amc_seconds_between",
    "SHA1": "sha1",
    "SKEWNESS": "skewness",
    "STRPOS": "instr",
    "TRUNC": "trunc",
    "UUID": "uuid",
    "WEEK": "week",
    "YEAR": "year",
}
MACROS = (
    "CREATE OR REPLACE MACRO amc_seconds_between(a, b) AS date_diff('second', a, b)",
    "CREATE OR REPLACE MACRO amc_convert_time_zone_from_utc(ts, tz) AS timezone(tz, timezone('UTC', ts))",
    # ten digits are seconds, thirteen are milliseconds
    (
        "CREATE OR REPLACE MACRO amc_epoch_to_utc_timestamp(n) AS "
        "make_timestamp(CAST(n AS BIGINT) * CASE WHEN abs(n) < 100000000000 THEN 1000000 ELSE 1000 END)"
    ),
    "CREATE OR REPLACE MACRO amc_hash64(v) AS CAST(hash(v) % 9223372036854775807 AS BIGINT)",
)


def refuse_unknown_functions(tree: exp.Query) -> None:
    """Raise SqlProblem for the first call of something that is not AMC's."""
    known = {"BUILT_IN_PARAMETER", "CUSTOM_PARAMETER", "DAYOFWEEK", *_RENAMED, *_BUILT}
    for call in tree.find_all(exp.Anonymous, bfs=False):
        if call.name.upper() not in known and call.find_ancestor(exp.Table) is None:
            raise SqlProblem(f"No match found for function signature {call.name.upper()}", span_of(call))


def map_functions(tree: exp.Query, *, today: str, now: str) -> None:
    """Rewrite every call in place; *today* and *now* are what CURRENT_DATE and CURRENT_TIMESTAMP mean.

    Children come before their parents, and nodes move instead of being copied:
    the analysis knows them by identity.
    """
    for node in reversed(list(tree.walk(bfs=True))):
        if isinstance(node, exp.Anonymous):
            _map_call(node)
        elif isinstance(node, exp.CurrentDate):
            node.replace(exp.cast(exp.Literal.string(today), "DATE"))
        elif isinstance(node, exp.CurrentTimestamp):
            node.replace(exp.cast(exp.Literal.string(now), "TIMESTAMP"))
        elif isinstance(node, exp.Cast):
            _name_moment(node, {"today": today, "now": now})
        elif isinstance(node, exp.Extract) and node.this.name.upper() in {"DOW", "DAYOFWEEK"}:
            _plus_one(node)
        elif isinstance(node, exp.SimilarTo):
            node.replace(_anonymous("regexp_matches", node.this.pop(), node.expression.pop()))
        elif isinstance(node, exp.Greatest | exp.Least):
            _null_if_any(node)


def _map_call(node: exp.Anonymous) -> None:
    name = node.name.upper()
    if name in _RENAMED:
        node.set("this", _RENAMED[name])
    elif name == "DAYOFWEEK":
        _plus_one(node)
    elif name in _BUILT:
        node.replace(_BUILT[name]([argument.pop() for argument in list(node.expressions)]))


def _name_moment(node: exp.Cast, words: dict[str, str]) -> None:
    literal = node.this
    if isinstance(literal, exp.Literal) and literal.is_string and literal.name.lower() in words:
        literal.replace(exp.Literal.string(words[literal.name.lower()]))


def _plus_one(node: exp.Expr) -> None:
    # DuckDB counts days of the week from 0, AMC from 1; both begin on Sunday
    addition = exp.Add(expression=exp.Literal.number(1))
    node.replace(exp.Paren(this=addition))
    addition.set("this", node)


def _null_if_any(node: exp.Expr) -> None:
    arguments = [node.this, *node.expressions]
    missing = exp.or_(*(exp.Is(this=argument.copy(), expression=exp.null()) for argument in arguments))
    guarded = exp.Case(ifs=[exp.If(this=missing, true=exp.null())])
    node.replace(guarded)
    guarded.set("default", node)


def _anonymous(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _locate(arguments: list[exp.Expr]) -> exp.Expr:
    sought, text = arguments[0], arguments[1]
    if len(arguments) == 2:  # noqa: PLR2004 -- the start is optional
        return _anonymous("instr", text, sought)
    before = exp.Sub(this=exp.Paren(this=arguments[2]), expression=exp.Literal.number(1))
    found = _anonymous("instr", _anonymous("substr", text, arguments[2].copy()), sought)
    return exp.Case(
        ifs=[exp.If(this=exp.EQ(this=found, expression=exp.Literal.number(0)), true=exp.Literal.number(0))],
        default=exp.Add(this=found.copy(), expression=before),
    )


def _named_row(arguments: list[exp.Expr]) -> exp.Expr:
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name.name), expression=value) for name, value in pairs
        ]
    )


def _contained_in(arguments: list[exp.Expr]) -> exp.Expr:
    return exp.Paren(this=exp.In(this=arguments[0], expressions=arguments[1:]))


def _regexp_replace(arguments: list[exp.Expr]) -> exp.Expr:
    return _anonymous("regexp_replace", *arguments, exp.Literal.string("g"))


_BUILT: dict[str, _Build] = {
    "ARRAY_UNION": lambda arguments: _anonymous("list_distinct", _anonymous("list_concat", *arguments)),
    "CHARINDEX": _locate,
    "CONTAINED_IN": _contained_in,
    "E": lambda _: _anonymous("exp", exp.Literal.number(1)),
    "LOCATE": _locate,
    "NAMED_ROW": _named_row,
    "REGEXP_REPLACE": _regexp_replace,
}
