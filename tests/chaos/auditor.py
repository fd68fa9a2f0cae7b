"""Proves from a database's rows that the engine kept its promises, or names what broke which.

Promises are numbered as users are told them: 2 nothing lost, nothing at work twice; 3 no limit exceeded;
4 counters equal the rows; 5 a result set is whole. What is at work is counted in the order of the events,
because a clock's moment is taken before the statement that it dates waits for its turn.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fanfold.batches.lifecycle import OPERATION_TRANSITIONS, TERMINAL_BATCH_STATES, OperationState
from tests.chaos.history import History, Row, read_history
from tests.chaos.sweep import Cap, exceeded, rates_exceeded, units

__all__ = ["Cap", "Finding", "audit", "audit_database"]

_STATES = [state.value for state in OperationState]
_ENDS = frozenset(state.value for state in OperationState) - {"pending", "running"}
_MOVES = frozenset((before.value, after.value) for (before, _), after in OPERATION_TRANSITIONS.items())
_TOLD = {
    "operation.claimed": "running",
    "operation.retried": "pending",
    **{f"operation.{state}": state for state in _ENDS},
}
"""The state that an event tells."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise that was not kept."""

    promise: int
    rule: str
    about: str
    detail: str

    def __str__(self) -> str:
        return f"promise {self.promise}, {self.rule}: {self.about}: {self.detail}"


async def audit_database(
    url: str, *, caps: Sequence[Cap] = (), moment: datetime | None = None
) -> list[Finding]:
    """Audit the database at *url*; an empty list is the proof."""
    return audit(await read_history(url, moment=moment), caps=caps)


def audit(history: History, *, caps: Sequence[Cap] = ()) -> list[Finding]:
    """Return every finding. *caps* tells of caps that were changed while operations ran."""
    return [
        *_lost(history),
        *_at_work_twice(history),
        *_held_by_nobody(history),
        *_exceeded(history, caps),
        *_miscounted(history),
        *_usage_astray(history),
        *_results_astray(history),
        *_untold(history),
    ]


def _lost(history: History) -> Iterator[Finding]:
    """Every operation of a batch that has ended has ended."""
    ended = {batch["id"] for batch in history.batches if batch["status"] in TERMINAL_BATCH_STATES}
    for operation in history.operations:
        if operation["batch_id"] in ended and operation["status"] not in _ENDS:
            yield Finding(2, "lost", _name(operation), f"{operation['status']} in a batch that has ended")
    for batch in history.batches:
        if (batch["id"] in ended) != (batch["finished_at"] is not None):
            detail = f"{batch['status']}, finished at {batch['finished_at']}"
            yield Finding(2, "end", batch["batch_id"], detail)


def _at_work_twice(history: History) -> Iterator[Finding]:
    """The attempts at one operation follow each other."""
    names = {operation["id"]: _name(operation) for operation in history.operations}
    for operation_id, attempts in _by_operation(history.attempts).items():
        for earlier, later in itertools.pairwise(attempts):
            if (earlier["finished_at"] or history.read_at) > later["started_at"]:
                detail = f"attempt {later['number']} began before attempt {earlier['number']} ended"
                yield Finding(2, "twice at work", names[operation_id], detail)
        numbers = [attempt["number"] for attempt in attempts]
        if numbers != list(range(1, len(numbers) + 1)):
            yield Finding(2, "attempts", names[operation_id], f"numbered {numbers}")


def _held_by_nobody(history: History) -> Iterator[Finding]:
    """What runs has its one live attempt, at work or snoozing; what does not run has none."""
    attempts = _by_operation(history.attempts)
    for operation in history.operations:
        own = attempts.get(operation["id"], [])
        live = [attempt for attempt in own if attempt["state"] in {"running", "snoozed"}]
        if operation["attempt_count"] != len(own):
            detail = f"{operation['attempt_count']} attempts counted, {len(own)} kept"
            yield Finding(2, "attempts", _name(operation), detail)
        if operation["status"] != "running":
            if live:
                yield Finding(2, "live attempt", _name(operation), f"{operation['status']}, yet at work")
            continue
        expected = "running" if operation["due_at"] is None else "snoozed"
        if [(attempt["id"], attempt["state"]) for attempt in live] != [(operation["attempt_id"], expected)]:
            shown = [(attempt["number"], attempt["state"]) for attempt in live]
            yield Finding(2, "held by nobody", _name(operation), f"{expected} with live attempts {shown}")


def _exceeded(history: History, caps: Sequence[Cap]) -> Iterator[Finding]:
    for excess in exceeded(history, caps):
        yield Finding(3, "over the cap", excess.subject, str(excess))
    for excess in rates_exceeded(history):
        yield Finding(3, "over the rate", excess.subject, str(excess))


def _miscounted(history: History) -> Iterator[Finding]:
    """A batch's counters sum to its total and equal its rows."""
    states: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    rows: Counter[UUID] = Counter()
    for operation in history.operations:
        states[operation["batch_id"]][operation["status"]] += 1
        rows[operation["batch_id"]] += operation["row_count"] or 0
    for batch in history.batches:
        counted = {state: batch[f"{state}_count"] for state in _STATES}
        found = {state: states[batch["id"]][state] for state in _STATES}
        if counted != found:
            yield Finding(4, "counters", batch["batch_id"], f"counted {counted}, found {found}")
        if batch["total_count"] != sum(counted.values()):
            yield Finding(
                4, "total", batch["batch_id"], f"{batch['total_count']} is not the sum of {counted}"
            )
        if batch["row_count"] != rows[batch["id"]]:
            yield Finding(4, "rows", batch["batch_id"], f"{batch['row_count']}, found {rows[batch['id']]}")


def _usage_astray(history: History) -> Iterator[Finding]:
    """What a limit's key is said to hold is what the running operations hold."""
    held: Counter[str] = Counter()
    for operation in history.operations:
        if operation["status"] == "running":
            held.update(units(operation))
    said = Counter({usage["key"]: usage["running_count"] for usage in history.usage})
    for key in sorted({*held, *said}):
        if held[key] != said[key]:
            yield Finding(4, "usage", key, f"said {said[key]}, held {held[key]}")


def _results_astray(history: History) -> Iterator[Finding]:
    """A result set is whole and belongs to an operation that completed."""
    operations = {operation["id"]: operation for operation in history.operations}
    with_results = {result["operation_id"] for result in history.result_sets}
    for result in history.result_sets:
        operation = operations.get(result["operation_id"])
        name = _name(operation) if operation else str(result["operation_id"])
        if operation is None or operation["status"] != "completed":
            yield Finding(5, "result", name, "a result set of an operation that did not complete")
        elif operation["row_count"] != result["row_count"] or operation["batch_id"] != result["batch_id"]:
            detail = f"{result['row_count']} rows recorded, {operation['row_count']} counted"
            yield Finding(5, "result", name, detail)
        for column, of_part in (("row_count", "rows"), ("byte_count", "bytes")):
            total = sum(part[of_part] for part in result["parts"])
            if total != result[column]:
                yield Finding(5, "result", name, f"{column} {result[column]}, its parts have {total}")
    for operation in history.operations:
        if operation["row_count"] is not None and operation["id"] not in with_results:
            yield Finding(5, "result", _name(operation), "rows are counted and none are recorded")


def _untold(history: History) -> Iterator[Finding]:
    """The timeline tells every move, each of them legal, and the end of every batch."""
    told = dict.fromkeys((operation["id"] for operation in history.operations), "pending")
    names = {operation["id"]: _name(operation) for operation in history.operations}
    claims: Counter[UUID] = Counter()
    for event in history.events:
        state = _TOLD.get(event["name"])
        for operation_id in event["operation_ids"] if state else ():
            before = told.get(operation_id, "unknown")
            if (before, state) not in _MOVES or before == state:
                detail = f"{event['name']} (event {event['id']}) while {before}"
                yield Finding(2, "move", names.get(operation_id, str(operation_id)), detail)
            told[operation_id] = state
            claims[operation_id] += state == "running"
    for operation in history.operations:
        born_skipped = operation["status"] == "skipped" and not operation["attempt_count"]
        if told[operation["id"]] != operation["status"] and not born_skipped:
            detail = f"{operation['status']}, and the timeline ends with {told[operation['id']]}"
            yield Finding(4, "timeline", _name(operation), detail)
        if claims[operation["id"]] != operation["attempt_count"]:
            detail = f"{operation['attempt_count']} attempts, {claims[operation['id']]} claims told"
            yield Finding(4, "timeline", _name(operation), detail)
    yield from _untold_ends(history)


def _untold_ends(history: History) -> Iterator[Finding]:
    last = {event["batch_id"]: event["name"] for event in history.events if _tells_an_end(event)}
    for batch in history.batches:
        if batch["finished_at"] is not None and last.get(batch["id"]) != f"batch.{batch['status']}":
            detail = f"{batch['status']}, and the timeline ends with {last.get(batch['id'])}"
            yield Finding(4, "timeline", batch["batch_id"], detail)


def _tells_an_end(event: Row) -> bool:
    return event["name"].removeprefix("batch.") in TERMINAL_BATCH_STATES


def _by_operation(attempts: Sequence[Row]) -> Mapping[UUID, list[Row]]:
    grouped: defaultdict[UUID, list[Row]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda row: row["number"]):
        grouped[attempt["operation_id"]].append(attempt)
    return grouped


def _name(operation: Row) -> str:
    return f"{operation['execution_id']} ({operation['item_key']})"
