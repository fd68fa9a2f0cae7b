"""The kind `amc.result.fetch`: downloads an execution's result again. It never submits anything."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from fanfold.kinds.amc_workflow.remote import Address, AmcRemote, RemoteExecution, address_of
from fanfold.kinds.amc_workflow.result import write_result
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Cause, Permanent, Retryable
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome

_RUN_ANEW = "Only a new run of the query brings these rows: submit the workflow for this instance again."
# AMC's words for a result that it does not have; their status is not published.
_UNAVAILABLE = "unavailable for download"


class FetchParameters(BaseModel):
    """Whose result."""

    model_config = ConfigDict(extra="forbid")

    execution_id: str = Field(default="", description="AMC's id of an execution that succeeded.")


class AmcResultFetch(Kind):
    """Downloads the result of an execution that AMC still keeps; the query does not run again."""

    name: ClassVar[str] = "amc.result.fetch"
    title: ClassVar[str] = "AMC result, fetched again"
    description: ClassVar[str] = "Rows of earlier executions, downloaded again without running the query."
    parameters: ClassVar[type[BaseModel]] = FetchParameters

    async def run(self, context: Context) -> Outcome:
        """Look whether AMC still has it, and download it whole."""
        asked = FetchParameters.model_validate(dict(context.parameters))
        if not asked.execution_id:
            raise Permanent("No execution is named, so there is nothing to fetch.")
        address = address_of(context.target)
        remote: AmcRemote = await context.connect()
        execution = await _kept(remote, address, execution_id=asked.execution_id)
        with tempfile.TemporaryDirectory(prefix="fanfold-amc-") as folder:
            files = await _files(remote, address, execution=execution, folder=Path(folder))
            result = await write_result(files, execution.output_columns, sink=context.sink)
        summary = {"rows": result.rows, "execution_id": execution.execution_id, "files": len(files)}
        return Completed({**summary, "warnings": list(result.warnings)})


async def _kept(remote: AmcRemote, address: Address, *, execution_id: str) -> RemoteExecution:
    execution = await remote.get_execution(address, execution_id)
    if execution is None:
        raise Permanent(f"AMC no longer keeps the execution {execution_id}.", hint=_RUN_ANEW)
    if execution.status != "SUCCEEDED":
        raise Permanent(
            f"AMC shows the execution {execution_id} as {execution.status}, so it has no result.",
            hint=_RUN_ANEW,
        )
    return execution


async def _files(
    remote: AmcRemote, address: Address, *, execution: RemoteExecution, folder: Path
) -> Sequence[Path]:
    try:
        files = await remote.download(address, execution.execution_id, folder=folder)
    except Permanent as refused:
        if refused.cause is not Cause.REFUSED and _UNAVAILABLE not in refused.message:
            raise
        raise Permanent(
            f"AMC no longer keeps the result of the execution {execution.execution_id}: {refused.message}",
            hint=_RUN_ANEW,
        ) from refused
    except OSError as error:
        raise Retryable(
            f"The result could not be stored on the worker ({error.strerror or error}).",
            hint="Check the space in the worker's folder for temporary files.",
        ) from error
    if not files:
        raise Permanent(f"AMC names no file for the execution {execution.execution_id}.", hint=_RUN_ANEW)
    return files
