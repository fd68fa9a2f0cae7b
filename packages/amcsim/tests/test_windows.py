"""Which moments a request means, and what becomes of windows whose data are not there."""

from datetime import UTC, datetime

import pytest

from amcsim.executions.window import WindowRules, WindowType, resolve_window
from amcsim.options import ApiOptions

MONDAY_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def _edges(window_type, *, now=MONDAY_NOON, timezone="UTC", start=None, end=None, **rules):
    window = resolve_window(
        WindowType(window_type), start=start, end=end, timezone=timezone, now=now, rules=WindowRules(**rules)
    )
    return f"{window.start:%Y-%m-%dT%H:%M}", f"{window.end:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("window_type", "timezone", "edges"),
    [
        ("ALL", "UTC", ("2025-10-02T00:00", "2026-11-02T12:00")),
        ("MOST_RECENT_DAY", "UTC", ("2026-11-01T00:00", "2026-11-02T00:00")),
        ("MOST_RECENT_DAY", "Asia/Tokyo", ("2026-10-31T15:00", "2026-11-01T15:00")),
        ("MOST_RECENT_WEEK", "UTC", ("2026-10-26T00:00", "2026-11-02T00:00")),
        ("CURRENT_MONTH", "UTC", ("2026-11-01T00:00", "2026-11-02T12:00")),
        ("CURRENT_MONTH", "America/New_York", ("2026-11-01T04:00", "2026-11-02T12:00")),
        ("PREVIOUS_MONTH", "UTC", ("2026-10-01T00:00", "2026-11-01T00:00")),
        # summer time ends on 25 October in Europe and on 1 November in America
        ("PREVIOUS_MONTH", "Europe/Berlin", ("2026-09-30T22:00", "2026-10-31T23:00")),
        ("MOST_RECENT_WEEK", "America/New_York", ("2026-10-26T04:00", "2026-11-02T05:00")),
    ],
)
def test_relative_windows_end_at_the_midnights_of_their_zone(window_type, timezone, edges):
    assert _edges(window_type, timezone=timezone) == edges


def test_the_day_on_which_the_clocks_change_has_25_hours():
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert _edges("MOST_RECENT_DAY", now=now, timezone="America/New_York") == (
        "2026-11-01T04:00",
        "2026-11-02T05:00",
    )


def test_a_week_of_the_calendar_begins_on_monday():
    now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    assert _edges("MOST_RECENT_WEEK", now=now, recent_week="calendar") == (
        "2026-10-26T00:00",
        "2026-11-02T00:00",
    )


@pytest.mark.parametrize(
    ("rounding", "edges"),
    [
        ("none", ("2026-10-01T10:20", "2026-10-02T10:40")),
        ("hour", ("2026-10-01T10:00", "2026-10-02T11:00")),
        ("day", ("2026-10-01T00:00", "2026-10-03T00:00")),
    ],
)
def test_edges_are_widened_when_told(rounding, edges):
    explicit = {"start": "2026-10-01T10:20:00", "end": "2026-10-02T10:40:00"}
    assert _edges("EXPLICIT", rounding=rounding, **explicit) == edges


def test_whole_edges_are_left_alone():
    explicit = {"start": "2026-10-01T00:00:00", "end": "2026-10-02T00:00:00"}
    assert _edges("EXPLICIT", rounding="day", **explicit) == ("2026-10-01T00:00", "2026-10-02T00:00")


def test_an_hour_that_comes_twice_is_no_window_turned_around():
    # 00:30 to 01:30 in New York on the day when 01:30 comes twice
    explicit = {"start": "2026-11-01T00:30:00", "end": "2026-11-01T01:30:00"}
    assert _edges("EXPLICIT", timezone="America/New_York", **explicit) == (
        "2026-11-01T04:30",
        "2026-11-01T05:30",
    )


RECENT = {
    "timeWindowType": "EXPLICIT",
    "timeWindowStart": "2026-10-30T00:00:00",
    "timeWindowEnd": "2026-11-02T00:00:00",
}
OLD = RECENT | {"timeWindowStart": "2026-10-01T00:00:00", "timeWindowEnd": "2026-10-31T00:00:00"}


async def test_recent_data_are_taken_as_they_are_unless_told(client):
    shown = await client.finish(await client.submit(**RECENT))
    assert (shown["status"], shown["dataGaps"], shown["ignoreDataGaps"]) == ("SUCCEEDED", [], False)


async def test_recent_data_are_reported_as_a_gap(build_client):
    client = await build_client(api=ApiOptions(recent_data="report"))
    shown = await client.finish(await client.submit(**RECENT))
    assert shown["status"] == "SUCCEEDED"
    (gap,) = shown["dataGaps"]
    assert (gap["start"], gap["end"]) == ("2026-10-31T12:00:00Z", "2026-11-02T00:00:00Z")
    assert (await client.finish(await client.submit(**OLD)))["dataGaps"] == []


async def test_recent_data_are_waited_for(build_client, clock):
    client = await build_client(api=ApiOptions(recent_data="wait"), token_seconds=10**6)
    waiting = await client.submit(**RECENT)
    impatient = await client.submit(**RECENT, ignoreDataGaps=True)
    assert (await client.finish(impatient))["status"] == "SUCCEEDED"
    clock.advance(seconds=3600)
    shown = await client.status(waiting)
    assert (shown["status"], shown["waitUntil"]) == ("PENDING", "2026-11-04T00:00:00Z")
    clock.advance(seconds=2 * 86_400)
    assert (await client.finish(waiting))["status"] == "SUCCEEDED"


async def test_recent_data_are_refused(build_client):
    client = await build_client(api=ApiOptions(recent_data="reject", data_delay_hours=24))
    refused = await client.finish(await client.submit(**RECENT))
    assert (refused["status"], "24 hours" in refused["statusReason"]) == ("REJECTED", True)
    assert (await client.finish(await client.submit(**RECENT, ignoreDataGaps=True)))["status"] == "SUCCEEDED"
    assert (await client.finish(await client.submit(**OLD)))["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("outcome", "status"), [("report", "SUCCEEDED"), ("reject", "REJECTED"), ("fail", "FAILED")]
)
async def test_a_gap_strikes_windows_that_touch_it(client, outcome, status):
    gap = {"start": "2026-10-10T00:00:00", "end": "2026-10-11T00:00:00"}
    await client.fault(kind="data_gap", outcome=outcome, reason="lost", **gap)
    struck = await client.finish(await client.submit(**OLD))
    assert struck["status"] == status
    assert [entry["reason"] for entry in struck["dataGaps"]] == ["lost"]
    assert status == "SUCCEEDED" or struck["statusReason"] == "lost"
    assert (await client.finish(await client.submit(**OLD, ignoreDataGaps=True)))["status"] == "SUCCEEDED"
    assert (await client.finish(await client.submit(**RECENT)))["dataGaps"] == []


async def test_a_gap_that_ends_before_it_begins_is_refused(client):
    wrong = {"kind": "data_gap", "start": "2026-10-11T00:00:00Z", "end": "2026-10-11T00:00:00"}
    assert (await client.http.post("/_sim/faults", json=wrong)).status_code == 400
