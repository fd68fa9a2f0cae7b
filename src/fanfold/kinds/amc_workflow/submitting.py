"""Submits an execution exactly once: intent first, then the call, then its id; a lost answer is looked up.

AMC has no idempotency key, so a create is never simply repeated: AMC's list of executions is asked first.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from fanfold.kinds.amc_workflow.following import follow
from fanfold.kinds.amc_workflow.progress import Submitted, Submitting, sending, settling
from fanfold.kinds.amc_workflow.running_saved import ready_saved
from fanfold.kinds.amc_workflow.session import Session
from fanfold.kinds.amc_workflow.submission import new_mark
from fanfold.sdk.errors import Failure, TargetUnavailable, Throttled
from fanfold.sdk.outcome import Outcome, Snoozed

# Looked up so often without a find, a submission counts as never received: the list may lag behind.
_LOOKS = 2
_TRIES = 3
_CLOCK_SKEW = timedelta(minutes=2)


async def submit(session: Session, *, earlier: Submitting | None = None) -> Outcome:
    """Submit, or submit again after *earlier*, of which AMC knows nothing."""
    context = session.context
    await ready_saved(session)
    intent = await _declare(session, earlier)
    try:
        execution = await session.remote.create_execution(
            session.address,
            session.submission(intent.mark).request,
            send_until=intent.send_until or intent.since,
        )
    except Failure:
        await context.save(earlier.as_json() if earlier else {})
        raise
    if execution is None:
        lost = replace(intent, tries=intent.tries + 1, looks=0, misses=0, send_until=None)
        return Snoozed(settling(session.definition.poll_interval), lost.as_json())
    submitted = Submitted(execution.execution_id, asked=session.asked)
    await context.save(submitted.as_json(), remote_ref=execution.execution_id)
    return Snoozed(session.definition.poll_interval, submitted.as_json())


async def reconcile(session: Session, progress: Submitting) -> Outcome:
    """Find out what became of a submission whose answer is not known, and go on from there."""
    try:
        remote_id = await find(session, progress)
    except (TargetUnavailable, Throttled) as failure:
        return session.after_miss(replace(progress, misses=progress.misses + 1), failure)
    if remote_id is not None:
        submitted = Submitted(remote_id, asked=session.asked)
        await session.context.save(submitted.as_json())
        return await follow(session, submitted)
    looked = replace(progress, looks=progress.looks + 1, misses=0)
    pause = session.unsettled(progress)
    if looked.looks < _LOOKS or pause > settling(session.definition.poll_interval):
        return Snoozed(pause, looked.as_json())
    if looked.tries >= _TRIES:
        await session.context.save({})
        raise TargetUnavailable(
            f"AMC answered none of {looked.tries} submissions, and lists none of them.",
            hint="Amazon's side is at fault; it is tried again.",
        )
    return await submit(session, earlier=looked)


async def start_over(session: Session, progress: Submitted) -> Outcome:
    """Submit what is asked now; nobody will fetch the execution of the earlier input, so it is stopped."""
    with suppress(Failure):
        await session.remote.cancel_execution(session.address, progress.remote_id)
    return await submit(session)


async def seek(session: Session, progress: Submitting) -> str | None:
    """Look for the submission's execution as often as AMC's list may need to show it, and wait in between.

    For whoever will not come back later to look again.
    """
    for _ in range(_LOOKS):
        if (remote_id := await find(session, progress)) is not None:
            return remote_id
        await asyncio.sleep(session.unsettled(progress).total_seconds())
    return await find(session, progress)


async def find(session: Session, progress: Submitting) -> str | None:
    """Return the id of the submission's execution, taken for this operation; None when AMC has none."""
    submission = session.submission(progress.mark)
    executions = await session.remote.find_executions(
        session.address, workflow_id=submission.workflow_id, since=progress.since - _CLOCK_SKEW
    )
    for execution in executions:
        if submission.matches(execution) and await session.context.adopt(execution.execution_id):
            return execution.execution_id
    return None


async def _declare(session: Session, earlier: Submitting | None) -> Submitting:
    """Store the intent, and until when it may be sent.

    A worker that stands still and loses the operation meanwhile sends nothing when it goes on; the one that
    takes the operation over submits anew only when that time has passed.
    """
    now = session.context.clock.now()
    intent = earlier or Submitting(since=now, mark=new_mark())
    intent = replace(intent, send_until=now + sending(session.definition.poll_interval))
    await session.context.save(intent.as_json())
    return intent
