"""What a preview showed, as a short text by parts; it needs no storage and tells which part has changed.

A preview's digest is no secret and no permission: it only says "this and nothing else".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fanfold.batches.creation.errors import PreviewStale
from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.rows import frozen_target, policy_columns
from fanfold.sdk.errors import BadInput, Problem

PARTS = ("definition", "parameters", "targets", "policy")
_VERSION = "p1"
_BYTES = 12


class Digest:
    """Grows with the items of a batch, in their order."""

    def __init__(
        self, kind: str, definition: Mapping[str, Any], *, parameters: Mapping[str, Any], policy: Policy
    ) -> None:
        self._parts = {part: hashlib.blake2b(digest_size=_BYTES) for part in PARTS}
        self._base = parameters
        self._shared = _written(parameters)
        self._add("definition", _written([kind, definition]))
        self._add("policy", _written(_policy(policy)))

    def add(self, items: Iterable[Item]) -> None:
        """Take the next items in."""
        for item in items:
            own = item.overrides
            self._add("parameters", _written({**self._base, **own}) if own else self._shared)
            target = item.target
            said = [target.key, target.id, frozen_target(target), item.priority, item.skip_reason]
            self._add("targets", _written(said))

    def text(self) -> str:
        """Return it as a preview gives it."""
        parts = [base64.urlsafe_b64encode(part.digest()).decode() for part in self._parts.values()]
        return ".".join([_VERSION, *parts])

    def _add(self, part: str, written: bytes) -> None:
        # With its length, so that no two lists of pieces are the same bytes.
        self._parts[part].update(len(written).to_bytes(8))
        self._parts[part].update(written)


def digest_over(submission: Submission) -> Digest:
    """Return the digest of all of a submission but its items."""
    return Digest(
        submission.kind,
        submission.definition,
        parameters=submission.parameters,
        policy=submission.policy,
    )


def digest_of(submission: Submission) -> str:
    """Return the digest of all that a submission would do."""
    digest = digest_over(submission)
    digest.add(submission.items)
    return digest.text()


def refuse_stale(preview: str, now: str) -> None:
    """Raise `PreviewStale` naming the parts that differ from *now*; `BadInput` if it is no preview."""
    before, after = preview.split("."), now.split(".")
    if len(before) != len(after) or before[0] != _VERSION:
        raise BadInput([Problem("/preview", "This is no preview: send the one that a preview gave.")])
    changed = [part for part, old, new in zip(PARTS, before[1:], after[1:], strict=True) if old != new]
    if changed:
        raise PreviewStale(changed)


def _policy(policy: Policy) -> dict[str, Any]:
    rate = policy.rate
    columns = policy_columns(policy)
    return columns | {"rate": [rate.count, rate.per.total_seconds()] if rate else None}


def _written(value: Any) -> bytes:
    # The driver brings UUIDs of a type of its own.
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)
