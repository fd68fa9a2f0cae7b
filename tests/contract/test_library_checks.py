"""The library's workflows over twelve instances, against queries of another shape over the stored facts.

To check one more, write `library_checks/<key>.sql`: its columns in the workflow's order, over the views of
`facts.sql`. Workflows run here as in a sandbox without aggregation controls, so that every row is compared;
what AMC hides of some of them is worked out in `test_workflow_library.py`.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest

from amcsim.catalogue import tables
from amcsim.clock import ManualClock
from amcsim.config import SimulatorConfig
from amcsim.executions.model import ExecutionRequest
from amcsim.executions.window import WindowType, resolve_window
from amcsim.simulation import Simulation
from amcsim.workflows import InputParameter
from fanfold.workflows.library import library

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
START, END = "2026-03-01T00:00:00", "2026-10-01T00:00:00"
FOLDER = Path(__file__).parent / "library_checks"
CHECKS = {path.stem.replace("_", "-"): path for path in FOLDER.glob("*.sql") if path.stem != "facts"}
DRAFTS = {found.draft.key: found.draft for found in library()}
INSTANCES = 12


@pytest.fixture(scope="module")
def simulation():
    config = SimulatorConfig(events_per_instance=16_000, data_until=date(2026, 11, 2), instances=INSTANCES)
    running = Simulation(config, clock=ManualClock(NOW))
    yield running
    running.close()


@pytest.fixture(scope="module", params=range(INSTANCES), ids=lambda number: f"instance-{number + 1}")
def instance(request, simulation):
    """An instance of the roster, as a sandbox that subscribes to everything."""
    paid = {table.subscription for table in tables().values()} - {None}
    found = list(simulation.roster.instances.values())[request.param]
    return replace(found, sandbox=True, subscriptions=tuple(sorted(paid)))


@pytest.fixture(scope="module")
def facts(simulation, instance):
    """A cursor that knows the stored facts and the views over them, and none of AMC's tables."""
    cursor = simulation.engine.world(instance).cursor(())
    text = (FOLDER / "facts.sql").read_text(encoding="utf-8")
    cursor.execute(text.replace("{start}", START).replace("{end}", END))
    return cursor


@pytest.fixture(scope="module")
def numbers():
    return count()


@pytest.fixture
def result(simulation, instance, numbers):
    """Run a library workflow with its defaults; return its rows as text."""

    def run(key, **changes):
        draft = DRAFTS[key]
        named = {
            "instance": instance,
            "workflow_id": key,
            "sql_query": draft.sql_query,
            "input_parameters": tuple(_declared(parameter) for parameter in draft.parameters),
            "parameter_values": {},
            "window": resolve_window(WindowType.EXPLICIT, start=START, end=END, timezone="UTC", now=NOW),
            "timeout_seconds": 900,
            "dry_run": False,
            "skip_publish": False,
            "disable_aggregation_controls": True,
            "synthetic_data": True,
            "distinct_user_count_column": None,
            **changes,
        }
        request = ExecutionRequest(**named)
        computed = simulation.engine.compute(
            f"check-{next(numbers)}",
            request,
            compiled=simulation.engine.compile(request),
        )
        with computed.files[0].open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file, escapechar="\\", doublequote=True))[1:]

    return run


def _declared(parameter):
    kind = parameter.data_type
    listed = {"type": "ARRAY", "elementDataType": kind[6:-1], "elementNullable": False}
    return InputParameter(
        name=parameter.name,
        data_type=listed if kind.startswith("ARRAY<") else kind,
        default_value=parameter.default,
    )


def _comparable(value):
    """Return what a value of the facts and its text in a result file have in common."""
    if value is None or isinstance(value, datetime | date):
        return "" if value is None else value.isoformat()[:10]
    try:
        return f"{float(value):.8g}"
    except ValueError:
        text = str(value)
    is_moment = len(text) > 10 and text[4:8:3] == "--" and text[10] in "T "
    return text[:10] if is_moment else text


def _unmatched(found, expected):
    """Return the rows of each side that the other one lacks; sums may differ in their last digits."""
    ours, theirs = (
        Counter(tuple(_comparable(value) for value in row) for row in rows) for rows in (found, expected)
    )
    lacking = list((theirs - ours).elements())
    surplus = []
    for row in (ours - theirs).elements():
        twin = next((other for other in lacking if _is_close(row, other)), None)
        if twin is None:
            surplus.append(row)
        else:
            lacking.remove(twin)
    return surplus, lacking


def _is_close(row, other):
    try:
        return all(
            one == another or float(one) == pytest.approx(float(another), rel=1e-6)
            for one, another in zip(row, other, strict=True)
        )
    except ValueError:
        return False


def test_every_workflow_of_the_library_is_checked():
    assert CHECKS.keys() == DRAFTS.keys()


def test_the_instances_differ(simulation):
    roster = list(simulation.roster.instances.values())
    assert len(roster) == INSTANCES
    assert len({one.size_percent for one in roster}) > INSTANCES // 2
    assert len({one.account.market.country for one in roster}) > 2
    assert {len(one.brands) for one in roster} == {1, 2, 3}


@pytest.mark.parametrize("key", sorted(CHECKS))
def test_a_workflow_agrees_with_the_facts(result, facts, key):
    expected = facts.execute(CHECKS[key].read_text(encoding="utf-8")).fetchall()
    assert expected
    assert _unmatched(result(key), expected) == ([], [])


@pytest.mark.parametrize("instance", [2], indirect=True, ids=["instance-3"])
@pytest.mark.parametrize("key", sorted(CHECKS))
def test_what_amc_shows_of_a_workflow_are_rows_of_it(result, facts, instance, key):
    real = {"instance": replace(instance, sandbox=False), "synthetic_data": False}
    shown = result(key, disable_aggregation_controls=False, **real)
    surplus, _ = _unmatched(shown, facts.execute(CHECKS[key].read_text(encoding="utf-8")).fetchall())
    assert surplus == []
