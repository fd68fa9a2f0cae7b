"""Templates, rules and windows are frozen at submit; whatever is wrong is named before anything runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from fanfold.batches.creation.errors import PreviewStale
from fanfold.connections.model import Draft as ConnectionDraft
from fanfold.kit.clock import ManualClock
from fanfold.sdk.errors import BadInput
from fanfold.targets.model import Details
from fanfold.workflows import submission
from fanfold.workflows.model import BatchRequest, Draft, Parameter
from fanfold.workflows.rules import Rule, When
from fanfold.workflows.windows import WindowsAsked
from tests.api.bare_app import Desk, open_desk

SQL = """\
SELECT campaign, SUM(impressions) AS impressions
FROM dsp_impressions
WHERE advertiser = CUSTOM_PARAMETER('advertiser') AND impressions >= CUSTOM_PARAMETER('least')
GROUP BY campaign"""
WORKFLOW = Draft(
    key="reach",
    name="Reach",
    sql_query=SQL,
    parameters=(Parameter("advertiser", "STRING", required=True), Parameter("least", "INTEGER", default=1)),
)
NOW = datetime(2026, 11, 22, 19, 45, tzinfo=UTC)
LAST_MONTH = {"startDate": "{{ last_full_month }}", "endDate": "{{ last_full_month }}"}
INSTANCES = (
    Details(
        "amc0", "Shoes US", "us-east-1", "E0", "M0", account_name="Acme", brands=("Shoes",), tags=("pilot",)
    ),
    Details("amc1", "Hats DE", "eu-west-1", "E1", "M1", brands=("Hats", "Caps"), tags=("pilot", "slow")),
    Details("amc2", "Sandbox", "us-east-1", "E2", "M2", sandbox=True),
)


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest_asyncio.fixture
async def desk(api_database, clock):
    async with open_desk(api_database, clock=clock) as desk:
        login = ConnectionDraft("c", {"host": "h"}, {"refresh_token": "t"})
        await desk.connections.create("amc", login, user_id=desk.ada.id)
        await desk.workflows.create(WORKFLOW, user_id=desk.ada.id)
        yield desk


@pytest_asyncio.fixture
async def ids(desk: Desk) -> list[str]:
    return [str((await desk.instances.create(each, user_id=desk.ada.id)).id) for each in INSTANCES]


def asking(ids, parameters, **fields) -> BatchRequest:
    return BatchRequest(ids, {"advertiser": "Acme", **parameters}, **fields)


async def built(desk: Desk, request: BatchRequest):
    return await desk.submissions.build("reach", request, user_id=desk.ada.id)


async def problems_of(desk: Desk, request: BatchRequest) -> dict[str, str]:
    with pytest.raises(BadInput) as caught:
        await built(desk, request)
    return {problem.pointer: problem.message for problem in caught.value.problems}


async def test_templates_are_frozen_as_they_stand_at_submit(desk, ids):
    made = await built(desk, asking(ids, LAST_MONTH))
    assert made.parameters == {"advertiser": "Acme", "startDate": "2026-10-01", "endDate": "2026-10-31"}
    assert [item.overrides for item in made.items] == [None, None, None]
    assert made.definition["asked"] == {"parameters": {"advertiser": "Acme", **LAST_MONTH}}


async def test_what_has_no_template_is_as_it_was(desk, ids):
    made = await built(desk, asking(ids, {"least": 3}))
    assert made.parameters == {"advertiser": "Acme", "least": 3}
    assert "asked" not in made.definition
    assert [item.target.key for item in made.items] == ids


async def test_an_instance_in_another_zone_has_another_day(desk, ids):
    late = {"startDate": "{{ yesterday }}", "endDate": "{{ yesterday }}", "timeZone": "America/New_York"}
    own = {ids[1]: {"timeZone": "Asia/Tokyo"}}
    made = await built(desk, asking(ids, late, instance_parameters=own))
    assert made.parameters["startDate"] == "2026-11-21"
    assert made.items[1].overrides == {
        "timeZone": "Asia/Tokyo",
        "startDate": "2026-11-22",
        "endDate": "2026-11-22",
    }


async def test_a_template_may_ask_for_the_instance(desk, ids):
    made = await built(desk, asking(ids, {"advertiser": "{{ instance.name }} in {{ instance.region }}"}))
    assert "advertiser" not in made.parameters
    assert [item.overrides for item in made.items] == [
        {"advertiser": "Shoes US in us-east-1"},
        {"advertiser": "Hats DE in eu-west-1"},
        {"advertiser": "Sandbox in us-east-1"},
    ]


async def test_a_preview_shows_what_is_frozen_and_binds_it(desk, ids, clock):
    request = asking(ids, {"startDate": "{{ today - 14d }}", "endDate": "{{ yesterday }}"})
    preview = await desk.submissions.preview("reach", request, user_id=desk.ada.id)
    assert preview.instances[0].parameters["startDate"] == "2026-11-08"
    bound = replace(request, preview=preview.digest)
    clock.advance(timedelta(hours=1))
    assert (await built(desk, bound)).parameters["endDate"] == "2026-11-21"
    clock.advance(timedelta(days=1))
    with pytest.raises(PreviewStale):
        await built(desk, bound)


async def test_rules_give_values_by_region_tag_brand_and_account(desk, ids):
    rules = [
        Rule(When({"region": ["EU-WEST-1"]}), {"least": 10}),
        Rule(
            When({"tag": ["pilot"], "brand": ["caps", "none"]}), {"advertiser": "Caps {{ last_full_month }}"}
        ),
        Rule(When({"account": ["acme"]}), {"least": 20}),
        Rule(When({"account": ["E0"]}), {"least": 30}),
        Rule(When(sandbox=True), {"disableAggregationControls": True}),
    ]
    own = {ids[1]: {"least": 99}}
    made = await built(desk, asking(ids, {}, rules=rules, instance_parameters=own))
    assert [item.overrides for item in made.items] == [
        {"least": 30},
        {"least": 99, "advertiser": "Caps 2026-10"},
        {"disableAggregationControls": True},
    ]
    assert made.definition["asked"]["rules"][0] == {"when": {"region": ["EU-WEST-1"]}, "set": {"least": 10}}


async def test_a_rule_leaves_instances_out_with_its_reason(desk, ids):
    rules = [
        Rule(When({"instance": ["hats de"]}), skip="no data there"),
        Rule(When({"tag": ["x"]}), {"least": 2}),
    ]
    request = asking(
        ids, {}, rules=rules, instance_parameters={ids[1]: {"least": "bad, but it does not run"}}
    )
    made = await built(desk, request)
    assert [item.skip_reason for item in made.items] == [None, "no data there", None]
    preview = await desk.submissions.preview("reach", request, user_id=desk.ada.id)
    assert preview.instances[1].skipped == "no data there"
    assert preview.operation_count == 2
    assert preview.notes == ["Rule 2 meets none of the instances."]
    assert await problems_of(desk, asking(ids, {}, rules=[Rule(When(), skip="all")])) == {
        "/rules": "The rules leave out every instance."
    }


async def test_a_backfill_is_a_grid_of_instances_and_weeks(desk, ids):
    request = asking(
        ids[:2], {}, windows=WindowsAsked("week", last=52), instance_parameters={ids[0]: {"least": 7}}
    )
    made = await built(desk, request)
    assert len(made.items) == 104
    first, second, last = made.items[0], made.items[1], made.items[-1]
    assert first.target.key == f"{ids[0]}|2025-W47"
    assert first.target.name == "Shoes US · 2025-W47"
    assert first.target.id == UUID(ids[0])
    assert first.overrides == {"least": 7, "startDate": "2025-11-17", "endDate": "2025-11-23"}
    assert second.target.key == f"{ids[1]}|2025-W47"
    assert last.overrides == {"startDate": "2026-11-09", "endDate": "2026-11-15"}
    assert made.name == "Reach \N{EN DASH} 2 instances \N{MULTIPLICATION SIGN} 2025-W47 to 2026-W46"
    assert len({item.target.key for item in made.items}) == 104


async def test_a_preview_shows_the_windows(desk, ids):
    preview = await desk.submissions.preview(
        "reach", asking(ids[:2], {}, windows=WindowsAsked("month", last=2)), user_id=desk.ada.id
    )
    assert [each.name for each in preview.windows] == ["2026-09", "2026-10"]
    assert preview.operation_count == 4


async def test_everything_that_is_wrong_is_named_where_it_stands(desk, ids):
    rules = [
        Rule(When({"region": ["eu-west-1"]}), {"least": "many", "advertiser": "{{ instance.colour }}"}),
        Rule(When({"brand": ["shoes"]}), {"endDate": "2026-01-01"}),
    ]
    found = await problems_of(
        desk,
        asking(
            ids,
            {"startDate": "{{ todya }}", "colour": 1, "disableAggregationControls": True},
            rules=rules,
            windows=WindowsAsked("week", start="x", end="2026-01-01"),
            instance_parameters={ids[2]: {"advertiser": "{{ nothing"}},
        ),
    )
    assert set(found) == {
        "/parameters/startDate",
        "/parameters/colour",
        "/parameters/disableAggregationControls",
        "/rules/0/set/least",
        "/rules/0/set/advertiser",
        "/rules/1/set/endDate",
        "/windows/from",
        f"/instance_parameters/{ids[2]}/advertiser",
    }
    assert "Shoes US, Hats DE" in found["/parameters/disableAggregationControls"]
    assert found["/rules/0/set/least"] == 'least (INTEGER) must be a whole number of 32 bits, not "many".'


async def test_a_grid_has_a_bound(desk, ids, monkeypatch):
    monkeypatch.setattr(submission, "MOST_CELLS", 5)
    assert await problems_of(desk, asking(ids, {}, windows=WindowsAsked("week", last=2))) == {
        "/windows": "3 instances with 2 windows each are 6 operations; one batch may have 5 of this sort."
    }


async def test_the_same_over_http(desk, ids):
    body = {
        "instance_ids": ids,
        "parameters": {"advertiser": "Acme"},
        "rules": [
            {"when": {"region": "eu-west-1"}, "set": {"least": 5}},
            {"when": {"sandbox": True}, "skip": "synthetic"},
        ],
        "windows": {"every": "week", "from": "2026-11-02", "to": "{{ last_full_week }}"},
    }
    async with desk.client(desk.ada) as client:
        answer = await client.post("/workflows/reach/preview", json=body)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert shown["total_operations"] == 4
        assert shown["windows"] == [
            {"name": "2026-W45", "start": "2026-11-02", "end": "2026-11-08"},
            {"name": "2026-W46", "start": "2026-11-09", "end": "2026-11-15"},
        ]
        assert shown["instances"][1]["parameters"] == {"advertiser": "Acme", "least": 5}
        assert shown["instances"][2]["skipped"] == "synthetic"
        for bad in (
            {"when": {}},
            {"when": {}, "set": {}, "skip": "x"},
            {"when": {"colour": "red"}, "set": {}},
        ):
            refused = await client.post("/workflows/reach/preview", json={**body, "rules": [bad]})
            assert refused.status_code in {400, 422}, refused.text
            assert refused.json()["errors"][0]["pointer"].startswith("/rules/0")


async def test_a_preview_warns_of_windows_that_surprise(desk, ids):
    async def warnings(parameters, **fields) -> list[str]:
        request = asking(ids[:1], parameters, **fields)
        preview = await desk.submissions.preview("reach", request, user_id=desk.ada.id)
        return list(preview.instances[0].warnings)

    assert await warnings(LAST_MONTH) == []
    assert await warnings({}) == ["No time window is named, so AMC reads its most recent day only."]
    recent = "The window ends within the last 48 hours, for which AMC's data may be incomplete."
    old = "The window starts more than 13 months ago; AMC has deleted most data older than that."
    assert await warnings({"startDate": "{{ today - 7d }}", "endDate": "{{ today }}"}) == [recent]
    assert await warnings({}, windows=WindowsAsked("day", start="{{ today - 2y }}", end="{{ today }}")) == [
        old,
        recent,
    ]


async def test_an_unsaved_query_is_checked_with_its_batch(desk, ids):
    file = f"""\
-- Reach.
/*
key: reach
name: Reach
parameters:
  advertiser: {{type: STRING, required: true}}
  least: {{type: INTEGER, default: 1}}
*/
{SQL}
"""
    async with desk.client(desk.ada) as client:
        plain = (await client.post("/workflows/check", json={"sql_query": file})).json()
        assert plain == {"ok": True, "findings": [], "problems": [], "instances": []}
        batch = {"instance_ids": ids, "parameters": {"advertiser": "A"}}
        good = (await client.post("/workflows/check", json={"sql_query": file, "batch": batch})).json()
        assert good["ok"] is True
        assert good["instances"][0]["warnings"] == [
            "No time window is named, so AMC reads its most recent day only."
        ]
        batch = {"instance_ids": [*ids, "x"], "parameters": {"least": "many"}}
        bad = (await client.post("/workflows/check", json={"sql_query": file, "batch": batch})).json()
        assert bad["ok"] is False
        assert {each["pointer"] for each in bad["problems"]} == {
            "/instance_ids/3",
            "/parameters/advertiser",
            "/parameters/least",
        }
        slip = file.replace("FROM dsp_impressions", "FROM dsp_impressionz")
        report = (await client.post("/workflows/check", json={"sql_query": slip})).json()
        assert [(each["rule"], each["line"], each["fix"]) for each in report["findings"]] == [
            ("unknown_table", 10, "Did you mean dsp_impressions?")
        ]
