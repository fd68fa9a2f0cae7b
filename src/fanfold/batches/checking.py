"""Checks what one target would run with: by the kind's model, and where that holds by the kind itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from fanfold.kit.pointers import pointer_to
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Kind


def parameter_problems(
    kind: Kind, definition: Mapping[str, Any], *, parameters: Mapping[str, Any]
) -> Sequence[Problem]:
    """Return what is wrong with merged *parameters*; pointers are relative to them."""
    return [*_model_problems(kind, parameters)] or [*kind.check(definition, parameters)]


def _model_problems(kind: Kind, parameters: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        kind.parameters.model_validate(parameters)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False, include_input=False):
            name = ".".join(map(str, found["loc"])) or "parameters"
            yield Problem(pointer_to(found["loc"]), f"{name}: {found['msg']}.")
