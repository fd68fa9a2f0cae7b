"""A result without rows is told as empty or fully suppressed, with what speaks for which."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fanfold.kinds.amc_workflow.emptiness import EMPTY, why_empty
from fanfold.kinds.amc_workflow.window import window_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = {"startDate": "2026-09-01", "endDate": "2026-09-30"}


def told(parameters, *columns, sandbox=False):
    return why_empty(window_of(parameters), parameters=parameters, columns=columns, sandbox=sandbox, now=NOW)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "most recent day only"),
        ({"startDate": "2026-11-21", "endDate": "2026-11-21"}, "last 48 hours"),
        ({"startDate": "2024-01-01", "endDate": "2024-01-31"}, "13 months"),
    ],
    ids=["no window", "too recent", "too old"],
)
def test_the_window_is_named_where_it_is_the_likely_cause(parameters, words):
    assert words in told(parameters)
    assert words not in told(GOOD)


def test_a_window_that_was_asked_for_by_its_type_is_no_slip():
    assert "most recent day" not in told({"timeWindowType": "MOST_RECENT_DAY"})


def test_columns_that_need_many_people_are_named_and_others_are_not():
    sentence = told(GOOD, "campaign", "postal_code", "city_name")

    assert "postal_code, city_name" in sentence
    assert "campaign" not in sentence
    assert "suppressed unless" not in told(GOOD, "campaign")


def test_a_sandbox_is_named():
    assert "synthetic" in told(GOOD, sandbox=True)
    assert "synthetic" not in told(GOOD)


def test_what_remains_is_said_always_and_last():
    for sentence in (told(GOOD), told({}, "postal_code", sandbox=True)):
        assert sentence.startswith(EMPTY)
        assert sentence.endswith("aggregation threshold asks for.")
