"""The clock of every test stands at Monday, 2 November 2026, 12:00 UTC."""

import asyncio

import pytest

SQL = "SELECT COUNT(*) AS n FROM dsp_impressions"
DAILY = {
    "scheduleId": "every-day",
    "workflowId": "reach",
    "aggregationPeriod": "Daily",
    "aggregationHourUtc": 15,
    "scheduleEnabled": True,
}
HOUR = 3600


@pytest.fixture
async def scheduled(client):
    await client.call("POST", "/workflows", json={"workflowId": "reach", "sqlQuery": SQL})
    answer = await client.call("POST", "/schedules", json=DAILY)
    assert (answer.status_code, answer.json()) == (200, {})
    return client


async def _runs(client):
    await client.sign_in()
    answer = await client.call("GET", "/workflowExecutions?workflowId=reach&sortAscending=true")
    return answer.json()["executions"]


async def test_a_schedule_is_created_read_listed_replaced_and_deleted(scheduled):
    answer = await scheduled.call("GET", "/schedules/every-day")
    assert answer.headers["content-type"] == "application/vnd.amcschedules.v1+json"
    assert answer.json() == DAILY | {"requireSyntheticData": False, "disableAggregationControls": False}
    weekly = DAILY | {"aggregationPeriod": "Weekly"}
    assert (await scheduled.call("PUT", "/schedules/every-day", json=weekly)).json() == {}
    listed = (await scheduled.call("GET", "/schedules")).json()
    assert [schedule["aggregationStartDay"] for schedule in listed["schedules"]] == ["Monday"]
    assert "nextToken" not in listed
    assert (await scheduled.call("DELETE", "/schedules/every-day")).json() == {}
    for method in ("GET", "DELETE"):
        assert (await scheduled.call(method, "/schedules/every-day")).status_code == 404
    assert (await scheduled.call("PUT", "/schedules/every-day", json=DAILY)).status_code == 404


async def test_a_daily_run_comes_due_and_reads_the_day_before_its_hour(scheduled, clock):
    clock.advance(seconds=3 * HOUR - 1)
    assert await _runs(scheduled) == []
    clock.advance(seconds=1)
    (run,) = await _runs(scheduled)
    assert (run["status"], run["executionCategory"]) == ("PENDING", "SCHEDULED")
    assert run["createTime"] == "2026-11-02T15:00:00Z"
    assert (run["timeWindowStart"], run["timeWindowEnd"]) == ("2026-11-01T15:00:00Z", "2026-11-02T15:00:00Z")
    assert run["waitUntil"] == "2026-11-02T21:00:00Z"


async def test_a_run_waits_six_hours_and_its_file_is_named_by_day(scheduled, clock):
    clock.advance(seconds=3 * HOUR)
    (run,) = await _runs(scheduled)
    await scheduled.simulation.runner.settle()
    clock.advance(seconds=6 * HOUR - 1)
    await scheduled.sign_in()
    assert (await scheduled.status(run["workflowExecutionId"]))["status"] == "PENDING"
    clock.advance(seconds=1)
    done = await scheduled.finish(run["workflowExecutionId"])
    assert done["status"] == "SUCCEEDED"
    (link,) = await scheduled.links(run["workflowExecutionId"])
    assert link.endswith("/2026-11-02-reach-ver1.csv")


async def test_days_that_the_clock_jumps_over_each_have_their_run(scheduled, clock):
    clock.advance(seconds=3 * 24 * HOUR)
    assert [run["createTime"][:10] for run in await _runs(scheduled)] == [
        "2026-11-02",
        "2026-11-03",
        "2026-11-04",
    ]


async def test_a_weekly_run_reads_seven_days_up_to_its_day_and_hour(scheduled, clock):
    weekly = DAILY | {
        "scheduleId": "weekly",
        "aggregationPeriod": "Weekly",
        "aggregationStartDay": "Wednesday",
        "aggregationHourUtc": 6,
    }
    await scheduled.call("DELETE", "/schedules/every-day")
    await scheduled.call("POST", "/schedules", json=weekly)
    clock.advance(seconds=9 * 24 * HOUR)
    windows = [(run["timeWindowStart"], run["timeWindowEnd"]) for run in await _runs(scheduled)]
    assert windows == [
        ("2026-10-28T06:00:00Z", "2026-11-04T06:00:00Z"),
        ("2026-11-04T06:00:00Z", "2026-11-11T06:00:00Z"),
    ]


async def test_a_schedule_that_is_switched_off_passes_its_days_over(scheduled, clock):
    await scheduled.call("PUT", "/schedules/every-day", json=DAILY | {"scheduleEnabled": False})
    clock.advance(seconds=2 * 24 * HOUR)
    assert await _runs(scheduled) == []
    await scheduled.call("PUT", "/schedules/every-day", json=DAILY)
    clock.advance(seconds=24 * HOUR)
    assert [run["createTime"] for run in await _runs(scheduled)] == ["2026-11-04T15:00:00Z"]


async def test_a_workflow_with_a_schedule_cannot_be_deleted(scheduled):
    refused = await scheduled.call("DELETE", "/workflows/reach")
    assert (refused.status_code, "referenced by a schedule" in refused.json()["details"]) == (400, True)
    await scheduled.call("DELETE", "/schedules/every-day")
    assert (await scheduled.call("DELETE", "/workflows/reach")).status_code == 200


async def test_schedules_of_another_marketplace_are_not_found(scheduled):
    own = scheduled.instance["marketplaceId"]
    named = DAILY | {"scheduleId": "named", "marketplaceId": own}
    assert (await scheduled.call("POST", "/schedules", json=named)).status_code == 200
    other = await scheduled.call("GET", "/schedules?marketplaceId=A1VC38T7YXB528")
    assert [schedule["scheduleId"] for schedule in other.json()["schedules"]] == ["every-day"]
    assert (await scheduled.call("GET", f"/schedules/named?marketplaceId={own}")).status_code == 200
    assert (await scheduled.call("GET", "/schedules/named?marketplaceId=A1VC38T7YXB528")).status_code == 404
    strange = DAILY | {"scheduleId": "strange", "marketplaceId": "A1VC38T7YXB528"}
    assert (await scheduled.call("POST", "/schedules", json=strange)).status_code == 404


async def test_schedules_come_in_pages(scheduled):
    for number in range(4):
        await scheduled.call("POST", "/schedules", json=DAILY | {"scheduleId": f"s{number}"})
    first = (await scheduled.call("GET", "/schedules?limit=3")).json()
    second = (await scheduled.call("GET", f"/schedules?limit=3&nextToken={first['nextToken']}")).json()
    ids = [schedule["scheduleId"] for page in (first, second) for schedule in page["schedules"]]
    assert ids == ["every-day", "s0", "s1", "s2", "s3"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"scheduleId": None}, "scheduleId"),
        ({"scheduleId": "with space"}, "scheduleId"),
        ({}, "already exists"),
        ({"scheduleId": "a", "workflowId": "missing"}, "does not exist"),
        ({"scheduleId": "a", "aggregationPeriod": "Monthly"}, "aggregationPeriod"),
        ({"scheduleId": "a", "aggregationHourUtc": 24}, "aggregationHourUtc"),
        ({"scheduleId": "a", "aggregationStartDay": "Someday"}, "aggregationStartDay"),
    ],
)
async def test_a_wrong_schedule_is_refused(scheduled, changes, word):
    answer = await scheduled.call("POST", "/schedules", json=DAILY | changes)
    assert answer.status_code == 400
    assert word in answer.json()["details"]


async def test_a_body_must_carry_the_id_of_its_path(scheduled):
    answer = await scheduled.call("PUT", "/schedules/every-day", json=DAILY | {"scheduleId": "other"})
    assert answer.status_code == 400


async def test_a_schedule_comes_wrapped_when_asked_for(build_client):
    client = await build_client(wrapped_bodies=True)
    await client.call("POST", "/workflows", json={"workflowId": "reach", "sqlQuery": SQL})
    await client.call("POST", "/schedules", json=DAILY)
    assert set((await client.call("GET", "/schedules/every-day")).json()) == {"schedule"}


async def test_runs_come_due_while_nobody_looks(scheduled, clock):
    simulation = scheduled.simulation
    clock.advance(seconds=3 * HOUR)
    mover = asyncio.create_task(simulation.run())
    await asyncio.wait({mover}, timeout=0.01)
    mover.cancel()
    assert simulation.stats.as_json()["submissions"] == 1
