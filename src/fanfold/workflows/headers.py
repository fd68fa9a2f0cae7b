"""What a text that is only being checked declares: a whole workflow file has its parameters in its header."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from fanfold.workflows.files import WorkflowFileInvalid, read_workflow
from fanfold.workflows.model import Draft, Parameter


def declared_in(text: str) -> list[Parameter]:
    """Return the parameters that *text* declares if it is a workflow file, else none."""
    try:
        return list(plain(read_workflow(text.replace("\r\n", "\n"), name="text").draft).parameters)
    except WorkflowFileInvalid:
        return []


def plain(draft: Draft) -> Draft:
    """Return *draft* with dates as text: YAML reads 2026-01-31 as a date, JSON and AMC do not know any."""
    parameters = tuple(replace(each, default=_plain_value(each.default)) for each in draft.parameters)
    return replace(draft, parameters=parameters)


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain_value(each) for each in cast("list[Any]", value)]
    return value
