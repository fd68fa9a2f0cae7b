"""Every workflow of the library passes the product's inspection, compiles in the simulator and runs there."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import fanfold.workflows.library as package
from amcsim.catalogue import tables
from amcsim.clock import ManualClock
from amcsim.config import SimulatorConfig
from amcsim.executions.model import ExecutionRequest
from amcsim.executions.window import WindowType, resolve_window
from amcsim.simulation import Simulation
from amcsim.workflows import InputParameter
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.workflows.files import WorkflowFileInvalid, read_workflow, write_workflow
from fanfold.workflows.library import library

KIND = AmcWorkflow()
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
THEMES = {
    *("attribution", "audience", "conversion", "cost", "new_to_brand", "overlap", "path", "reach", "retail"),
    *("search", "time", "video"),
}
BY_KEY = {found.draft.key: found for found in library()}


@pytest.fixture(scope="module")
def simulation():
    config = SimulatorConfig(events_per_instance=6_000, data_until=date(2026, 11, 2), instances=2)
    running = Simulation(config, clock=ManualClock(NOW))
    yield running
    running.close()


@pytest.fixture(scope="module")
def request_for(simulation):
    """Build the execution of a library workflow with its defaults alone, on a subscriber's instance."""
    instance = next(iter(simulation.roster.instances.values()))
    window = resolve_window(WindowType.ALL, start=None, end=None, timezone="UTC", now=NOW)

    def build(key):
        draft = BY_KEY[key].draft
        return ExecutionRequest(
            instance=_subscribed(instance),
            workflow_id=key,
            sql_query=draft.sql_query,
            input_parameters=tuple(_declared(parameter) for parameter in draft.parameters),
            parameter_values={},
            window=window,
            timeout_seconds=900,
            dry_run=False,
            skip_publish=False,
            disable_aggregation_controls=False,
            synthetic_data=False,
            distinct_user_count_column=None,
        )

    return build


def _subscribed(instance):
    paid = {table.subscription for table in tables().values()} - {None}
    return type(instance)(
        **{
            name: getattr(instance, name) for name in instance.__dataclass_fields__ if name != "subscriptions"
        },
        subscriptions=tuple(sorted(paid)),
    )


def _declared(parameter):
    kind = parameter.data_type
    listed = {"type": "ARRAY", "elementDataType": kind[6:-1], "elementNullable": False}
    return InputParameter(
        name=parameter.name,
        data_type=listed if kind.startswith("ARRAY<") else kind,
        default_value=parameter.default,
    )


def test_the_library_is_worth_its_name():
    assert len(BY_KEY) == len(library()) >= 60
    themes = Counter(found.draft.tags[1] for found in library())
    assert set(themes) == THEMES


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_says_what_it_is_and_what_it_reads(simulation, request_for, key):
    found = BY_KEY[key]
    draft = found.draft
    folder = Path(package.__file__).parent / draft.tags[1]
    assert (folder / f"{key.replace('-', '_')}.sql").is_file()
    assert draft.tags[0] == "library"
    assert draft.name
    assert draft.description.endswith(".")
    assert all(parameter.default is not None and parameter.description for parameter in draft.parameters)
    compiled = simulation.engine.compile(request_for(key))
    assert compiled.prepared.tables == set(found.tables)
    assert compiled.prepared.warnings == ()


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_passes_inspection_without_a_word(key):
    draft = BY_KEY[key].draft
    declared = [parameter.as_json() for parameter in draft.parameters]
    assert list(KIND.inspect({"sql_query": draft.sql_query, "parameters": declared})) == []
    assert list(KIND.check({"sql_query": draft.sql_query, "parameters": declared}, {})) == []


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_runs_with_its_defaults(simulation, request_for, key):
    request = request_for(key)
    computed = simulation.engine.compute(key, request, compiled=simulation.engine.compile(request))
    assert len(computed.columns) >= 2


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_survives_being_written_to_a_file(key):
    found = BY_KEY[key]
    assert read_workflow(write_workflow(found.draft, tables=found.tables), name=key) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "expected a first line"),
        ("-- a\n/*\nkey: [\n*/\nSELECT 1\n", "not YAML"),
        ("-- a\n/*\nname: b\n*/\nSELECT 1\n", "must say the key"),
        ("-- a\n/*\nkey: k\nname: b\ncolour: red\n*/\nSELECT 1\n", "unknown: colour"),
        (
            "-- a\n/*\nkey: k\nname: b\nparameters: {p: {default: 1}}\n*/\nSELECT 1\n",
            "parameter p must say its type",
        ),
        ("-- a\n/*\nkey: k\nname: b\nparameters: {p: 1}\n*/\nSELECT 1\n", "expected names and values"),
        ("-- a\n/*\nkey: k\nname: b\ntags: reach\n*/\nSELECT 1\n", "lists of words"),
    ],
)
def test_a_file_that_is_no_workflow_is_refused_by_name(text, message):
    with pytest.raises(WorkflowFileInvalid, match=f"odd.sql.*{message}"):
        read_workflow(text, name="odd.sql")
