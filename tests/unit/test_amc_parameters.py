"""Merged parameters against what a workflow declares: everything that is wrong is named, at its pointer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kinds.amc_workflow.datatypes import data_type_of
from fanfold.kinds.amc_workflow.window import window_of, window_warnings
from fanfold.sdk.errors import Problem

KIND = AmcWorkflow()
OCTOBER = {"startDate": "2026-10-01", "endDate": "2026-10-31"}


def check(parameters, declared=(), sql="SELECT 1"):
    return list(KIND.check({"sql_query": sql, "parameters": list(declared)}, parameters))


def pointers(problems):
    return [problem.pointer for problem in problems]


def declare(data_type, **fields):
    return {"name": "p", "data_type": data_type, **fields}


def test_a_window_needs_no_declaration():
    assert check({**OCTOBER, "timeZone": "Europe/Berlin"}) == []
    assert check({"timeWindowType": "PREVIOUS_MONTH"}) == []
    assert check({}) == []


def test_undeclared_parameters_are_named_one_by_one():
    assert check({"colour": "red", "a/b~c": 1}, [declare("STRING")]) == [
        Problem("/colour", "The workflow declares no parameter 'colour', only: p."),
        Problem("/a~1b~0c", "The workflow declares no parameter 'a/b~c', only: p."),
    ]


@pytest.mark.parametrize("parameters", [{}, {"p": None}])
def test_a_required_parameter_without_value_and_default_is_missing(parameters):
    assert check(parameters, [declare("STRING", required=True)]) == [
        Problem("/p", "p needs a value: it has no default.")
    ]
    assert check(parameters, [declare("STRING", required=True, default="x")]) == []


def test_a_parameter_that_the_query_reads_needs_a_value_even_if_it_is_optional():
    sql = "SELECT custom_parameter ( 'p' ) AS p, COUNT(*) AS n FROM t GROUP BY 1"

    assert pointers(check({}, [declare("STRING")], sql)) == ["/p"]
    assert check({}, [declare("STRING")]) == []


@pytest.mark.parametrize(
    ("data_type", "good", "bad"),
    [
        ("STRING", ["", "x"], [7, True, ["x"], {}]),
        ("BYTE", [-128, 127], [128, "1", 1.0, True]),
        ("SHORT", [32767], [32768]),
        ("INTEGER", [0, -(2**31)], [2**31, "7", 1.5]),
        ("LONG", [2**63 - 1], [2**63]),
        ("FLOAT", [1, 1.5], ["1.5", float("nan"), float("inf"), True]),
        ("DOUBLE", [0], [None.__class__, "x"]),
        ("DECIMAL", ["12345678901234567890.123", 1.5, 3], ["x", "NaN", "Infinity", False]),
        ("BOOLEAN", [True, False], ["true", 0, 1]),
        ("DATE", ["2028-02-29"], ["2026-02-29", "2026-2-1", "20260201", "2026-02-01T00:00:00", 20260201]),
        (
            "TIMESTAMP",
            ["2026-10-01T00:00:00", "2026-10-01T00:00:00.250"],
            ["2026-10-01", "2026-10-01T00:00:00Z", "2026-10-01T25:00:00", "2026-10-01 00:00:00"],
        ),
        ("CALENDAR_INTERVAL", ["P28D", "PT6H", "P1Y2M"], ["P", "28 days", "PT"]),
        ("ARRAY<STRING>", [[], ["a", "b"]], ["a", ["a", 1], [None]]),
        ("array<integer>", [[1, 2]], [[1, "2"], [True]]),
        ({"type": "ARRAY", "elementDataType": "DATE"}, [["2026-10-01"]], [["soon"]]),
    ],
    ids=str,
)
def test_values_are_held_to_their_declared_type(data_type, good, bad):
    for value in good:
        assert check({"p": value}, [declare(data_type)]) == [], value
    for value in bad:
        assert pointers(check({"p": value}, [declare(data_type)])) == ["/p"], value


def test_a_mistyped_value_is_shown_with_what_it_must_be():
    (problem,) = check({"p": "7"}, [declare("INTEGER")])

    assert problem.message == 'p (INTEGER) must be a whole number of 32 bits, not "7".'


@pytest.mark.parametrize("declared", ["TEXT", "ARRAY<TEXT>", "", {"type": "MAP"}, None])
def test_what_is_no_type_of_amc_is_recognised(declared):
    assert data_type_of(declared) is None


def test_the_size_is_the_setting_s_business_and_no_rule_of_the_kind():
    assert check({"p": "x" * 20_000}, [declare("STRING")]) == []


def test_the_flag_of_sandboxes_is_true_or_false():
    assert check({"disableAggregationControls": True}) == []
    assert pointers(check({"disableAggregationControls": "yes"})) == ["/disableAggregationControls"]


def test_a_list_that_fills_a_values_has_at_least_one_entry():
    sql = "WITH w (a) AS (VALUES (CUSTOM_PARAMETER('p'))) SELECT a, COUNT(*) AS n FROM w GROUP BY a"
    declared = [declare("ARRAY<STRING>")]
    assert check({"p": ["x"]}, declared, sql) == []
    assert check({"p": []}, declared, sql) == [
        Problem("/p", "p fills a VALUES, which needs at least one row.")
    ]
    assert check({"p": []}, declared) == []


def test_everything_that_is_wrong_is_told_at_once():
    problems = check(
        {"startDate": "soon", "timeZone": "Mars/Olympus", "x": 1, "p": 7},
        [declare("STRING"), {"name": "q", "data_type": "DATE", "required": True}],
    )

    assert pointers(problems) == ["/startDate", "/timeZone", "/x", "/q", "/p"]


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"startDate": "2026-10-01"}, ["/endDate"]),
        ({"endDate": "2026-10-01"}, ["/startDate"]),
        ({"timeWindowType": "EXPLICIT"}, ["/startDate", "/endDate"]),
        ({"startDate": "2026-10-02", "endDate": "2026-10-01"}, ["/startDate"]),
        ({"startDate": "2026-10-01T10:00:00", "endDate": "2026-10-01T10:00:00"}, ["/startDate"]),
        ({**OCTOBER, "timeWindowType": "ALL"}, ["/timeWindowType"]),
        ({"timeWindowType": "LAST_YEAR"}, ["/timeWindowType"]),
        ({"timeWindowType": ["ALL"]}, ["/timeWindowType"]),
        ({**OCTOBER, "timeZone": "../../etc/passwd"}, ["/timeZone"]),
        ({**OCTOBER, "timeZone": ""}, ["/timeZone"]),
        ({**OCTOBER, "timeZone": 1}, ["/timeZone"]),
        ({"startDate": "2026-10-01T00:00:00Z", "endDate": "2026-10-31"}, ["/startDate"]),
        ({"startDate": 20261001, "endDate": "2026-13-01"}, ["/startDate", "/endDate"]),
    ],
)
def test_windows_that_cannot_be_are_refused(parameters, wrong):
    assert pointers(check(parameters)) == wrong


@pytest.mark.parametrize(
    ("parameters", "request_fields"),
    [
        ({}, {"timeWindowType": "MOST_RECENT_DAY", "timeWindowTimeZone": "UTC"}),
        (
            {"timeWindowType": "PREVIOUS_MONTH", "timeZone": "Asia/Tokyo"},
            {"timeWindowType": "PREVIOUS_MONTH", "timeWindowTimeZone": "Asia/Tokyo"},
        ),
        (
            OCTOBER,
            {
                "timeWindowType": "EXPLICIT",
                "timeWindowTimeZone": "UTC",
                "timeWindowStart": "2026-10-01T00:00:00",
                "timeWindowEnd": "2026-11-01T00:00:00",
            },
        ),
        (
            {
                "startDate": "2026-10-01T06:00:00",
                "endDate": "2026-10-01T18:30:00",
                "timeZone": "Europe/Berlin",
            },
            {
                "timeWindowType": "EXPLICIT",
                "timeWindowTimeZone": "Europe/Berlin",
                "timeWindowStart": "2026-10-01T06:00:00",
                "timeWindowEnd": "2026-10-01T18:30:00",
            },
        ),
    ],
)
def test_a_day_at_the_end_is_included_and_a_moment_is_not(parameters, request_fields):
    assert window_of(parameters).as_request() == request_fields


def test_windows_that_may_surprise_are_warned_about():
    now = datetime(2026, 11, 2, tzinfo=UTC)

    assert window_warnings(window_of(OCTOBER), now=now + timedelta(days=2)) == []
    (fresh,) = window_warnings(window_of(OCTOBER), now=now)
    assert "48 hours" in fresh
    (old,) = window_warnings(window_of({"startDate": "2025-01-01", "endDate": "2025-01-31"}), now=now)
    assert "13 months" in old
    assert window_warnings(window_of({}), now=now) == ()
