"""Checks what a user typed against what a connector asks for; values never appear in messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fanfold.kit.pointers import pointer_to
from fanfold.sdk.errors import Problem

Form = TypeVar("Form", bound=BaseModel)


def fill(form: type[Form], given: Mapping[str, Any], *, part: str) -> Form | list[Problem]:
    """Return *given* as the connector's *form*, or all that is wrong with it, under the pointer `/<part>`."""
    try:
        return form.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [_problem(part, entry["loc"], message=entry["msg"]) for entry in found]


def _problem(part: str, steps: tuple[int | str, ...], *, message: str) -> Problem:
    return Problem(pointer_to([part, *steps]), f"{'.'.join([part, *map(str, steps)])}: {message}")
