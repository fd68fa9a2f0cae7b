"""The kind itself: routes each call to the step that its stored state names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel

from fanfold.kinds.amc_workflow.definition import parameters_of, source_of
from fanfold.kinds.amc_workflow.following import follow
from fanfold.kinds.amc_workflow.instance_check import check_on_instance
from fanfold.kinds.amc_workflow.parameters import WorkflowParameters, parameter_problems
from fanfold.kinds.amc_workflow.progress import Submitted, Submitting, progress_of
from fanfold.kinds.amc_workflow.session import session_of
from fanfold.kinds.amc_workflow.sql.inspection import inspect_query
from fanfold.kinds.amc_workflow.submitting import reconcile, seek, start_over, submit
from fanfold.kinds.amc_workflow.window import START, TYPE, window_of, window_warnings
from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding, Kind, Limit, Trial
from fanfold.sdk.outcome import Outcome

# AMC developer guide, FAQ: executions that run at the same time through the API.
_RUNNING_PER_INSTANCE = 10
_RUNNING_PER_ACCOUNT = 200


class AmcWorkflow(Kind):
    """Runs a parameterised AMC SQL workflow on the target instance and keeps its rows."""

    name: ClassVar[str] = "amc.workflow"
    title: ClassVar[str] = "AMC workflow"
    description: ClassVar[str] = "One parameterised AMC query, run on every selected instance."
    parameters: ClassVar[type[BaseModel]] = WorkflowParameters
    state_knows_input: ClassVar[bool] = True

    async def run(self, context: Context) -> Outcome:
        """Take the next step: submit, find a submission again, or follow the execution."""
        session = await session_of(context)
        match progress_of(context.state):
            case None:
                return await submit(session)
            case Submitting() as progress:
                return await reconcile(session, progress)
            case Submitted() as progress if progress.asked not in {None, session.asked}:
                return await start_over(session, progress)
            case Submitted() as progress:
                return await follow(session, progress)

    async def cancel(self, context: Context) -> None:
        """Stop the execution at AMC, also one whose id never arrived here."""
        progress = progress_of(context.state)
        if progress is None:
            return
        session = await session_of(context)
        remote_id = await seek(session, progress) if isinstance(progress, Submitting) else progress.remote_id
        if remote_id is not None:
            await session.remote.cancel_execution(session.address, remote_id)

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        """Check the query without AMC: syntax, what AMC refuses, parameters, what may not be shown."""
        return inspect_query(str(definition.get("sql_query") or ""), parameters_of(definition))

    async def inspect_on(self, trial: Trial) -> Sequence[Finding]:
        """Check the query against the instance's own tables, and by AMC's dry run where that is wanted."""
        return await check_on_instance(trial)

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        """Check one instance's merged parameters, the time window's four included."""
        sql_query = str(definition.get("sql_query") or "")
        return parameter_problems(
            parameters_of(definition), parameters, sql_query=sql_query, source=source_of(definition)
        )

    def advise(
        self, definition: Mapping[str, Any], parameters: Mapping[str, Any], *, now: datetime
    ) -> Sequence[str]:
        """Warn of a window that nobody named, that is too recent to be complete, or older than AMC's data."""
        del definition
        window = window_of(parameters)
        if not any(parameters.get(name) for name in (START, TYPE)):
            return ["No time window is named, so AMC reads its most recent day only."]
        return window_warnings(window, now=now)

    def limits(self, target: Target) -> Sequence[Limit]:
        """Return AMC's own caps."""
        caps = (("instance", _RUNNING_PER_INSTANCE), ("account", _RUNNING_PER_ACCOUNT))
        keys = ((f"amc.{noun}", target.attributes.get(f"{noun}_id"), cap) for noun, cap in caps)
        return [Limit(f"{prefix}:{identifier}", cap) for prefix, identifier, cap in keys if identifier]
