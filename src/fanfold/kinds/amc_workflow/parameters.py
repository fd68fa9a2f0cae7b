"""Checks one target's merged parameters against what the workflow declares, naming every problem."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fanfold.kinds.amc_workflow import window
from fanfold.kinds.amc_workflow.definition import Parameter, QuerySource
from fanfold.kinds.amc_workflow.sql.lists import entries, lists_in_values
from fanfold.kit.pointers import pointer_to
from fanfold.sdk.errors import Problem

PEOPLE = "disableAggregationControls"
"""A sandbox shows its synthetic rows one by one with it (AMC developer guide, sandbox)."""
KNOWN = window.RESERVED | {PEOPLE}
"""What every workflow takes without declaring it."""
_READ_IN_QUERY = re.compile(r"CUSTOM_PARAMETER\s*\(\s*'((?:[^']|'')+)'\s*\)", re.IGNORECASE)


class WorkflowParameters(BaseModel):
    """The time window; whatever else comes along is for the workflow's own declared parameters."""

    model_config = ConfigDict(extra="allow")

    startDate: str | None = Field(default=None, description="First day, or first moment, of the window.")  # noqa: N815 -- the name in the API
    endDate: str | None = Field(default=None, description="Last day (included), or the moment where it ends.")  # noqa: N815 -- the name in the API
    timeZone: str | None = Field(default=None, description="Time zone of the two, such as Europe/Berlin.")  # noqa: N815 -- the name in the API
    timeWindowType: window.WindowType | None = Field(  # noqa: N815 -- the name in the API
        default=None, description="A relative window; MOST_RECENT_DAY when nothing is named."
    )
    disableAggregationControls: bool | None = Field(  # noqa: N815 -- the name in the API
        default=None, description="In a sandbox: show its synthetic rows without thresholds."
    )


def parameter_problems(
    declared: Sequence[Parameter],
    parameters: Mapping[str, Any],
    *,
    sql_query: str,
    source: QuerySource = QuerySource.INLINE,
) -> Sequence[Problem]:
    """Return everything that is wrong; pointers are relative to the parameters."""
    return [
        *window.window_problems(parameters),
        *_flag_problems(parameters),
        *_undeclared(declared, parameters),
        *_missing(declared, parameters, read=names_read(sql_query)),
        *_mistyped(declared, parameters),
        *_empty_lists(declared, parameters, sql_query=sql_query),
        *(() if source is QuerySource.INLINE else _lists_of_a_saved_query(sql_query)),
    ]


def values_to_send(declared: Sequence[Parameter], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the declared parameters that have a value of their own; AMC fills in the defaults."""
    given = ((parameter.name, parameters.get(parameter.name)) for parameter in declared)
    return {name: value for name, value in given if value is not None}


@lru_cache(maxsize=256)
def names_read(sql_query: str) -> frozenset[str]:
    """Return the parameters that the query reads; cached, since one query is checked for many targets."""
    return frozenset(name.replace("''", "'") for name in _READ_IN_QUERY.findall(sql_query))


def _flag_problems(parameters: Mapping[str, Any]) -> Iterator[Problem]:
    flag = parameters.get(PEOPLE)
    if flag is not None and not isinstance(flag, bool):
        yield Problem(f"/{PEOPLE}", f"{PEOPLE} must be true or false, not {_shown(flag)}.")


def _empty_lists(
    declared: Sequence[Parameter], parameters: Mapping[str, Any], *, sql_query: str
) -> Iterator[Problem]:
    filling = {name for name, _start, _end in lists_in_values(sql_query)}
    for parameter in declared:
        if parameter.name in filling and entries(parameter, parameters) == []:
            text = f"{parameter.name} fills a VALUES, which needs at least one row."
            yield Problem(pointer_to([parameter.name]), text)


def _lists_of_a_saved_query(sql_query: str) -> Iterator[Problem]:
    for name, _start, _end in lists_in_values(sql_query):
        text = (
            f"{name} fills a VALUES, so the query's text changes with it and cannot be saved: run it inline."
        )
        yield Problem(pointer_to([name]), text)


def _undeclared(declared: Sequence[Parameter], parameters: Mapping[str, Any]) -> Iterator[Problem]:
    names = {parameter.name for parameter in declared}
    for name in parameters:
        if name not in names and name not in KNOWN:
            known = ", ".join(sorted(names)) or "none"
            yield Problem(pointer_to([name]), f"The workflow declares no parameter {name!r}, only: {known}.")


def _missing(
    declared: Sequence[Parameter], parameters: Mapping[str, Any], *, read: frozenset[str]
) -> Iterator[Problem]:
    for parameter in declared:
        # Without value and default AMC fails at run time, whether the parameter is marked as required or not.
        needed = parameter.required or parameter.name in read
        if needed and parameter.default is None and parameters.get(parameter.name) is None:
            yield Problem(pointer_to([parameter.name]), f"{parameter.name} needs a value: it has no default.")


def _mistyped(declared: Sequence[Parameter], parameters: Mapping[str, Any]) -> Iterator[Problem]:
    for parameter in declared:
        value = parameters.get(parameter.name)
        if value is None or parameter.data_type is None:
            continue
        if (expectation := parameter.data_type.fault(value)) is not None:
            text = f"{parameter.name} ({parameter.data_type}) must be {expectation}, not {_shown(value)}."
            yield Problem(pointer_to([parameter.name]), text)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 -- enough to recognise it
