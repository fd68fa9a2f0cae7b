"""The sample workflows pass every check and return rows, on the simulator, over HTTP."""

from __future__ import annotations

import httpx
import pytest

from amcsim.config import SimulatorConfig
from amcsim.testing import running_simulator
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import drive
from fanfold.workflows.samples import samples
from tests.contract.conftest import Amc

KIND = AmcWorkflow()
BY_KEY = {draft.key: draft for draft in samples()}
AD_PRODUCTS = {"sponsored_products", "sponsored_brands", "sponsored_display", "dsp"}
AUTUMN = {"startDate": "2026-06-01", "endDate": "2026-10-31"}


@pytest.fixture(scope="module")
def shared_amc():
    """As much data as the demo has: with less, most rows have too few users to be shown."""
    config = SimulatorConfig(speed=1000, compute_threads=1, instances=1)
    with running_simulator(config) as running, httpx.Client(base_url=running.url) as http:
        yield Amc(running.url, http)


@pytest.fixture
def run(attempt, workflow):
    async def run(key, **parameters):
        draft = BY_KEY[key]
        workflow["sql_query"] = draft.sql_query
        workflow["parameters"] = [parameter.as_json() for parameter in draft.parameters]
        attempt.parameters = AUTUMN | parameters
        outcome = await drive(KIND, attempt)
        assert isinstance(outcome, Completed)
        return attempt.sink.rows

    return run


@pytest.mark.parametrize("key", BY_KEY)
def test_a_sample_passes_inspection_without_a_word(key):
    draft = BY_KEY[key]
    declared = [parameter.as_json() for parameter in draft.parameters]
    assert list(KIND.inspect({"sql_query": draft.sql_query, "parameters": declared})) == []


@pytest.mark.parametrize("key", BY_KEY)
def test_a_sample_runs_without_any_parameter_given(key):
    draft = BY_KEY[key]
    definition = {
        "sql_query": draft.sql_query,
        "parameters": [parameter.as_json() for parameter in draft.parameters],
    }
    assert list(KIND.check(definition, {})) == []


async def test_reach_and_frequency_adds_up(run):
    rows = await run("campaign-reach-frequency", frequency_cap=2)
    assert list(rows[0]) == ["campaign", "frequency", "reach", "impressions"]
    assert {row["frequency"] for row in rows} == {1, 2}
    for row in rows:
        exactly = row["impressions"] == row["reach"] * row["frequency"]
        assert exactly if row["frequency"] == 1 else row["impressions"] >= row["reach"] * 2


async def test_daily_performance_knows_only_the_ad_products_that_were_asked_for(run):
    rows = await run("daily-performance", ad_products=["dsp", "sponsored_products"])
    assert list(rows[0]) == [
        "activity_date",
        "ad_product",
        "impressions",
        "clicks",
        "cost",
        "purchases",
        "sales",
    ]
    assert {row["ad_product"] for row in rows} == {"dsp", "sponsored_products"}
    assert len({(row["activity_date"], row["ad_product"]) for row in rows}) == len(rows)
    assert sum(row["cost"] for row in rows) > 0
    assert all(row["clicks"] <= row["impressions"] for row in rows if row["impressions"])


async def test_daily_performance_reports_every_ad_product_by_default(run):
    rows = await run("daily-performance")
    assert {row["ad_product"] for row in rows} <= AD_PRODUCTS
    assert len({row["ad_product"] for row in rows}) >= 3


async def test_time_to_purchase_leaves_out_what_came_later(run):
    rows = await run("time-to-purchase", longest_days=7)
    assert list(rows[0]) == [
        "ad_product",
        "time_to_purchase",
        "buyers",
        "purchases",
        "new_to_brand_purchases",
        "sales",
    ]
    assert {row["ad_product"] for row in rows} <= AD_PRODUCTS
    assert "2 | within three days" in {row["time_to_purchase"] for row in rows}
    assert "4 | later" not in {row["time_to_purchase"] for row in rows}
    for row in rows:
        assert row["purchases"] >= row["buyers"] > 1
        assert row["purchases"] >= row["new_to_brand_purchases"] >= 0
