"""A list that fills a VALUES, run by the simulator: only what is listed comes back."""

from __future__ import annotations

from dataclasses import replace

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import drive

KIND = AmcWorkflow()
SQL = """\
WITH wanted (device_type) AS (VALUES (CUSTOM_PARAMETER('devices')))
SELECT w.device_type, COUNT(DISTINCT i.user_id) AS reach
FROM wanted w JOIN dsp_impressions i ON i.device_type = w.device_type
GROUP BY w.device_type"""


async def test_only_what_is_listed_comes_back(attempt):
    declared = [{"name": "devices", "data_type": "ARRAY<STRING>", "required": True}]
    definition = {**attempt.definition, "sql_query": SQL, "parameters": declared}
    assert [each for each in KIND.inspect(definition) if each.severity == "error"] == []
    devices = ["Phone", "TV", "no such 'thing'"]
    context = replace(attempt, definition=definition, parameters={**attempt.parameters, "devices": devices})

    outcome = await drive(KIND, context)

    assert isinstance(outcome, Completed), outcome
    assert {row["device_type"] for row in context.sink.rows} == {"Phone", "TV"}
