"""Why operations wait: everything that keeps a pending operation from being claimed now.

It judges what was read; the claim alone decides. Sentences are `waiting_words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState, Reason
from fanfold.batches.model import Counts, Pause
from fanfold.batches.policy import AfterStatus, Policy
from fanfold.limits.model import Holder, KeyState
from fanfold.limits.naming import GLOBAL, KIND, LOCK, USER


class Cause(StrEnum):
    """What an operation waits for."""

    DRAFT = "draft"
    STOPPED = "stopped"
    PAUSED = "paused"
    AFTER = "after"
    WAVE = "wave"
    SEQUENTIAL = "sequential"
    PARALLELISM = "parallelism"
    BUDGET = "budget"
    RETRY = "retry"
    QUIET_HOURS = "quiet_hours"
    KEY = "key"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    RATE = "rate"
    BREAKER = "breaker"
    LOCK = "lock"
    USER_LIMIT = "user_limit"
    KIND_LIMIT = "kind_limit"
    GLOBAL_LIMIT = "global_limit"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class After:
    """The batch that another waits for."""

    batch_id: str | None
    """None: it was deleted."""
    status: BatchState | None
    until: AfterStatus

    @property
    def is_met(self) -> bool:
        """Whether what is waited for has come."""
        if self.until is AfterStatus.FINISHED:
            return self.status in TERMINAL_BATCH_STATES
        return self.status is BatchState.COMPLETED


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a batch decides whether its operations may be claimed."""

    status: BatchState
    counts: Counts
    policy: Policy
    wave: int
    kind: str
    wide_keys: Sequence[str] = ()
    wave_end: int | None = None
    """The ordinal at which the open wave ends; None: no wave bounds."""
    failures_left: int | None = None
    """Failures that a strict budget still bears."""
    quiet_until: datetime | None = None
    pause: Pause | None = None
    stopped: Reason | None = None
    after: After | None = None

    @property
    def lanes(self) -> int:
        """Operations that may be at work at a time."""
        return 1 if self.policy.sequential else self.policy.max_parallel

    @property
    def room(self) -> int:
        """Operations that may begin now, as far as the batch itself goes."""
        free = self.lanes - self.counts.running
        if self.failures_left is not None:
            free = min(free, self.failures_left + 1 - self.counts.running)
        return max(0, free)


@dataclass(frozen=True, slots=True)
class Queued:
    """A pending operation."""

    id: UUID
    ordinal: int
    due_at: datetime | None
    weights: Mapping[str, int]
    """Units by key."""
    target_name: str


@dataclass(frozen=True, slots=True)
class Crew:
    """The workers that are alive and know the batch's kind."""

    workers: int
    places: int
    taken: int
    others: int = 0
    """Workers that are alive and do not know it."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a batch."""

    now: datetime
    crew: Crew
    keys: Mapping[str, KeyState] = field(default_factory=dict[str, KeyState])
    holders: Mapping[str, Holder] = field(default_factory=dict[str, Holder])


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that keeps operations from being claimed."""

    cause: Cause
    key: str | None = None


Grounds = dict[Ground, list[Queued] | None]
"""Whom each keeps; None: all of the batch."""


def grounds_of(standing: Standing, queued: Sequence[Queued], *, around: Around) -> Grounds:
    """Return what keeps which of *queued*, which stand in the order in which they are claimed."""
    grounds: Grounds = dict.fromkeys(_of_all(standing, around))
    free: list[Queued] = []
    for place, operation in enumerate(queued):
        found = [
            ground
            for ground in _of_one(standing, operation, place=place, around=around)
            if ground not in grounds or grounds[ground] is not None
        ]
        for ground in found:
            _add(grounds, ground, operation)
        if not found:
            free.append(operation)
    if None not in grounds.values():
        _add_those_without_room(grounds, standing, free=free, crew=around.crew)
    return grounds


def key_cause(state: KeyState, weight: int, *, now: datetime) -> Cause | None:
    """Return why a key has no room for an operation of that weight; None: it has."""
    if state.room is None or state.room >= weight:
        return None
    if state.blocked_until is not None:
        return Cause.BLOCKED
    if state.quiet_until is not None:
        return Cause.QUIET_HOURS
    if state.probe_at is not None and (state.probe_at > now or 1 - state.in_use < weight):
        return Cause.BREAKER
    if state.rate_room is not None and state.rate_room < weight:
        return Cause.RATE
    return _full(state)


def _full(state: KeyState) -> Cause:
    if state.key.startswith(LOCK):
        return Cause.LOCK
    if state.is_adapted:
        return Cause.THROTTLED
    if state.key.startswith(USER):
        return Cause.USER_LIMIT
    if state.key.startswith(KIND):
        return Cause.KIND_LIMIT
    return Cause.GLOBAL_LIMIT if state.key == GLOBAL else Cause.KEY


def _of_all(standing: Standing, around: Around) -> Iterator[Ground]:
    if standing.status is BatchState.PENDING:
        yield Ground(Cause.DRAFT)
    if standing.stopped is not None:
        yield Ground(Cause.STOPPED)
    if standing.pause is not None:
        yield Ground(Cause.PAUSED)
    if standing.after is not None and not standing.after.is_met:
        yield Ground(Cause.AFTER)
    if standing.quiet_until is not None:
        yield Ground(Cause.QUIET_HOURS)
    yield from _of_slots(standing, around)


def _of_slots(standing: Standing, around: Around) -> Iterator[Ground]:
    if standing.counts.running >= standing.lanes:
        yield Ground(Cause.SEQUENTIAL if standing.policy.sequential else Cause.PARALLELISM)
    elif standing.room == 0:
        yield Ground(Cause.BUDGET)
    for key in standing.wide_keys:
        state = around.keys.get(key)
        cause = None if state is None else key_cause(state, 1, now=around.now)
        if cause is not None:
            yield Ground(cause, key)
    if around.crew.workers == 0:
        yield Ground(Cause.WORKER)


def _of_one(standing: Standing, operation: Queued, *, place: int, around: Around) -> Iterator[Ground]:
    if operation.due_at is not None and operation.due_at > around.now:
        yield Ground(Cause.RETRY)
    if standing.wave_end is not None and operation.ordinal >= standing.wave_end:
        yield Ground(Cause.WAVE)
    if standing.policy.sequential and place > 0:
        yield Ground(Cause.SEQUENTIAL)
    for key, weight in operation.weights.items():
        state = around.keys.get(key)
        cause = None if state is None else key_cause(state, weight, now=around.now)
        if cause is not None:
            yield Ground(cause, key)


def _add_those_without_room(
    grounds: Grounds, standing: Standing, *, free: Sequence[Queued], crew: Crew
) -> None:
    strict = standing.room < standing.lanes - standing.counts.running
    for operation in free[standing.room :]:
        _add(grounds, Ground(Cause.BUDGET if strict else Cause.PARALLELISM), operation)
    if crew.taken >= crew.places:
        for operation in free[: standing.room]:
            _add(grounds, Ground(Cause.WORKER), operation)


def _add(grounds: Grounds, ground: Ground, operation: Queued) -> None:
    kept = grounds.setdefault(ground, [])
    if kept is not None:
        kept.append(operation)
