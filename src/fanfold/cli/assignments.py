"""What is given as NAME=VALUE on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fanfold.client.errors import BadInput
from fanfold.client.models import Workflow


def filters(given: Sequence[str]) -> dict[str, str]:
    """Read `region=us-east-1`, `tag=x` … or `all`, which narrows nothing. Raises `BadInput`."""
    known = ("region", "tag", "brand", "account", "sandbox", "q")
    found: dict[str, str] = {}
    for text in given:
        name, _, value = text.partition("=")
        if text == "all":
            continue
        if name not in known or not value:
            raise BadInput(400, f"{text}: give one of {', '.join(known)} as NAME=VALUE, or `all`.")
        found[name] = value
    return found


def parameters(given: Sequence[str], workflow: Workflow | None) -> dict[str, Any]:
    """Read `NAME=VALUE`; a value is JSON unless the workflow declares a text. Raises `BadInput`."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadInput(400, f"{text!r} is not NAME=VALUE.")
        found[name] = _typed(name, value, workflow=workflow)
    return found


def overrides(given: Sequence[str], workflow: Workflow | None) -> Mapping[str, Mapping[str, Any]]:
    """Read `TARGET:NAME=VALUE`. Raises `BadInput`."""
    found: dict[str, dict[str, Any]] = {}
    for text in given:
        instance, colon, assignment = text.partition(":")
        if not colon:
            raise BadInput(400, f"{text!r} is not TARGET:NAME=VALUE.")
        found.setdefault(instance, {}).update(parameters([assignment], workflow))
    return found


def _typed(name: str, value: str, *, workflow: Workflow | None) -> Any:
    declared = {
        parameter.name: parameter.data_type for parameter in (workflow.parameters if workflow else ())
    }
    if declared.get(name, "") in {"STRING", "DATE", "TIMESTAMP"}:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
