"""The kind `amc.workflow` keeps the rules of behaviour that strangers' kinds keep, against the simulator."""

from __future__ import annotations

from dataclasses import replace

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.context import Target
from fanfold.sdk.testing import RecordingSink, Rehearsal, run_faults


async def test_amc_workflow_behaves(amc, attempt, workflow):
    # How long it waits before it searches again for a submission whose answer was lost.
    workflow["poll_seconds"] = 0.001

    def fresh(**changes):
        return lambda: replace(attempt, saved=[], adopted=[], state=None, sink=RecordingSink(), **changes)

    config, secrets = amc.login()
    rehearsal = Rehearsal(
        attempt=fresh(),
        failing=[
            fresh(target=Target("bare", "Bare")),
            fresh(definition={"key": "nothing"}),
            fresh(target=amc.target(account_id="ENTITYOFOTHERS")),
        ],
        secrets=[*secrets.values(), config["client_id"]],
        remote_runs=lambda: amc.executions(workflow),
    )

    assert await run_faults(AmcWorkflow(), rehearsal) == []
