"""The function `echo`, to try the kind with: it comes with Fanfold and does no harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fanfold.sdk.context import Target


def echo(target: Target, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what it was given."""
    return {"target": target.key, "parameters": dict(parameters)}
