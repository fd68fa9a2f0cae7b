"""The published grammar as the parts a tree may consist of: what is not listed is refused by its name.

Tokens are looked at first, where sqlglot is more generous than AMC's parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from amcsim.sql.problem import Span, SqlProblem, span_of

_STATEMENTS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}
_AFTER_COMMA = {
    TokenType.FROM,
    TokenType.WHERE,
    TokenType.GROUP_BY,
    TokenType.HAVING,
    TokenType.ORDER_BY,
    TokenType.UNION,
    TokenType.R_PAREN,
}
_NOT_AMC = {TokenType.DCOLON, TokenType.L_BRACE, TokenType.DCOLONQMARK, TokenType.RECURSIVE}
_ALLOWED = (
    # queries
    *(exp.Select, exp.Union, exp.Subquery, exp.CTE, exp.With, exp.From, exp.Join, exp.Where, exp.Group),
    *(exp.Having, exp.Order, exp.Ordered, exp.Window, exp.WindowSpec, exp.Distinct, exp.Table),
    *(exp.TableAlias, exp.Values, exp.Tuple, exp.Alias, exp.Star, exp.Exists, exp.Filter),
    # refused before, unless the options accept them
    *(exp.Qualify, exp.Interval),
    # values
    *(exp.Identifier, exp.Column, exp.Dot, exp.Bracket, exp.Literal, exp.Boolean, exp.Null, exp.Paren),
    *(exp.Array, exp.Case, exp.If, exp.Cast, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Var),
    # operators
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In),
    *(exp.Between, exp.Like, exp.Escape, exp.SimilarTo, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg),
    # functions
    *(exp.Anonymous, exp.Abs, exp.Avg, exp.Ceil, exp.Coalesce, exp.Count, exp.CurrentDate),
    *(exp.CurrentTimestamp, exp.DateTrunc, exp.TimestampTrunc, exp.DenseRank, exp.Exp, exp.Extract),
    *(exp.FirstValue, exp.Floor, exp.Greatest, exp.Lag, exp.LastValue, exp.Lead, exp.Least, exp.Length),
    *(exp.Ln, exp.Lower, exp.Max, exp.Median, exp.Min, exp.Nullif, exp.Nvl2, exp.Pow, exp.Rank),
    *(exp.Replace, exp.Round, exp.RowNumber, exp.Sign, exp.Sqrt, exp.Stddev, exp.StddevPop),
    *(exp.StddevSamp, exp.StrPosition, exp.Substring, exp.Sum, exp.Trim, exp.Upper, exp.Variance),
    exp.VariancePop,
)
_CLAUSES: tuple[tuple[type[exp.Expr], frozenset[str]], ...] = (
    (
        exp.Select,
        frozenset(
            [
                "with_",
                "expressions",
                "distinct",
                "from_",
                "joins",
                "where",
                "group",
                "having",
                "windows",
                "order",
                "qualify",
            ]
        ),
    ),
    (exp.Group, frozenset({"expressions"})),
    (exp.Table, frozenset({"this", "alias", "db", "catalog"})),
    (exp.Star, frozenset()),
    (exp.Distinct, frozenset({"expressions"})),
    (exp.Union, frozenset({"with_", "this", "expression", "distinct", "order"})),
    (exp.Subquery, frozenset({"with_", "this", "alias"})),
    (exp.With, frozenset({"expressions"})),
)
_PLACES: tuple[tuple[type[exp.Expr], tuple[type[exp.Expr], ...]], ...] = (
    (exp.Alias, (exp.Select,)),
    (exp.Order, (exp.Select, exp.Union, exp.Window)),
    (exp.Star, (exp.Select, exp.Count, exp.Column)),
    (exp.Select, (exp.Subquery, exp.CTE, exp.Union, exp.In, exp.Exists)),
)
_JOIN_KINDS = {"", "INNER", "OUTER", "CROSS"}
_TYPES = {
    *(exp.DType.BOOLEAN, exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT),
    *(exp.DType.DECIMAL, exp.DType.FLOAT, exp.DType.DOUBLE, exp.DType.DATE, exp.DType.TIMESTAMP),
    *(exp.DType.CHAR, exp.DType.BINARY, exp.DType.ARRAY, exp.DType.STRUCT),
}
_VARCHARS = {exp.DType.VARCHAR, exp.DType.TEXT}


def refuse_tokens(tokens: Sequence[Token]) -> None:
    """Raise SqlProblem for the first token that AMC's parser would stumble over and sqlglot would not."""
    if tokens and tokens[0].token_type not in _STATEMENTS:
        raise SqlProblem("Only a SELECT statement, with or without WITH, is supported", _span(tokens[0]))
    for token, following in pairwise(tokens):
        if token.token_type in _NOT_AMC:
            raise _encountered(token.text, token)
        if token.token_type is TokenType.COMMA and following.token_type in _AFTER_COMMA:
            raise _encountered(f", {following.text}", token)
        if token.token_type is TokenType.L_PAREN and following.token_type is TokenType.FROM:
            raise _encountered(following.text, following)


def refuse_parts(tree: exp.Query, *, varchars: bool) -> None:
    """Raise SqlProblem for the first part of *tree* that is not in the grammar, in the order of the text."""
    for node in tree.walk(bfs=False):
        if not isinstance(node, _ALLOWED):
            raise SqlProblem(f"Unsupported construct {_name(node)}", span_of(node) or span_of(tree))
        if isinstance(node, exp.DataType):
            _refuse_type(node, varchars=varchars)
        if isinstance(node, exp.Join) and (node.args.get("kind") or "") not in _JOIN_KINDS:
            raise SqlProblem(f"{node.args['kind']} JOIN is not supported", span_of(node))
        if isinstance(node, exp.AggFunc):
            _refuse_arguments(node)
        _refuse_place(node)
        for kind, allowed in _CLAUSES:
            if isinstance(node, kind):
                _refuse_clauses(node, allowed)


def _refuse_place(node: exp.Expr) -> None:
    """Raise SqlProblem where sqlglot lets something stand that no SQL has there."""
    misplaced = any(
        isinstance(node, kind) and node.parent is not None and not isinstance(node.parent, allowed)
        for kind, allowed in _PLACES
    )
    if misplaced or (isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null | exp.Boolean)):
        raise SqlProblem(f"{_name(node)} is not expected here", span_of(node))


def _refuse_arguments(node: exp.AggFunc) -> None:
    inside = node.this
    if isinstance(inside, exp.Distinct) and not inside.expressions:
        raise SqlProblem(f"Invalid number of arguments to function '{_name(node)}'", span_of(node))
    if isinstance(inside, exp.Star) and not isinstance(node, exp.Count):
        raise SqlProblem(f"Unknown identifier '*' in {_name(node)}", span_of(node))


def _refuse_clauses(node: exp.Expr, allowed: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in allowed:
            place = value if isinstance(value, exp.Expr) else node
            raise SqlProblem(
                f"Unsupported construct {name.strip('_').replace('_', ' ').upper()} in {_name(node)}",
                span_of(place) or span_of(node),
            )


def _refuse_type(node: exp.DataType, *, varchars: bool) -> None:
    is_symbol = node.this is exp.DType.USERDEFINED and str(node.args.get("kind")).upper() == "SYMBOL"
    if node.this in _TYPES or is_symbol or (varchars and node.this in _VARCHARS):
        return
    name = node.sql() if node.this is not exp.DType.USERDEFINED else str(node.args.get("kind"))
    raise SqlProblem(f"Unknown datatype name '{name}'", span_of(node.parent or node))


def _name(node: exp.Expr) -> str:
    return type(node).__name__.upper()


def _encountered(text: str, token: Token) -> SqlProblem:
    span = _span(token)
    return SqlProblem(f'Encountered "{text}" at line {span.line}, column {span.first_column}.', span)


def _span(token: Token) -> Span:
    return Span(token.line, token.col - (token.end - token.start), token.col)
