"""The kind `amc.workflow` against the simulator over HTTP: one submission, whatever goes wrong."""

from __future__ import annotations

from datetime import timedelta

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import drive


async def test_a_workflow_runs_to_its_rows(amc, attempt, workflow):
    outcome = await drive(AmcWorkflow(), attempt)
    print(outcome, attempt.sink.rows[:2], attempt.saved)
    assert isinstance(outcome, Completed)
    assert amc.counts(workflow)["submissions"] == 1
