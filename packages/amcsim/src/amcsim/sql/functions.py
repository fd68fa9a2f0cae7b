"""AMC's functions in DuckDB's words."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from amcsim.sql.holes import Holes
from amcsim.sql.options import SqlOptions
from amcsim.sql.patterns import needs_java, replacement
from amcsim.sql.problem import SqlProblem, span_of

_Arguments = list[exp.Expr]

# AMC name → DuckDB name with the same arguments in the same order.
_RENAMED = {
    "APPROX_COUNT_DISTINCT": "approx_count_distinct",
    "APPROX_PERCENTILE": "approx_quantile",
    "ARRAY_CAT": "amc_array_cat",
    "ARRAY_COMPLEMENT": "amc_array_complement",
    "ARRAY_CONTAINS": "list_contains",
    "ARRAY_DISTINCT": "amc_array_distinct",
    "ARRAY_INTERSECT": "amc_array_intersect",
    "ARRAY_REMOVE": "amc_array_remove",
    "ARRAY_SORT": "list_sort",
    "ARRAY_TO_STRING": "array_to_string",
    "ARRAY_UNION": "amc_array_union",
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
    "JSON_EXTRACT": "amc_json_extract",
    "LEFT": "left",
    "LOG10": "log10",
    "LTRIM": "ltrim",
    "MD5": "md5",
    "MINUTE": "minute",
    "MONTH": "month",
    "PERCENTILE": "quantile_cont",
    "QUARTER": "quarter",
    "RANDOM": "random",
    "REGEXP_SPLIT": "string_split_regex",
    "RIGHT": "right",
    "RTRIM": "rtrim",
    "SECOND": "second",
    "SECONDS_BETWEEN": "amc_seconds_between",
    "SHA1": "sha1",
    "SKEWNESS": "skewness",
    "STRPOS": "instr",
    "TRUNC": "trunc",
    "WEEK": "week",
    "YEAR": "year",
}
_ENCODINGS = {
    "UTF-8": ("encode", "decode"),
    "HEX": ("unhex", "hex"),
    "BASE64": ("from_base64", "to_base64"),
}
_AMC_NAMES = {
    **{name: amc for amc, name in _RENAMED.items()},
    "date_sub": "SECONDS_BETWEEN",
    "instr": "INSTR",
    "printf": "FORMAT",
    "regexp_matches": "SIMILAR TO",
    "timezone": "CONVERT_TIME_ZONE_FROM_UTC",
}
_PLACEHOLDER = re.compile(r"%[-+ 0,#(]*\d*(?:\.\d+)?([a-zA-Z%])")
_LEAVES = (exp.Column, exp.Literal, exp.Null, exp.Placeholder)


def map_functions(tree: exp.Query, *, holes: Holes, options: SqlOptions) -> None:
    """Rewrite every call in place.

    Children come before their parents, and nodes move instead of being copied:
    the analysis knows them by identity.
    """
    for node in reversed(list(tree.walk(bfs=True))):
        if isinstance(node, exp.Anonymous):
            _map_call(node, options)
        elif isinstance(node, exp.CurrentDate):
            node.replace(exp.cast(holes.today(), "DATE"))
        elif isinstance(node, exp.CurrentTimestamp):
            node.replace(exp.cast(holes.now(), "TIMESTAMP"))
        elif isinstance(node, exp.Cast):
            _map_cast(node, holes)
        elif isinstance(node, exp.Extract) and node.this.name.upper() in {"DOW", "DAYOFWEEK"}:
            _plus_one(node)
        elif isinstance(node, exp.SimilarTo):
            _match(node, options)
        elif isinstance(node, exp.Greatest | exp.Least):
            _null_if_any(node)
        elif isinstance(node, exp.Div) and options.division == "decimal":
            _wrap(node, lambda: exp.Cast(to=exp.DataType.build("DECIMAL(38, 17)")))


def compare_as_text(tree: exp.Query) -> None:
    """Let every `IN (SELECT ...)` compare texts, whatever the types of both sides."""
    for node in reversed(list(tree.find_all(exp.In))):
        inner = node.args.get("query")
        if not isinstance(inner, exp.Subquery):
            continue
        alias = exp.TableAlias(this=exp.to_identifier("keys"), columns=[exp.to_identifier("key")])
        key = exp.cast(exp.column("key", table="keys"), "VARCHAR")
        texts = exp.select(key, copy=False).from_(exp.Subquery(this=inner.this, alias=alias), copy=False)
        node.set("query", exp.Subquery(this=texts))
        node.set("this", exp.cast(node.this, "VARCHAR"))


def amc_name(duckdb_name: str) -> str:
    """Return AMC's name of what DuckDB calls *duckdb_name*."""
    return _AMC_NAMES.get(duckdb_name.lower(), duckdb_name.upper())


def _map_call(node: exp.Anonymous, options: SqlOptions) -> None:
    name = node.name.upper()
    if name in _RENAMED:
        node.set("this", _RENAMED[name])
    elif name == "DAYOFWEEK":
        _plus_one(node)
    elif name in _BUILT:
        span = span_of(node)
        try:
            node.replace(_BUILT[name]([argument.pop() for argument in list(node.expressions)], options))
        except ValueError as error:
            raise SqlProblem(f"{name}: {error}", span) from error


def _map_cast(node: exp.Cast, holes: Holes) -> None:
    literal = node.this
    if isinstance(literal, exp.Literal) and literal.is_string and literal.name.lower() in {"today", "now"}:
        literal.replace(holes.today() if literal.name.lower() == "today" else holes.now())
    to = node.to
    if to.this is exp.DType.DECIMAL and not to.expressions:
        # DuckDB's own default, DECIMAL(18,3), is too narrow for sums of microcents
        node.set("to", exp.DataType.build("DECIMAL(38, 9)"))
    elif to.this is exp.DType.USERDEFINED:
        node.set("to", exp.DataType.build("VARCHAR"))


def _match(node: exp.SimilarTo, options: SqlOptions) -> None:
    span = span_of(node)
    text, pattern = node.this.pop(), node.expression.pop()
    try:
        is_java = isinstance(pattern, exp.Literal) and needs_java(pattern.name)
    except ValueError as error:
        raise SqlProblem(f"SIMILAR TO: {error}", span) from error
    full = options.similar_to == "full"
    name = "amc_java_full" if full and is_java else "amc_java_matches" if is_java else ""
    node.replace(_call(name or ("regexp_full_match" if full else "regexp_matches"), text, pattern))


def _plus_one(node: exp.Expr) -> None:
    # DuckDB counts days of the week from 0, AMC from 1; both begin on Sunday
    _wrap(node, lambda: exp.Add(expression=exp.Literal.number(1)), brackets=True)


def _wrap(node: exp.Expr, build: Callable[[], exp.Expr], *, brackets: bool = False) -> None:
    outer = build()
    node.replace(exp.Paren(this=outer) if brackets else outer)
    outer.set("this", node)


def _null_if_any(node: exp.Expr) -> None:
    arguments = [node.this, *node.expressions]
    if not all(isinstance(argument, _LEAVES) for argument in arguments):
        name = "amc_greatest" if isinstance(node, exp.Greatest) else "amc_least"
        node.replace(_call(name, exp.Array(expressions=[argument.pop() for argument in arguments])))
        return
    missing = exp.or_(*(exp.Is(this=argument.copy(), expression=exp.null()) for argument in arguments))
    guarded = exp.Case(ifs=[exp.If(this=missing, true=exp.null())])
    node.replace(guarded)
    guarded.set("default", node)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _concat(arguments: _Arguments, options: SqlOptions) -> exp.Expr:
    if options.concat_null == "skip":
        return _call("concat", *arguments)
    joined = exp.cast(arguments[0], "VARCHAR")
    for argument in arguments[1:]:
        joined = exp.DPipe(this=joined, expression=exp.cast(argument, "VARCHAR"))
    return exp.Paren(this=joined)


def _locate(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    sought, text = arguments[0], arguments[1]
    if len(arguments) == 2:  # noqa: PLR2004 -- the start is optional
        return _call("instr", text, sought)
    return _call("amc_locate", sought, text, arguments[2])


def _format(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    """Give %s a text, as Java makes one of anything; printf of DuckDB takes texts alone."""
    layout, *values = arguments
    if isinstance(layout, exp.Literal):
        kinds = "".join(kind for kind in _PLACEHOLDER.findall(layout.name) if kind not in "%n")
        values = [
            exp.cast(value, "VARCHAR") if kinds[place : place + 1] in {"s", "S"} else value
            for place, value in enumerate(values)
        ]
    return _call("printf", layout, *values)


def _log(arguments: _Arguments, options: SqlOptions) -> exp.Expr:
    if len(arguments) == 1:
        return _call("ln" if options.log_base == "e" else "log10", arguments[0])
    base, value = (_call("ln", argument) for argument in arguments)
    return exp.Paren(this=exp.Div(this=value, expression=base))


def _named_row(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    if not all(isinstance(name, exp.Literal) and name.is_string for name in arguments[::2]):
        raise ValueError("every name must be a string literal")
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name.name), expression=value) for name, value in pairs
        ]
    )


def _contained_in(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    return exp.Paren(this=exp.In(this=arguments[0], expressions=arguments[1:]))


def _regexp_replace(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    text, pattern, new = arguments
    is_java = isinstance(pattern, exp.Literal) and needs_java(pattern.name)
    if isinstance(new, exp.Literal):
        new = exp.Literal.string(replacement(new.name))
    if is_java:
        return _call("amc_java_replace", text, pattern, new)
    return _call("regexp_replace", text, pattern, new, exp.Literal.string("g"))


def _regexp_substr(arguments: _Arguments, options: SqlOptions) -> exp.Expr:
    pattern = arguments[1]
    if isinstance(pattern, exp.Literal) and needs_java(pattern.name):
        found = _call("amc_java_substr", *arguments)
        return found if options.no_match == "null" else exp.func("coalesce", found, exp.Literal.string(""))
    return _call("amc_regexp_substr" if options.no_match == "null" else "regexp_extract", *arguments)


def _str_to_map(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    defaults = [exp.Literal.string(","), exp.Literal.string(":")]
    return _call("amc_str_to_map", *arguments, *defaults[len(arguments) - 1 :])


def _varbinary(arguments: _Arguments, *, back: bool) -> exp.Expr:
    encoding = arguments[1].name.upper() if len(arguments) > 1 else "UTF-8"
    if encoding not in _ENCODINGS:
        raise ValueError(f"unknown encoding '{encoding}'")
    decoded = _call(_ENCODINGS[encoding][1 if back else 0], arguments[0])
    return _call("lower", decoded) if back and encoding == "HEX" else decoded


def _serialized(arguments: _Arguments, _: SqlOptions) -> exp.Expr:
    return exp.cast(_call("to_json", arguments[0]), "VARCHAR")


_BUILT: dict[str, Callable[[_Arguments, SqlOptions], exp.Expr]] = {
    "CHARINDEX": _locate,
    "CONCAT": _concat,
    "CONTAINED_IN": _contained_in,
    "E": lambda _, __: _call("exp", exp.Literal.number(1)),
    "FORMAT": _format,
    "FROM_VARBINARY": lambda arguments, _: _varbinary(arguments, back=True),
    "JSON_SERIALIZE": _serialized,
    "LOCATE": _locate,
    "LOG": _log,
    "NAMED_ROW": _named_row,
    "REGEXP_REPLACE": _regexp_replace,
    "REGEXP_SUBSTR": _regexp_substr,
    "STR_TO_MAP": _str_to_map,
    "TO_VARBINARY": lambda arguments, _: _varbinary(arguments, back=False),
    "UUID": lambda _, __: exp.cast(_call("uuid"), "VARCHAR"),
}
