"""The check of AMC SQL and the simulator, which was written without it, judge alike."""

from __future__ import annotations

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import drive
from tests.unit.amc_queries import SOUND

KIND = AmcWorkflow()
REFUSED = (
    "SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY campaign LIMIT 3",
    "SELECT * FROM dsp_clicks",
    "SELECT campaign || site AS c, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
    "SELECT COUNT(*) AS n FROM dsp_clicks a RIGHT JOIN dsp_impressions b ON a.user_id = b.user_id",
    "SELECT campaign, NTILE(4) OVER (ORDER BY SUM(clicks)) AS q FROM dsp_clicks GROUP BY campaign",
    "SELECT campaign, COUNT(*) OVER () AS n FROM dsp_clicks GROUP BY campaign",
    "SELECT GETDATE() AS d, COUNT(*) AS n FROM dsp_clicks",
    "SELECT COLLECT(CONCAT(campaign, site)) AS c FROM dsp_clicks GROUP BY campaign",
    "SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1 EXCEPT SELECT 'x' AS campaign, 1 AS n",
    "SELECT campaign FROM dsp_clicks",
    "SELECT user_id, COUNT(*) AS n FROM dsp_clicks GROUP BY user_id",
    "WITH u AS (SELECT user_id AS who FROM conversions) SELECT who, COUNT(*) AS n FROM u GROUP BY who",
    "SELECT COUNT(*) AS n FROM dsp_clicks WHERE user_id = 'abc'",
    "SELECT COUNT(*) AS n FROM dsp_clicks WHERE postal_code IN ('10001')",
    "SELECT CUSTOM_PARAMETER('nobody') AS p, COUNT(*) AS n FROM dsp_clicks GROUP BY 1",
    "SELECT COUNT(* FROM dsp_clicks",
)


def errors(sql):
    findings = KIND.inspect({"sql_query": sql, "parameters": []})
    return [finding.rule for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize("name", [name for name, sql in SOUND.items() if "my_uploaded" not in sql])
async def test_what_passes_the_check_runs(attempt, workflow, name):
    workflow["sql_query"] = SOUND[name]

    assert errors(SOUND[name]) == []
    assert isinstance(await drive(KIND, attempt), Completed)


@pytest.mark.parametrize("sql", REFUSED)
async def test_what_the_check_refuses_is_rejected(attempt, workflow, sql):
    workflow["sql_query"] = sql

    assert errors(sql)
    with pytest.raises(Permanent, match="rejected the query"):
        await drive(KIND, attempt)
