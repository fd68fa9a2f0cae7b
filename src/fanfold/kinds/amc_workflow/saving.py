"""The kind `amc.workflow.sync`: saves a workflow on an instance, or compares it with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from fanfold.kinds.amc_workflow.definition import definition_of, parameters_of
from fanfold.kinds.amc_workflow.remote import SavingRemote, address_of
from fanfold.kinds.amc_workflow.saved import as_saved, difference
from fanfold.kinds.amc_workflow.sql.inspection import inspect_query
from fanfold.sdk.context import Context, Target
from fanfold.sdk.kind import Finding, Kind, Limit
from fanfold.sdk.outcome import Completed, Outcome

State = Literal["in_step", "differs", "missing", "created", "updated"]


class SavingParameters(BaseModel):
    """What to do."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["save", "compare"] = Field(
        default="save", description="Save what differs, or only tell how it differs."
    )


class AmcWorkflowSync(Kind):
    """Saves a workflow on the target instance under a stable id; what is in step is left alone."""

    name: ClassVar[str] = "amc.workflow.sync"
    title: ClassVar[str] = "AMC workflow, saved"
    description: ClassVar[str] = (
        "One workflow saved on every selected instance, or compared with what is there."
    )
    parameters: ClassVar[type[BaseModel]] = SavingParameters

    async def run(self, context: Context) -> Outcome:
        """Look, and save unless it is in step; AMC's answer to a save says nothing, so ours is the record."""
        asked = SavingParameters.model_validate(dict(context.parameters))
        definition, address = definition_of(context.definition), address_of(context.target)
        remote: SavingRemote = await context.connect()
        ours = as_saved(definition)
        there = await remote.get_workflow(address, definition.saved_id)
        changed = "" if there is None else difference(there, ours)
        state: State = "missing" if there is None else "differs" if changed else "in_step"
        if asked.action == "save" and state != "in_step":
            await remote.save_workflow(address, ours)
            state = "created" if there is None else "updated"
        summary = {"state": state, "saved_id": definition.saved_id, "version": definition.version}
        return Completed({**summary, "difference": changed} if changed else summary)

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        """Check the query as before a run: AMC would refuse to run what it saved."""
        return inspect_query(str(definition.get("sql_query") or ""), parameters_of(definition))

    def limits(self, target: Target) -> Sequence[Limit]:
        """Return one at a time for an instance: two that save would undo each other."""
        instance = target.attributes.get("instance_id")
        return [Limit(f"amc.saved:{instance}", 1)] if instance else []
