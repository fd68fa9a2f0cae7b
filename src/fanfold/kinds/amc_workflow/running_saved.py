"""Runs what is saved on the instance, and nothing else: looked at before an execution, and after it."""

from __future__ import annotations

from fanfold.kinds.amc_workflow.definition import QuerySource
from fanfold.kinds.amc_workflow.saved import as_saved, difference
from fanfold.kinds.amc_workflow.session import Session
from fanfold.sdk.errors import Permanent, Retryable


async def ready_saved(session: Session) -> None:
    """See to it that the saved workflow is what the batch froze, where it runs the saved one.

    Raises `Permanent` when it is not, and the batch does not save.
    """
    definition = session.definition
    if definition.query_source is QuerySource.INLINE:
        return
    ours = as_saved(definition)
    there = await session.remote.get_workflow(session.address, definition.saved_id)
    if there is not None and not difference(there, ours):
        return
    if definition.query_source is QuerySource.SAVED:
        what = "has no workflow" if there is None else "has another text or other parameters"
        command = f"fanfold workflow sync {definition.key} --all FILTER"
        raise Permanent(
            f"The instance {what} under {definition.saved_id}; version {definition.version} was to run.",
            hint=f"Save it there: {command}. Or run with `save_first`.",
        )
    await session.remote.save_workflow(session.address, ours)


async def refuse_other_query(session: Session, execution_id: str) -> str | None:
    """Raise `Retryable` when the saved workflow was changed between the look and the execution.

    The state goes, so that the next attempt looks again and submits anew. Returns a warning where AMC does
    not show what it ran.
    """
    definition = session.definition
    if definition.query_source is QuerySource.INLINE:
        return None
    ran = await session.remote.get_query(session.address, execution_id)
    if ran is None:
        return f"AMC does not show the text it ran; right before, {definition.saved_id} was in step."
    # AMC may have changed the white space.
    if ran.split() == str(as_saved(definition)["sqlQuery"]).split():
        return None
    await session.context.save({})
    raise Retryable(
        f"AMC ran another text than version {definition.version}: {definition.saved_id} changed meanwhile.",
        hint="Somebody else saves this workflow on the instance; its rows are not kept.",
    )
