"""A workflow is checked against the instances of its batch: their own tables, and AMC's dry run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kinds.amc_workflow.instance_check import check_on_instance
from fanfold.kinds.amc_workflow.sql.instance import inspect_names
from fanfold.sdk.kind import Trial
from tests.api.full_app import SiteKind, open_site
from tests.contract.conftest import QUERY, WINDOW

PAID = "SELECT COUNT(DISTINCT user_id) AS people FROM audience_segments_amer_inmarket"
TABLES = {"dsp_impressions": {"campaign", "impressions", "user_id"}, "dsp_clicks": {"clicks", "user_id"}}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (QUERY, []),
        ("SELECT SUM(impresions) AS i FROM dsp_impressions", [("unknown_column", 1, 12)]),
        ("SELECT SUM(clicks) AS c FROM sponsored_ads_traffic", [("unknown_table", 1, 30)]),
        ("SELECT SUM(x.clicks) AS c FROM DSP_CLICKS x", []),
        ("WITH a AS (SELECT user_id FROM dsp_clicks) SELECT COUNT(user_id) AS n FROM a", []),
        ("SELECT COUNT(1) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_views', 'P1D', 'P0D'))", ["unknown_table"]),
        ("SELECT FROM (", []),
    ],
    ids=["known", "column", "table", "letter case", "query of WITH", "extended window", "no SQL"],
)
def test_names_are_looked_up_among_the_tables_of_the_instance(sql, found):
    given = inspect_names(sql, TABLES)

    told = [(each.rule, each.line, each.column) for each in given]
    assert [each[0] for each in told] == [each if isinstance(each, str) else each[0] for each in found]
    assert all(each in told for each in found if not isinstance(each, str))
    assert {each.severity for each in given} <= {"error"}


def test_a_close_name_is_offered():
    (finding,) = inspect_names("SELECT SUM(impresions) AS i FROM dsp_impressions", TABLES)

    assert "impressions" in finding.fix


def trial_of(attempt, **changes):
    definition = {**attempt.definition, **changes}
    return Trial(definition, attempt.parameters, attempt.target, attempt.client, rehearse=True)


async def test_a_workflow_that_amc_would_run_has_no_finding_and_is_not_run(amc, attempt, workflow, pauses):
    assert await check_on_instance(trial_of(attempt), pause=pauses) == []


async def test_a_dry_run_tells_what_only_amc_knows_with_its_place(amc, attempt, pauses):
    wrong = "SELECT campaign, NO_SUCH_FUNCTION(impressions) AS i FROM dsp_impressions GROUP BY campaign"

    (finding,) = await check_on_instance(trial_of(attempt, sql_query=wrong), pause=pauses)

    assert (finding.rule, finding.severity) == ("dry_run", "error")
    assert "REJECTED" in finding.message


@dataclass
class Bench:
    """Ada with her instances."""

    http: httpx.AsyncClient
    ids: dict[str, str]

    async def check(self, sql: str, *names: str, **fields: Any) -> dict[str, Any]:
        batch = {"instance_ids": [self.ids[name] for name in names], "parameters": WINDOW}
        body = {"sql_query": sql, "batch": batch, **fields}
        answer = await self.http.post("/workflows/check/instances", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


class SiteWorkflow(AmcWorkflow, SiteKind):
    """The kind itself, where the site wants a scripted one."""

    name = "amc.workflow"
    parameters = AmcWorkflow.parameters
    inspect = AmcWorkflow.inspect

    def __init__(self) -> None:
        SiteKind.__init__(self)


@pytest_asyncio.fixture
async def bench(clean_url: str, amc) -> AsyncIterator[Bench]:
    async with open_site(clean_url, SiteWorkflow()) as site, site.client(site.ada) as http:
        config, secrets = amc.login()
        body = {"connector": "amc", "name": "login", "config": config, "secrets": secrets}
        connection = (await http.post("/connections", json=body)).json()["id"]
        brought = (await http.post(f"/connections/{connection}/import")).json()["instances"]
        assert brought
        items = (await http.get("/instances", params={"limit": 200})).json()["items"]
        yield Bench(http, {each["instance_id"]: each["id"] for each in items})


async def test_a_table_that_some_instances_lack_is_named_for_those_alone(bench, amc):
    names = [each["instanceId"] for each in amc.instances[:4]]

    report = await bench.check(PAID, *names)

    verdicts = {each["name"]: each["ok"] for each in report["instances"]}
    assert set(verdicts.values()) == {True, False}
    assert not report["ok"]
    rules = {found["rule"] for each in report["instances"] for found in each["findings"]}
    assert rules == {"unknown_table"}


async def test_a_dry_run_over_the_api_passes_a_good_query(bench, amc):
    report = await bench.check(QUERY, amc.instances[0]["instanceId"], dry_run=True)

    assert report["ok"], report
    assert report["instances"][0]["findings"] == []


async def test_a_batch_that_is_wrong_asks_no_instance(bench, amc):
    amc.fault("throttle", retry_after=60)
    report = await bench.check(
        "SELECT CUSTOM_PARAMETER('x') AS x FROM dsp_clicks", amc.instances[0]["instanceId"]
    )

    assert not report["ok"]
    assert report["problems"]
    assert report["instances"] == []


async def test_a_login_that_fails_is_a_finding_of_each_of_its_instances(bench, amc):
    config, secrets = amc.login()
    revoked = {"name": "login", "config": config, "secrets": {**secrets, "refresh_token": "Atzr|gone"}}
    (connection,) = (await bench.http.get("/connections")).json()["items"]
    await bench.http.put(f"/connections/{connection['id']}", json=revoked)

    report = await bench.check(QUERY, *(each["instanceId"] for each in amc.instances[:2]))

    rules = [[found["rule"] for found in each["findings"]] for each in report["instances"]]
    assert rules == [["instance_unreachable"]] * 2
    assert "Atzr" not in str(report)
