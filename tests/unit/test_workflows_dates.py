"""Dates said relative to the day, in the zone of the one who says them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from fanfold.sdk.context import Target
from fanfold.workflows.dates import DateInvalid, Span, evaluate
from fanfold.workflows.templates import Scope, TemplateInvalid, asks_instance, resolve
from fanfold.workflows.windows import WindowsAsked, windows_of

NOW = datetime(2026, 11, 22, 19, 45, 30, tzinfo=UTC)  # a Sunday
INSTANCE = Target(
    key="k", name="Shoes DE", attributes={"region": "eu-west-1", "brands": ["A", "B"], "instance_id": "amc1"}
)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("today", "2026-11-22"),
        ("yesterday", "2026-11-21"),
        ("tomorrow", "2026-11-23"),
        ("today - 14d", "2026-11-08"),
        ("today-2w + 1 day", "2026-11-09"),
        ("today - 1m", "2026-10-22"),
        ("today + 2 quarters", "2027-05-22"),
        ("today - 1y", "2025-11-22"),
        ("start_of_week", "2026-11-16"),
        ("end_of_week", "2026-11-22"),
        ("start_of_month", "2026-11-01"),
        ("end_of_quarter - 1m", "2026-11-30"),
        ("start_of_year", "2026-01-01"),
        ("now", "2026-11-22T19:45:30"),
        ("now - 20h", "2026-11-21T23:45:30"),
        ("start_of_hour", "2026-11-22T19:00:00"),
        ("last_full_month", "2026-10"),
        ("last_full_month.start", "2026-10-01"),
        ("last_full_month.end - 1d", "2026-10-30"),
        ("last_full_week", "2026-W46"),
        ("last_full_quarter", "2026-Q3"),
        ("last_full_year", "2025"),
        ("last_full_day", "2026-11-21"),
        ("last_full_month - 1m", "2026-09"),
        ("last_full_month - 2y", "2024-10"),
        ("this_month.end", "2026-11-30"),
        ("last_14_days", "2026-11-08/2026-11-21"),
        ("last_14_days.start", "2026-11-08"),
        ("last_3_months.start", "2026-08-01"),
    ],
)
def test_an_expression_stands_for_a_date(expression, shown):
    assert resolve(f"{{{{ {expression} }}}}", name="p", scope=Scope(NOW)) == shown


def test_the_last_day_of_a_month_stays_in_its_month():
    assert str(evaluate("today - 1m", now=datetime(2026, 3, 31, tzinfo=UTC))) == "2026-02-28"
    assert str(evaluate("today - 1y", now=datetime(2028, 2, 29, tzinfo=UTC))) == "2027-02-28"


def test_the_zone_decides_which_day_it_is():
    assert str(evaluate("today", now=NOW.astimezone(ZoneInfo("Asia/Tokyo")))) == "2026-11-23"
    assert resolve("{{ today }}", name="p", scope=Scope(NOW, "Pacific/Auckland")) == "2026-11-23"
    assert resolve("{{ now }}", name="p", scope=Scope(NOW, "Asia/Kolkata")) == "2026-11-23T01:15:30"


def test_hours_are_counted_through_the_turn_of_clocks():
    berlin = datetime(2026, 10, 25, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(evaluate("now - 3h", now=berlin)) == "2026-10-25 02:00:00+02:00"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("todya", "'todya' is not known; known are today"),
        ("today - 3 parsecs", "'parsecs' is no unit"),
        ("today - 3h", "does not move by hours"),
        ("today.end", "is one date and has no .end"),
        ("last_full_month - 3d", "moves by m, q or y"),
        ("today - 999999y", "no year of the calendar"),
        ("last_0_days", "at least one"),
        ("last_9999_years", "before the calendar begins"),
        ("__import__('os')", "is no date"),
        ("", "is no date"),
    ],
)
def test_what_is_no_date_is_refused_in_words(expression, why):
    with pytest.raises(DateInvalid, match=why.replace("(", r"\(")):
        evaluate(expression, now=NOW)


def test_a_span_is_its_first_day_as_start_and_its_last_as_end():
    scope = Scope(NOW)
    assert resolve("{{ last_full_month }}", name="startDate", scope=scope) == "2026-10-01"
    assert resolve("{{ last_full_month }}", name="endDate", scope=scope) == "2026-10-31"


def test_templates_stand_inside_texts_lists_and_objects():
    scope = Scope(NOW, target=INSTANCE)
    assert resolve("week {{ last_full_week }} of {{instance.name}}", name="p", scope=scope) == (
        "week 2026-W46 of Shoes DE"
    )
    assert resolve(["{{ today }}", {"r": "{{ instance.region }}"}, 3], name="p", scope=scope) == [
        "2026-11-22",
        {"r": "eu-west-1"},
        3,
    ]
    assert resolve("{{ instance.brands }}", name="p", scope=scope) == ["A", "B"]
    assert resolve("of {{ instance.brands }}", name="p", scope=scope) == "of A, B"
    assert resolve("{{ today | %d.%m.%Y }}", name="p", scope=scope) == "22.11.2026"
    assert resolve(r"a \{{ brace", name="p", scope=scope) == "a {{ brace"
    assert resolve("plain", name="p", scope=scope) == "plain"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ today", "not closed"),
        ("{{ instance.password }}", "instance.password is not known"),
        ("{{ today | %n }}", "is no format"),
        ("{{ today | }}", "is no format"),
    ],
)
def test_a_template_that_stands_for_nothing_is_refused(text, why):
    with pytest.raises(TemplateInvalid, match=why):
        resolve(text, name="p", scope=Scope(NOW, target=INSTANCE))


def test_only_templates_that_name_the_instance_differ_by_it():
    assert asks_instance(["{{ instance.region }}"])
    assert not asks_instance("{{ today }} instance.region")


def test_52_weeks_are_those_of_the_calendar_the_oldest_first():
    windows, problems = windows_of(WindowsAsked("week", last=52), scope=Scope(NOW))
    assert problems == []
    assert [windows[0].name, windows[-1].name, len(windows)] == ["2025-W47", "2026-W46", 52]
    assert all(a.end.toordinal() + 1 == b.start.toordinal() for a, b in pairwise(windows))


def test_a_time_is_cut_at_the_edges_of_units_and_its_ends_stay():
    asked = WindowsAsked("month", start="2026-01-15", end="{{ last_full_month }}")
    windows, problems = windows_of(asked, scope=Scope(NOW))
    assert problems == []
    assert [each.name for each in windows][:3] == ["2026-01-15/2026-01-31", "2026-02", "2026-03"]
    assert windows[-1] == Span(windows[-1].start, windows[-1].end, "month")
    assert windows[-1].name == "2026-10"
    pairs, _ = windows_of(WindowsAsked("week", count=2, last=3), scope=Scope(NOW))
    assert [each.name for each in pairs] == [
        "2026-10-05/2026-10-18",
        "2026-10-19/2026-11-01",
        "2026-11-02/2026-11-15",
    ]


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        (WindowsAsked("week"), ["/windows"]),
        (WindowsAsked("week", last=3, start="2026-01-01"), ["/windows"]),
        (WindowsAsked("week", last=0), ["/windows/last"]),
        (WindowsAsked("week", last=2_001), ["/windows/last"]),
        (WindowsAsked("year", 2, last=2_000), ["/windows/last"]),
        (WindowsAsked("week", start="x", end="{{ no }}"), ["/windows/from", "/windows/to"]),
        (WindowsAsked("week", start="2026-01-01"), ["/windows/to"]),
        (WindowsAsked("week", start="2026-02-01", end="2026-01-01"), ["/windows/from"]),
        (WindowsAsked("day", start="1990-01-01", end="2026-01-01"), ["/windows"]),
    ],
)
def test_windows_that_cannot_be_cut_are_named(asked, pointers):
    windows, problems = windows_of(asked, scope=Scope(NOW))
    assert windows == []
    assert [problem.pointer for problem in problems] == pointers
