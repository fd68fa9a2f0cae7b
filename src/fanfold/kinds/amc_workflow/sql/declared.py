"""Parameters that the query reads against those that the workflow declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from fanfold.kinds.amc_workflow.definition import Parameter
from fanfold.kinds.amc_workflow.sql.query import Explanation, Query
from fanfold.kinds.amc_workflow.window import RESERVED
from fanfold.sdk.kind import Finding

_UNDECLARED = Explanation(
    "undeclared_parameter",
    "AMC refuses a query that reads a parameter which the workflow does not declare.",
    "Declare it with its data type, or correct its name.",
)
_WINDOW = Explanation(
    "undeclared_parameter",
    "The time window is applied to every table by AMC itself and is no parameter of the query.",
    "Read it by BUILT_IN_PARAMETER('TIME_WINDOW_START') or ('TIME_WINDOW_END').",
)
_NAMELESS = Explanation(
    "parameter_name", "CUSTOM_PARAMETER takes one name in quotes.", "Write CUSTOM_PARAMETER('name')."
)
_UNUSED = Explanation(
    "unused_parameter",
    "Its values change nothing.",
    "Read it in the query, or remove it.",
    severity="warning",
)
_UNKNOWN_TYPE = Explanation(
    "parameter_type",
    "AMC knows STRING, BOOLEAN, BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE, DECIMAL, DATE, TIMESTAMP, BINARY, "
    "CALENDAR_INTERVAL, and ARRAY<…> of them.",
    "Choose one of these.",
)
_BAD_DEFAULT = Explanation(
    "parameter_default", "AMC converts the default by the declared type.", "Correct the default, or the type."
)
_DUPLICATE = Explanation("duplicate_parameter", "AMC keys parameters by name.", "Rename one of the two.")
_BUILT_IN = Explanation(
    "built_in_parameter",
    "AMC has TIME_WINDOW_START and TIME_WINDOW_END.",
    "Use one of the two, or CUSTOM_PARAMETER for your own.",
)
_BUILT_IN_NAMES = frozenset({"TIME_WINDOW_START", "TIME_WINDOW_END"})


def check_read(query: Query, declared: Sequence[Parameter]) -> Iterator[Finding]:
    """Yield what is wrong with the parameters that the query reads."""
    names = {parameter.name for parameter in declared}
    read: set[str] = set()
    for call in query.calls("CUSTOM_PARAMETER"):
        place, name = query.place_of(call), _name_in(call)
        if name is None:
            yield _NAMELESS.found("CUSTOM_PARAMETER needs one name in quotes.", place)
        elif name not in names:
            explanation = _WINDOW if name in RESERVED else _UNDECLARED
            yield explanation.found(f"The parameter {name!r} is not declared.", place)
        else:
            read.add(name)
    for name in sorted(names - read):
        yield _UNUSED.found(f"The parameter {name!r} is declared and never read.")
    for call in query.calls("BUILT_IN_PARAMETER"):
        if (_name_in(call) or "").upper() not in _BUILT_IN_NAMES:
            yield _BUILT_IN.found("There is no such built-in parameter.", query.place_of(call))


def check_declared(declared: Sequence[Parameter]) -> Iterator[Finding]:
    """Yield what is wrong with the declarations themselves."""
    seen: set[str] = set()
    for parameter in declared:
        if parameter.name in seen:
            yield _DUPLICATE.found(f"The parameter {parameter.name!r} is declared twice.")
        seen.add(parameter.name)
        if parameter.data_type is None:
            yield _UNKNOWN_TYPE.found(f"{parameter.name}: {parameter.declared_type} is no data type of AMC.")
        elif parameter.default is not None and (fault := parameter.data_type.fault(parameter.default)):
            yield _BAD_DEFAULT.found(f"The default of {parameter.name} must be {fault}.")


def _name_in(call: exp.Anonymous) -> str | None:
    argument = call.expressions[0] if len(call.expressions) == 1 else None
    return argument.name if isinstance(argument, exp.Literal) and argument.is_string else None
