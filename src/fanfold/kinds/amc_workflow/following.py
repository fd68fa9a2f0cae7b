"""Follows an execution that AMC has: looks, waits, fetches its rows, or says why it failed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from fanfold.kinds.amc_workflow.emptiness import why_empty
from fanfold.kinds.amc_workflow.progress import Submitted
from fanfold.kinds.amc_workflow.remote import RemoteExecution
from fanfold.kinds.amc_workflow.result import Result, write_result
from fanfold.kinds.amc_workflow.running_saved import refuse_other_query
from fanfold.kinds.amc_workflow.session import Session
from fanfold.kinds.amc_workflow.window import WindowType, window_of, window_warnings
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.outcome import Completed, Outcome, Snoozed

_DEFAULT_WINDOW = "No time window was given: AMC took its most recent day."

_HINTS = {
    "too many workflows": "AMC protects against differencing: wait, or choose another time window.",
    "not found": "Check the name; an instance without DSP or without a paid dataset lacks their tables.",
    "at line": "Correct the SQL at the line and column that AMC names.",
    "from line": "Correct the SQL at the line and column that AMC names.",
    "synthetic": "A sandbox instance runs on synthetic data only: mark the instance as a sandbox.",
}


async def follow(session: Session, progress: Submitted) -> Outcome:
    """Look at the execution once; end the operation when the execution has ended."""
    with tempfile.TemporaryDirectory(prefix="fanfold-amc-") as folder:
        try:
            execution = await session.remote.get_execution(session.address, progress.remote_id)
            if execution is None:
                # Without the state, the next attempt submits anew.
                await session.context.save({})
                raise Retryable(
                    "AMC no longer knows the execution that it had accepted.", hint="It is submitted again."
                )
            doubt, files = await _fetch(session, execution, folder=Path(folder))
        except (TargetUnavailable, Throttled) as failure:
            return session.after_miss(progress.missed(), failure)
        if not execution.is_terminal:
            polled = progress.polled()
            return Snoozed(polled.pace(session.definition.poll_interval), polled.as_json())
        if execution.status != "SUCCEEDED":
            # Without the state, a later attempt submits anew instead of looking at this end again.
            await session.context.save({})
            raise _failure_of(execution)
        return await _complete(session, execution, files=files, doubt=doubt)


async def _fetch(
    session: Session, execution: RemoteExecution, *, folder: Path
) -> tuple[str | None, Sequence[Path]]:
    """Return what is doubtful about the query that ran, and the files of its result."""
    if execution.status != "SUCCEEDED":
        return None, ()
    doubt = await refuse_other_query(session, execution.execution_id)
    try:
        files = await session.remote.download(session.address, execution.execution_id, folder=folder)
    except OSError as error:
        raise Retryable(
            f"The result could not be stored on the worker ({error.strerror or error}).",
            hint="Check the space in the worker's folder for temporary files.",
        ) from error
    return doubt, files


async def _complete(
    session: Session, execution: RemoteExecution, *, files: Sequence[Path], doubt: str | None
) -> Completed:
    result = await write_result(files, execution.output_columns, sink=session.context.sink)
    return Completed(
        {
            "rows": result.rows,
            "execution_id": execution.execution_id,
            "workflow_id": session.definition.remote_id,
            "execution_seconds": execution.execution_seconds,
            "files": len(files),
            "warnings": [*([doubt] if doubt else []), *_warnings(session, execution, result=result)],
        }
    )


def _warnings(session: Session, execution: RemoteExecution, *, result: Result) -> list[str]:
    window = window_of(session.context.parameters)
    empty = why_empty(
        window,
        parameters=session.context.parameters,
        columns=[str(column.get("name")) for column in execution.output_columns],
        sandbox=session.address.sandbox,
        now=session.context.clock.now(),
    )
    defaulted = window.type is WindowType.MOST_RECENT_DAY and not session.context.parameters.get(
        "timeWindowType"
    )
    return [
        *([empty] if result.rows == 0 else []),
        *([_DEFAULT_WINDOW] if defaulted else []),
        *window_warnings(window, now=session.context.clock.now()),
        *result.warnings,
    ]


def _failure_of(execution: RemoteExecution) -> Failure:
    reason = " ".join((execution.status_reason or "AMC gave no reason").split())
    if execution.status == "FAILED":
        return Retryable(f"The execution failed at AMC: {reason}", hint=_hint(reason))
    if execution.status == "REJECTED":
        return Permanent(f"AMC rejected the query: {reason}", hint=_hint(reason))
    return Permanent(
        f"The execution was cancelled at AMC: {reason}", hint="Retry the operation to run it again."
    )


def _hint(reason: str) -> str:
    lowered = reason.lower()
    return next((hint for words, hint in _HINTS.items() if words in lowered), "AMC's words name the cause.")
