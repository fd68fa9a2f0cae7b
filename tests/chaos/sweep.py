"""Walks through a history and counts what was at work at every moment, by batch and by limit key."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.chaos.history import History, Row

_CLAIMED = "operation.claimed"
_RELEASED = frozenset(
    f"operation.{word}" for word in ("retried", "completed", "failed", "skipped", "cancelled")
)


@dataclass(frozen=True, slots=True)
class Cap:
    """From the event *since* on (its id), *subject* (a key, or a batch's uuid) bears at most *most*.

    The rows show the last cap only, so a test that changes one while operations run tells all of them, the
    first one too. A cap that was lowered binds the claims that follow; what runs already goes on.
    """

    subject: str
    since: int
    most: int


@dataclass(frozen=True, slots=True)
class Excess:
    """A moment at which more was at work than was allowed."""

    subject: str
    at: object
    held: int
    most: int

    def __str__(self) -> str:
        return f"{self.held} of {self.most} at {self.at}"


def units(operation: Row) -> dict[str, int]:
    """Return what an operation takes of each of its keys; one unit where no weight is given."""
    keys: Sequence[str] = operation["limit_keys"]
    weights = operation.get("limit_weights") or [1] * len(keys)
    taken: Counter[str] = Counter()
    for key, weight in zip(keys, weights, strict=True):
        taken[key] += 1 if weight is None else weight
    return dict(taken)


def exceeded(history: History, caps: Sequence[Cap] = ()) -> Iterator[Excess]:
    """Yield every claim after which a batch or a key held more than its cap.

    An operation holds its units from its claim to the end of its running phase, snoozes included.
    """
    shares = {operation["id"]: _shares(operation) for operation in history.operations}
    book = _Caps(history, caps)
    held: Counter[str] = Counter()
    at_work: set[UUID] = set()
    for event in history.events:
        moved = [one for one in event["operation_ids"] if one in shares]
        if event["name"] == _CLAIMED:
            taken = [one for one in moved if one not in at_work]
            at_work.update(taken)
            touched = _move(held, (shares[one] for one in taken), sign=1)
            for subject in sorted(touched):
                most = book.at(subject, event["id"])
                if most is not None and held[subject] > most:
                    yield Excess(subject, f"event {event['id']}", held[subject], most)
        elif event["name"] in _RELEASED:
            released = [one for one in moved if one in at_work]
            at_work.difference_update(released)
            _move(held, (shares[one] for one in released), sign=-1)


def rates_exceeded(history: History) -> Iterator[Excess]:
    """Yield every half-open window of a key's rate in which more units were started than it allows."""
    shares = {operation["id"]: units(operation) for operation in history.operations}
    starts: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for attempt in history.attempts:
        for key, weight in shares.get(attempt["operation_id"], {}).items():
            starts[key].append((attempt["started_at"], weight))
    for limit in history.limits:
        if limit.get("rate_count") is not None:
            window = timedelta(milliseconds=limit["rate_ms"])
            yield from _windows(
                limit["key"], sorted(starts[limit["key"]]), most=limit["rate_count"], window=window
            )


def _windows(
    key: str, starts: Sequence[tuple[datetime, int]], *, most: int, window: timedelta
) -> Iterator[Excess]:
    """Slide a window so that it ends with each start in turn; it does not hold its own far edge."""
    first, held = 0, 0
    for at, weight in starts:
        held += weight
        while starts[first][0] <= at - window:
            held -= starts[first][1]
            first += 1
        if held > most:
            yield Excess(key, at, held, most)


def _shares(operation: Row) -> dict[str, int]:
    return {str(operation["batch_id"]): 1, **units(operation)}


def _move(held: Counter[str], shares: Iterator[Mapping[str, int]] | Any, *, sign: int) -> set[str]:
    touched: set[str] = set()
    for share in shares:
        for subject, count in share.items():
            held[subject] += sign * count
            touched.add(subject)
    return touched


class _Caps:
    """Which cap was in force when."""

    def __init__(self, history: History, told: Sequence[Cap]) -> None:
        self._fixed: dict[str, int | None] = {limit["key"]: limit["max_running"] for limit in history.limits}
        self._fixed |= {str(batch["id"]): _parallel(batch) for batch in history.batches}
        self._told: defaultdict[str, list[Cap]] = defaultdict(list)
        for cap in sorted(told, key=lambda cap: cap.since):
            self._told[cap.subject].append(cap)

    def at(self, subject: str, event_id: int) -> int | None:
        """Return the cap in force at an event; None: there is none."""
        if subject not in self._told:
            return self._fixed.get(subject)
        return next((cap.most for cap in reversed(self._told[subject]) if cap.since < event_id), None)


def _parallel(batch: Row) -> int:
    return 1 if batch.get("ordering") == "sequential" else batch["max_parallel"]
