"""Where a query asks for a parameter: the call becomes a hole."""

from __future__ import annotations

from sqlglot import exp

from amcsim.sql.holes import Holes
from amcsim.sql.problem import SqlProblem, span_of


def put_parameters(tree: exp.Query, holes: Holes) -> None:
    """Replace every parameter call in *tree*; raises SqlProblem for an undeclared one."""
    for call in list(tree.find_all(exp.Anonymous)):
        name = call.name.upper()
        if name == "CUSTOM_PARAMETER":
            call.replace(holes.parameter(_argument(call), span_of(call)))
        elif name == "BUILT_IN_PARAMETER":
            call.replace(holes.edge(_argument(call), span_of(call)))


def _argument(call: exp.Expr) -> str:
    arguments = call.expressions
    if len(arguments) != 1 or not (isinstance(arguments[0], exp.Literal) and arguments[0].is_string):
        raise SqlProblem(f"{call.name.upper()} takes one string literal", span_of(call))
    return arguments[0].name
