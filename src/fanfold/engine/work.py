"""What passes between the loops: a claimed operation, what its batch froze, the verdict on its attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from fanfold.batches.lifecycle import AttemptState, OperationState, Reason
from fanfold.batches.rows import target_from
from fanfold.results.manifest import Manifest
from fanfold.sdk.context import Target


class Stop(StrEnum):
    """Why an attempt must stop before its work is done."""

    USER = "user"
    TIMEOUT = "timeout"
    """The batch's."""
    FREEZE = "freeze"
    """It goes on after the pause."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An operation that this worker holds, and the fence it must present."""

    operation_id: UUID
    execution_id: str
    batch_id: UUID
    attempt_id: int
    lease_token: int
    attempt_number: int
    target: Target
    overrides: Mapping[str, Any]
    state: Mapping[str, Any] | None
    operation_started_at: datetime
    attempt_started_at: datetime
    extended: timedelta = timedelta()
    """How long it was frozen: no timeout counts that."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a batch's attempts share."""

    batch_id: UUID
    user_id: UUID
    kind: str
    definition: Mapping[str, Any]
    parameters: Mapping[str, Any]
    backoff_base: timedelta
    attempt_timeout: timedelta
    operation_timeout: timedelta

    def deadline(self, claimed: Claimed) -> datetime:
        """Return when the attempt is ended by the nearer of its two timeouts."""
        nearer = min(
            claimed.attempt_started_at + self.attempt_timeout,
            claimed.operation_started_at + self.operation_timeout,
        )
        return nearer + claimed.extended


@dataclass(frozen=True, slots=True)
class Finished:
    """The work is done, or there was none."""

    claimed: Claimed
    state: OperationState
    summary: Mapping[str, Any]
    manifest: Manifest | None
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt ended without success."""

    claimed: Claimed
    attempt_state: AttemptState
    reason: Reason
    error: Mapping[str, Any]
    retry_after: timedelta | None = None
    """None: no other attempt."""
    counted: bool = True
    """Whether it counts against the attempts allowed."""
    forget: bool = False
    """Whether the kind's state is void."""
    blocked_key: str | None = None
    blocked_for: timedelta = timedelta()
    halved: bool = False
    """Whether the blocked key shall bear half of what it bore."""
    accuses: bool = False
    """Whether the failure counts against the target's breaker."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The attempt goes on later."""

    claimed: Claimed
    state: Mapping[str, Any] | None
    """None keeps what is stored."""
    after: timedelta


Verdict = Finished | Failed | Waiting


def claimed_from(row: Mapping[str, Any]) -> Claimed:
    """Read a row that `claim` or `wake` returned."""
    return Claimed(
        operation_id=row["id"],
        execution_id=row["execution_id"],
        batch_id=row["batch_id"],
        attempt_id=row["attempt_id"],
        lease_token=row["lease_token"],
        attempt_number=row["attempt_count"],
        target=target_from(row["item_key"], row["target"], target_id=row["target_id"]),
        overrides=row["overrides"] or {},
        state=row["state"],
        operation_started_at=row["started_at"],
        attempt_started_at=row["attempt_started_at"],
        extended=timedelta(milliseconds=row["extended_ms"]),
    )


def frozen_from(row: Mapping[str, Any]) -> Frozen:
    """Read a row of `batch_frozen`."""
    return Frozen(
        batch_id=row["id"],
        user_id=row["user_id"],
        kind=row["kind"],
        definition=row["definition"],
        parameters=row["base_parameters"],
        backoff_base=timedelta(milliseconds=row["backoff_base_ms"]),
        attempt_timeout=timedelta(milliseconds=row["attempt_timeout_ms"]),
        operation_timeout=timedelta(milliseconds=row["operation_timeout_ms"]),
    )
