"""Checks a workflow on one instance before a batch runs: its tables as AMC lists them, then AMC's dry run.

A dry run is validated by AMC and neither computes nor counts against any quota.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from fanfold.kinds.amc_workflow.definition import definition_of
from fanfold.kinds.amc_workflow.remote import Address, AmcRemote, RemoteExecution, address_of
from fanfold.kinds.amc_workflow.sql.instance import inspect_names
from fanfold.kinds.amc_workflow.submission import new_mark, submission_of
from fanfold.sdk.kind import Finding, Trial

_LOOKS = 40
_LOOK_SECONDS = 1.5
# Calcite names a range of characters; where it begins is what helps.
_PLACE = re.compile(r"[Ff]rom line (\d+), column (\d+)|[Aa]t line (\d+), column (\d+)")
_PENDING = "AMC has not answered the dry run in time; it says nothing about the workflow."

Pause = Callable[[float], Awaitable[object]]


class RemoteTable(Protocol):
    """A table as an instance lists it."""

    @property
    def name(self) -> str:
        """Its name in queries."""
        ...

    @property
    def columns(self) -> Sequence[Any]:
        """Each with a `name`."""
        ...


class TryingRemote(AmcRemote, Protocol):
    """What a client of AMC offers to checks."""

    async def data_sources(self, address: Address) -> Sequence[RemoteTable]:
        """Return the instance's tables."""
        ...

    async def try_execution(self, address: Address, request: dict[str, Any]) -> RemoteExecution | None:
        """Submit a dry run; None when the answer was lost."""
        ...


async def check_on_instance(trial: Trial, *, pause: Pause = asyncio.sleep) -> Sequence[Finding]:
    """Return what speaks against running the workflow on this instance. Raises `Failure`."""
    remote: TryingRemote = trial.client
    address = address_of(trial.target)
    listed = await remote.data_sources(address)
    tables = {
        table.name.lower(): frozenset(str(column.get("name", "")).lower() for column in table.columns)
        for table in listed
    }
    sql = str(trial.definition.get("sql_query") or "")
    found = list(await asyncio.to_thread(inspect_names, sql, tables))
    if trial.rehearse and not found:
        found += await _rehearsed(trial, remote, address, pause=pause)
    return found


async def _rehearsed(
    trial: Trial, remote: TryingRemote, address: Address, *, pause: Pause
) -> Sequence[Finding]:
    definition = definition_of(trial.definition)
    submission = submission_of(definition, trial.parameters, address=address, mark=new_mark())
    execution = await remote.try_execution(address, {**submission.request, "dryRun": True})
    for _ in range(_LOOKS):
        if execution is None or execution.is_terminal:
            break
        await pause(_LOOK_SECONDS)
        execution = await remote.get_execution(address, execution.execution_id)
    if execution is None or not execution.is_terminal:
        return [Finding("dry_run", "warning", _PENDING)]
    return [] if execution.status == "SUCCEEDED" else [_refusal(execution)]


def _refusal(execution: RemoteExecution) -> Finding:
    reason = " ".join((execution.status_reason or "AMC gave no reason").split())
    found = _PLACE.search(reason)
    places = [int(each) for each in found.groups() if each] if found else [None, None]
    return Finding(
        rule="dry_run",
        severity="error",
        message=f"AMC's dry run ended {execution.status}: {reason}",
        line=places[0],
        column=places[1],
        explanation="AMC compiled the workflow on this instance and would refuse to run it.",
        fix="Correct what AMC names.",
    )
