"""Looks into a successful answer. A pure function, so that big answers are read in another process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from fanfold.kinds.http.answers import json_of
from fanfold.kinds.http.definition import HttpDefinition
from fanfold.kinds.http.jsonpaths import path_of
from fanfold.kinds.http.rows import batches_of

_LONGEST_VALUE = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer holds."""

    as_wanted: bool = True
    """The body is as the success rule asks."""
    summary: Mapping[str, Any] = field(default_factory=dict[str, Any])
    batches: list[pa.RecordBatch] | None = None


def reading_of(body: bytes, definition: HttpDefinition) -> Reading:
    """Return what *body* holds. Raises `Permanent` when it cannot be read."""
    document = json_of(body)
    wanted = definition.success.body
    if wanted is not None and not wanted.holds(document):
        return Reading(as_wanted=False)
    summary = {name: _shown(path_of(path).first(document)) for name, path in definition.summary.items()}
    batches = batches_of(document, definition.result) if definition.result else None
    return Reading(summary=summary, batches=batches)


def _shown(value: Any) -> Any:
    """Return *value*, or its beginning: a summary is shown in lists."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
