"""Says in words why operations wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fanfold.batches.lifecycle import PauseMode
from fanfold.batches.waiting import Around, Cause, Ground, Grounds, Queued, Standing
from fanfold.limits.bounds import Bounds
from fanfold.limits.model import BreakerState, KeyState
from fanfold.limits.naming import TARGET, title

ANOTHERS = "another user's batch"


@dataclass(frozen=True, slots=True)
class Wait:
    """One cause, and how many operations wait for it."""

    cause: Cause
    text: str
    count: int
    key: str | None = None
    in_use: int | None = None
    cap: int | None = None
    opens_at: datetime | None = None
    holder: str | None = None
    """The batch that has held the key longest, if it is the viewer's."""


@dataclass(frozen=True, slots=True)
class Words:
    """Speaks of one batch to its owner."""

    standing: Standing
    around: Around
    owner_id: UUID

    def waits(self, grounds: Grounds, only: Queued | None = None) -> tuple[Wait, ...]:
        """Return all causes, those of the whole batch first; with *only*, those of one operation."""
        said: list[Wait] = []
        for ground, kept in grounds.items():
            if only is not None:
                if kept is None or only in kept:
                    said.append(self._wait(ground, [only], count=1))
            else:
                count = self.standing.counts.pending if kept is None else len(kept)
                said.append(self._wait(ground, kept or [], count=count))
        return tuple(sorted(said, key=lambda wait: -wait.count))

    def _wait(self, ground: Ground, kept: Sequence[Queued], *, count: int) -> Wait:
        state = self.around.keys.get(ground.key) if ground.key else None
        return Wait(
            ground.cause,
            self._text(ground, kept, state),
            count,
            key=ground.key,
            in_use=self._in_use(ground, state),
            cap=self._cap(ground, state),
            opens_at=self._opens_at(ground, kept, state),
            holder=self._holder(ground),
        )

    def _text(self, ground: Ground, kept: Sequence[Queued], state: KeyState | None) -> str:
        if state is None:
            return _OF_BATCH[ground.cause](self, kept)
        name = self._name(state.key, kept)
        if ground.cause in _CLOSED:
            return _CLOSED[ground.cause](name, state)
        holder = self._named_holder(state.key)
        if ground.cause is Cause.LOCK:
            return f"{name} is locked by {holder}"
        units = max((queued.weights.get(state.key, 1) for queued in kept), default=1)
        needs = f", {units} needed" if units > 1 else ""
        return f"waiting for {name}: {_used(state)}{needs}, oldest holder {holder}"

    def _name(self, key: str, kept: Sequence[Queued]) -> str:
        owners = {queued.target_name for queued in kept if key in queued.weights}
        return title(key, target=owners.pop() if len(owners) == 1 else None)

    def _named_holder(self, key: str) -> str:
        holder = self.around.holders.get(key)
        if holder is None:
            return "unknown"
        return holder.batch_id if holder.user_id == self.owner_id else ANOTHERS

    def _holder(self, ground: Ground) -> str | None:
        if ground.cause is Cause.AFTER and self.standing.after is not None:
            return self.standing.after.batch_id
        holder = self.around.holders.get(ground.key) if ground.key else None
        return holder.batch_id if holder is not None and holder.user_id == self.owner_id else None

    def _in_use(self, ground: Ground, state: KeyState | None) -> int | None:
        if state is not None:
            return state.in_use
        return self.standing.counts.running if ground.cause is Cause.PARALLELISM else None

    def _cap(self, ground: Ground, state: KeyState | None) -> int | None:
        if state is not None:
            return state.cap
        return self.standing.lanes if ground.cause is Cause.PARALLELISM else None

    def _opens_at(self, ground: Ground, kept: Sequence[Queued], state: KeyState | None) -> datetime | None:
        if state is not None:
            return state.opens_at
        match ground.cause:
            case Cause.PAUSED:
                return self.standing.pause.resume_at if self.standing.pause else None
            case Cause.QUIET_HOURS:
                return self.standing.quiet_until
            case Cause.RETRY:
                return _first_due(kept)
            case _:
                return None


def _paused(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    pause = words.standing.pause
    if pause is None:
        return "paused"
    how = "frozen" if pause.mode is PauseMode.FREEZE else "paused"
    until = f" until {_time(pause.resume_at)}" if pause.resume_at else ""
    return f"{how}{until}" + (f": {pause.reason}" if pause.reason else "")


def _after(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    after = words.standing.after
    if after is None or after.batch_id is None:
        return "waiting for a batch that was deleted"
    return f"waiting for {after.batch_id} to be {after.until}: it is {after.status}"


def _wave(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    standing = words.standing
    size = standing.policy.waves.sizes[standing.wave - 1]
    return f"waiting for wave {standing.wave} to pass: its {size} operations run first"


def _worker(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    crew = words.around.crew
    if crew.workers == 0 and crew.others:
        return f"no worker has the kind {words.standing.kind} installed: {crew.others} alive without it"
    if crew.workers == 0:
        return "no worker is alive: start one with `fanfold worker`"
    return f"waiting for a worker: {crew.taken} of {crew.places} places are taken"


def _parallelism(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    running, lanes = words.standing.counts.running, words.standing.lanes
    return f"waiting for a slot of this batch: {running} of {lanes} in use"


def _budget(words: Words, kept: Sequence[Queued]) -> str:
    del kept
    standing = words.standing
    at_once = standing.counts.running + standing.room
    return f"the strict failure budget bears {standing.failures_left} more: only {at_once} may run at once"


_OF_BATCH: Mapping[Cause, Callable[[Words, Sequence[Queued]], str]] = {
    Cause.DRAFT: lambda _words, _kept: "waiting to be started",
    Cause.STOPPED: lambda words, _kept: (
        f"the batch has stopped ({words.standing.stopped}): what has not begun is being skipped"
    ),
    Cause.PAUSED: _paused,
    Cause.AFTER: _after,
    Cause.WAVE: _wave,
    Cause.SEQUENTIAL: lambda _words, _kept: "waiting for its turn: one operation after the other",
    Cause.PARALLELISM: _parallelism,
    Cause.BUDGET: _budget,
    Cause.RETRY: lambda _words, kept: f"waiting for the next try at {_time(_first_due(kept))}",
    Cause.QUIET_HOURS: lambda words, _kept: (
        f"quiet hours of this batch until {_time(words.standing.quiet_until)}"
    ),
    Cause.WORKER: _worker,
}
"""What a batch's own causes are called; the others are a key's."""


def _first_due(kept: Sequence[Queued]) -> datetime | None:
    return min((queued.due_at for queued in kept if queued.due_at), default=None)


def _throttled(name: str, state: KeyState) -> str:
    before = state.bounds.max_running
    instead = "" if before is None else f" instead of {before}"
    return f"{name} bears {state.cap}{instead} since it said too many: {_used(state)}"


def _breaker(name: str, state: KeyState) -> str:
    cause = state.causes[0] if state.causes else None
    # What failed on a key that users share may be another's work.
    told = "message" if state.key.startswith(TARGET) else "class"
    why = f" ({cause.error.get(told, cause.fingerprint)})" if cause else ""
    since = f" since {_time(state.opened_since)}" if state.opened_since else ""
    if state.breaker is BreakerState.OPEN:
        return f"{name} fails{since}{why}: it is left alone, one try at {_time(state.probe_at)}"
    return f"{name} fails{since}{why}: one operation tries it now"


_CLOSED: Mapping[Cause, Callable[[str, KeyState], str]] = {
    Cause.BLOCKED: lambda name, state: f"{name} asked for a pause until {_time(state.blocked_until)}",
    Cause.QUIET_HOURS: lambda name, state: f"quiet hours of {name} until {_time(state.quiet_until)}",
    Cause.BREAKER: _breaker,
    Cause.RATE: lambda name, state: (
        f"rate of {name}: {_rate(state.bounds)} are spent, the next at {_time(state.opens_at)}"
    ),
    Cause.THROTTLED: _throttled,
    Cause.USER_LIMIT: lambda _name, state: f"waiting for your own limit: {_used(state)}",
}
"""What closes a key whoever holds it."""


def _used(state: KeyState) -> str:
    return f"{state.in_use} of {state.cap} in use"


def _rate(bounds: Bounds) -> str:
    if bounds.rate is None:
        return "its starts"
    return f"{bounds.rate.count} per {bounds.rate.per.total_seconds():g} s"


def _time(moment: datetime | None) -> str:
    return "a time unknown" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
