"""Turns a batch's detail and its timeline into answers, and says in words what happened and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanfold.batches import control_schemas as schemas
from fanfold.batches.details import BatchDetail, Stopped
from fanfold.batches.lifecycle import Reason
from fanfold.batches.policy import Policy
from fanfold.batches.policy_forms import BudgetForm, QuietHoursForm, RateForm, WavesForm
from fanfold.batches.presenting import job, status_word
from fanfold.batches.waiting import After
from fanfold.batches.waiting_schemas import WaitView
from fanfold.timeline.events import Step

_STOPPED: Mapping[Reason, str] = {
    Reason.STOP_ON_ERROR: "An operation failed, and this batch stops at the first failure.",
    Reason.BUDGET: "More operations failed than its failure budget or its wave bears.",
    Reason.TIMEOUT: "It took longer than its timeout.",
    Reason.CONDITION: "The batch that it waited for did not complete.",
}
_FIELDS: Mapping[str, str] = {
    "timeout_ms": "batch_timeout_seconds",
    "tolerated_count": "budget.count",
    "tolerated_percent": "budget.percent",
    "strict_budget": "budget.strict",
    "pause_mode": "pause.mode",
    "pause_reason": "pause.reason",
}
"""What a user calls that which a column holds, where the names differ."""

_HAPPENED: Mapping[str, str] = {
    "batch.started": "started it",
    "batch.paused": "paused it",
    "batch.resumed": "resumed it",
    "batch.changed": "changed it",
    "batch.cancelling": "cancelled it",
    "batch.stopped": "stopped it",
    "batch.wave_opened": "opened the next wave",
}


def job_detail(detail: BatchDetail) -> schemas.JobDetail:
    """Show a batch on its own page."""
    return schemas.JobDetail(
        **dict(job(detail.view)),
        policy=policy_view(detail.policy),
        pause=_pause(detail),
        stop_reason=_stop(detail.stopped),
        waves=_waves(detail),
        after=_after(detail.after),
        waiting_for=tuple(WaitView.of(wait) for wait in detail.waiting.waits),
        waiting_looked_at=detail.waiting.looked_at,
    )


def policy_view(policy: Policy) -> schemas.PolicyView:
    """Show how a batch runs."""
    timeout = policy.batch_timeout
    return schemas.PolicyView(
        max_parallel=policy.max_parallel,
        max_attempts=policy.max_attempts,
        backoff_seconds=policy.backoff_base.total_seconds(),
        attempt_timeout_seconds=policy.attempt_timeout.total_seconds(),
        operation_timeout_seconds=policy.operation_timeout.total_seconds(),
        batch_timeout_seconds=None if timeout is None else timeout.total_seconds(),
        priority=policy.priority,
        stop_on_error=policy.stop_on_error,
        budget=BudgetForm.of(policy.budget),
        rate=RateForm.of(policy.rate) if policy.rate else None,
        sequential=policy.sequential,
        waves=WavesForm.of(policy.waves) if policy.waves.sizes else None,
        lock=policy.lock,
        quiet_hours=[QuietHoursForm.of(period) for period in policy.quiet_hours],
    )


def timeline_entry(step: Step) -> schemas.TimelineEntry:
    """Show something that happened to a batch as a whole."""
    changes = list(_changes(step.changes))
    return schemas.TimelineEntry(
        id=step.id,
        name=step.name,
        at=step.at,
        actor=step.actor,
        text=_sentence(step, changes),
        changes=changes,
    )


def _pause(detail: BatchDetail) -> schemas.PauseView | None:
    pause = detail.pause
    if pause is None:
        return None
    return schemas.PauseView(
        mode=pause.mode,
        since=pause.since,
        reason=pause.reason,
        resume_at=pause.resume_at,
        by=detail.paused_by,
    )


def _stop(stopped: Stopped | None) -> schemas.StopView | None:
    if stopped is None:
        return None
    return schemas.StopView.model_validate(
        {"reason": stopped.reason.value, "at": stopped.at, "text": _STOPPED[stopped.reason]}
    )


def _waves(detail: BatchDetail) -> schemas.WavesView | None:
    waves = detail.policy.waves
    if not waves.sizes:
        return None
    return schemas.WavesView(current=detail.wave, sizes=list(waves.sizes), tolerated=waves.tolerated)


def _after(after: After | None) -> schemas.AfterView | None:
    if after is None:
        return None
    status = status_word(after.status) if after.status else None
    return schemas.AfterView(job_id=after.batch_id, status=status, until=after.until)


def _changes(columns: Mapping[str, Any]) -> Iterator[schemas.Change]:
    for name, (before, after) in sorted(columns.items()):
        values = [_seconds(value) if name == "timeout_ms" else value for value in (before, after)]
        yield schemas.Change(field=_FIELDS.get(name, name), before=values[0], after=values[1])


def _seconds(milliseconds: Any) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _sentence(step: Step, changes: list[schemas.Change]) -> str:
    happened = _HAPPENED.get(step.name)
    if happened is None:
        return f"It ended: {step.name.removeprefix('batch.')}."
    who = step.actor or "Fanfold"
    now = {change.field: change.after for change in changes}
    match step.name:
        case "batch.paused":
            return f"{who} {happened} ({now.get('pause.mode', 'drain')}){_because(now.get('pause.reason'))}."
        case "batch.cancelling":
            return f"{who} {happened}{_because(now.get('cancel_reason'))}."
        case "batch.stopped":
            return f"{who} {happened}: {_STOPPED[Reason(now['stop_reason'])]}"
        case "batch.changed":
            said = ", ".join(f"{change.field} from {change.before} to {change.after}" for change in changes)
            return f"{who} {happened}: {said or 'nothing that is shown'}."
        case _:
            return f"{who} {happened}."


def _because(reason: Any) -> str:
    return f": {reason}" if reason else ""
