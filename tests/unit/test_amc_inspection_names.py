"""Names that AMC does not document, joins that never end, and how much work a check is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow, sql
from fanfold.kinds.amc_workflow.sql.catalogue import catalogue, columns_of
from fanfold.kinds.amc_workflow.sql.sensitivity import sensitivity
from fanfold.workflows.library import library

KIND = AmcWorkflow()


def inspect(query):
    return list(KIND.inspect({"sql_query": query, "parameters": []}))


def found(query):
    return [(finding.rule, finding.line, finding.column) for finding in inspect(query)]


@pytest.mark.parametrize("workflow", library(), ids=lambda workflow: workflow.draft.key)
def test_nothing_is_said_of_the_library(workflow):
    draft = workflow.draft
    declared = [parameter.as_json() for parameter in draft.parameters]
    assert KIND.inspect({"sql_query": draft.sql_query, "parameters": declared}) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT COUNT(*) AS n\nFROM dsp_impresions", [("unknown_table", 2, 6)]),
        ("SELECT campain, COUNT(*) AS n FROM dsp_clicks GROUP BY campain",
         [("unknown_column", 1, 8), ("unknown_column", 1, 56)]),
        ("SELECT SUM(i.clics) AS n FROM dsp_impressions i", [("unknown_column", 1, 12)]),
        ("SELECT SUM(w.b) AS n FROM (SELECT campaign AS a FROM dsp_clicks) w", [("unknown_column", 1, 12)]),
        ("WITH w AS (SELECT campaign AS a FROM dsp_clicks) SELECT COUNT(b) AS n FROM w",
         [("unknown_column", 1, 63)]),
        ("SELECT COUNT(*) AS n FROM dsp_clicks\nWHERE user_id IN (SELECT 1 FROM conversions\nWHERE nix = 1)",
         [("unknown_column", 3, 7)]),
        ("SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_klicks', 'P7D', 'P0D')) t",
         [("unknown_table", 1, 27)]),
    ],
)  # fmt: skip
def test_a_name_that_nobody_documents_is_doubted_at_its_place(query, expected):
    findings = inspect(query)
    assert [(each.rule, each.line, each.column) for each in findings] == expected
    assert {each.severity for each in findings} == {"warning"}


def test_a_slip_of_the_pen_is_corrected():
    (finding,) = inspect("SELECT SUM(impresions) AS n FROM dsp_impressions")
    assert finding.fix == "Did you mean impressions?"
    (finding,) = inspect("SELECT COUNT(*) AS n FROM dsp_impression")
    assert finding.fix == "Did you mean dsp_impressions?"
    (finding,) = inspect("SELECT COUNT(*) AS n FROM our_own_upload")
    assert finding.fix.startswith("Correct the name, or make sure")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT DSP_Impressions.Campaign, COUNT(*) AS n FROM DSP_IMPRESSIONS GROUP BY 1",
        "SELECT COUNT(anything) AS n FROM our_own_upload, dsp_clicks",
        "SELECT device_type AS d, COUNT(*) AS n FROM dsp_clicks_for_audiences GROUP BY d HAVING n > 3",
        "WITH w (a, b) AS (VALUES (1, 2)) SELECT a, b, COUNT(*) AS n FROM w GROUP BY 1, 2",
        "WITH w (a) AS (SELECT campaign FROM dsp_clicks) SELECT a, COUNT(*) AS n FROM w GROUP BY 1",
        """SELECT COUNT(*) AS n FROM dsp_clicks c
           WHERE user_id IN (SELECT user_id FROM conversions WHERE event_dt_utc > click_dt_utc)""",
        """WITH w AS (SELECT campaign, COUNT(*) AS n FROM dsp_clicks GROUP BY 1
           UNION ALL SELECT campaign, COUNT(*) FROM dsp_views GROUP BY 1)
           SELECT campaign, SUM(n) AS n FROM w GROUP BY 1""",
    ],
)
def test_a_name_that_may_be_one_is_left_alone(query):
    rules = {finding.rule for finding in inspect(query)} - {"unknown_table", "cost_cross_join"}
    assert rules == set()


def test_what_makes_a_query_slow_is_hinted_at():
    assert found("SELECT COUNT(*) AS n FROM dsp_clicks CROSS JOIN dsp_impressions") == [
        ("cost_cross_join", 1, 49)
    ]
    assert found("SELECT COUNT(*) AS n FROM dsp_clicks a JOIN dsp_views b ON a.user_id = b.user_id") == []
    union = "SELECT COUNT(*) AS n FROM dsp_clicks\nUNION\nSELECT COUNT(*) AS n FROM dsp_views"
    assert found(union) == [("cost_union", 3, 8)]
    assert found(union.replace("UNION", "UNION ALL")) == []
    extended = "SELECT COUNT(*) AS n FROM TABLE(EXTEND_TIME_WINDOW('dsp_clicks', '{}', 'P0D')) c"
    assert [rule for rule, *_ in found(extended.format("P6M"))] == ["cost_extended_window"]
    assert found(extended.format("P28D")) == []


def test_the_catalogue_is_that_of_the_guide():
    assert len(catalogue()) == 26
    assert sum(len(columns) for columns in catalogue().values()) == 1308
    assert len(columns_of("dsp_impressions") or {}) == 98
    assert len(columns_of("AMAZON_ATTRIBUTED_EVENTS_BY_TRAFFIC_TIME") or {}) == 217
    assert (columns_of("dsp_views_for_audiences") or {})["user_id"].threshold == "VERY_HIGH"


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("dsp_clicks", "user_id", "VERY_HIGH"),
        ("conversions_all", "marketplace_id", "VERY_HIGH"),
        ("dsp_impressions", "postal_code", "HIGH"),
        ("audience_segments_eu_lifestyle_snapshot", "user_id", "VERY_HIGH"),
        ("dsp_clicks", "campaign", None),
        ("our_own_upload", "user_id", None),
    ],
)
def test_thresholds_come_from_the_catalogue(table, column, expected):
    assert sensitivity(table, column) == expected


def work_of(terms: int, term: str) -> int:
    """Count the lines of Python that a check of a long condition runs."""
    condition = " OR ".join(term.format(number) for number in range(terms))
    query = f"SELECT campaign, COUNT(*) AS n FROM dsp_impressions WHERE {condition} GROUP BY campaign"
    lines = 0

    def trace(frame, event, _argument):
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        inspect(query)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("term", ["campaign_id = {}", "postal_code = '{}'", "nothing = {}"])
def test_a_condition_of_four_times_the_length_is_four_times_the_work(term):
    work_of(10, term)  # what is read once only
    assert work_of(400, term) < 5 * work_of(100, term)


def test_only_the_one_walk_climbs_the_tree():
    # The parser's own climbing is compiled and leaves no lines to count.
    sources = {path.name: path.read_text() for path in Path(sql.__path__[0]).glob("*.py")}
    climbing = {
        name: re.findall(r"find_ancestor|parent_select|\.root\(|\.walk\(", text)
        for name, text in sources.items()
    }
    assert {name: found for name, found in climbing.items() if found} == {"tree.py": [".walk("]}
