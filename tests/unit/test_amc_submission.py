"""How a submission is built, recognised again, and paced."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kinds.amc_workflow.definition import definition_of
from fanfold.kinds.amc_workflow.progress import Submitted, Submitting, progress_of, settling, wait_after_miss
from fanfold.kinds.amc_workflow.remote import Address, address_of
from fanfold.kinds.amc_workflow.submission import new_mark, submission_of
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent
from fanfold.sdk.kind import Limit

DEFINITION = {
    "workflow_id": "01890000-0000-7000-8000-00000000abcd",
    "key": "reach",
    "version": 4,
    "sql_query": "SELECT COUNT(*) AS n FROM conversions;\n",
    "parameters": [
        {"name": "brands", "data_type": "ARRAY<STRING>", "required": True, "description": "Which."},
        {"name": "floor", "data_type": "INTEGER", "default": 5},
        {"name": "share", "data_type": "DOUBLE", "default": None},
    ],
}
PARAMETERS = {"startDate": "2026-10-01", "endDate": "2026-10-31", "brands": ["a", "b"], "share": 7.0}
ADDRESS = Address("amcabc", "ENTITY1", "ATVPDKIKX0DER", sandbox=False)


@dataclass(frozen=True)
class Echo:
    """An execution as AMC lists it."""

    execution_id: str = "e-1"
    status: str = "PENDING"
    status_reason: str | None = None
    is_terminal: bool = False
    window_start: str | None = "2026-10-01T00:00:00"
    window_end: str | None = "2026-11-01T00:00:00"
    time_zone: str | None = "UTC"
    timeout_seconds: int | None = 22_000
    execution_seconds: float | None = None
    output_columns: tuple[Any, ...] = ()
    parameter_values: dict[str, Any] = field(default_factory=lambda: {"brands": ["a", "b"], "share": 7.0})


def submission(parameters=PARAMETERS, address=ADDRESS):
    return submission_of(definition_of(DEFINITION), parameters, address=address, mark=22_000)


def test_the_query_goes_inline_under_a_stable_id():
    assert submission().request == {
        "workflow": {
            "workflowId": "ff_018900000000_v4",
            "sqlQuery": "SELECT COUNT(*) AS n FROM conversions",
            "inputParameters": [
                {
                    "name": "brands",
                    "dataType": {"type": "ARRAY", "elementDataType": "STRING", "elementNullable": False},
                    "columnType": "DIMENSION",
                    "description": "Which.",
                },
                {"name": "floor", "dataType": "INTEGER", "columnType": "DIMENSION", "defaultValue": 5},
                {"name": "share", "dataType": "DOUBLE", "columnType": "DIMENSION"},
            ],
        },
        "workflowExecutionTimeoutSeconds": 22_000,
        "parameterValues": {"brands": ["a", "b"], "share": 7.0},
        "timeWindowType": "EXPLICIT",
        "timeWindowTimeZone": "UTC",
        "timeWindowStart": "2026-10-01T00:00:00",
        "timeWindowEnd": "2026-11-01T00:00:00",
    }


def test_a_sandbox_asks_for_synthetic_data():
    assert submission(address=replace(ADDRESS, sandbox=True)).request["requireSyntheticData"] is True


@pytest.mark.parametrize(
    "echo",
    [
        Echo(),
        Echo(timeout_seconds=None),
        Echo(window_start="2026-10-01T00:00:00Z", window_end="2026-11-01T00:00:00Z", time_zone=None),
        Echo(parameter_values={"brands": ["a", "b"], "share": "7"}),
        Echo(parameter_values={"share": 7, "brands": ["a", "b"]}),
    ],
)
def test_an_execution_is_recognised_in_every_form_that_amc_may_echo(echo):
    assert submission().matches(echo)


@pytest.mark.parametrize(
    "echo",
    [
        Echo(timeout_seconds=21_600),
        Echo(window_start="2026-10-02T00:00:00"),
        Echo(window_end=None),
        Echo(time_zone="Europe/Berlin"),
        Echo(parameter_values={"brands": ["b", "a"], "share": 7.0}),
        Echo(parameter_values={"brands": ["a", "b"]}),
        Echo(parameter_values={}),
    ],
)
def test_an_execution_of_another_request_is_not_taken_for_ours(echo):
    assert not submission().matches(echo)


def test_a_relative_window_is_recognised_by_its_zone():
    relative = submission({"timeWindowType": "ALL", "timeZone": "Asia/Tokyo", "brands": ["x"]})

    assert relative.matches(Echo(time_zone="Asia/Tokyo", parameter_values={"brands": ["x"]}))
    assert not relative.matches(Echo(parameter_values={"brands": ["x"]}))


def test_marks_lie_within_what_amc_allows_and_differ():
    marks = {new_mark() for _ in range(200)}

    assert 21_600 <= min(marks) <= max(marks) <= 86_400
    assert len(marks) > 150


def test_states_survive_their_storing():
    since = datetime(2026, 11, 1, 10, 0, 0, 250_000, tzinfo=UTC)
    for progress in (
        Submitting(since, 22_000, looks=1, tries=2, misses=3),
        Submitted("e-1", polls=9, misses=2),
    ):
        assert progress_of(progress.as_json()) == progress
    assert progress_of(None) is None
    assert progress_of({}) is None


def test_looks_slow_down_from_fifteen_seconds_over_one_minute_to_five():
    paces = [Submitted("e-1", polls=polls).pace(timedelta(seconds=15)).total_seconds() for polls in range(20)]

    assert paces == [15] * 8 + [60] * 8 + [300] * 4


def test_failed_looks_wait_longer_each_time_and_never_less_than_asked():
    base = timedelta(seconds=15)
    waits = [wait_after_miss(misses, base=base, asked=None).total_seconds() for misses in range(1, 8)]

    assert waits == [15, 30, 60, 120, 240, 300, 300]
    assert wait_after_miss(1, base=base, asked=timedelta(minutes=9)) == timedelta(minutes=9)
    assert wait_after_miss(3, base=base, asked=timedelta(seconds=1)) == timedelta(seconds=60)


def test_the_list_is_given_a_few_seconds_to_settle():
    assert settling(timedelta(seconds=15)) == timedelta(seconds=5)
    assert settling(timedelta(seconds=0.2)) == timedelta(seconds=0.2)


@pytest.mark.parametrize(
    "definition", [{}, {**DEFINITION, "workflow_id": "reach"}, {**DEFINITION, "version": None}]
)
def test_a_definition_that_is_none_fails_for_good(definition):
    with pytest.raises(Permanent, match="not a workflow"):
        definition_of(definition)


def test_a_definition_may_set_its_own_pace():
    assert definition_of({**DEFINITION, "poll_seconds": 0.5}).poll_interval == timedelta(seconds=0.5)
    assert definition_of(DEFINITION).poll_interval == timedelta(seconds=15)
    assert definition_of(DEFINITION).workflow_id == UUID(DEFINITION["workflow_id"])


def test_amcs_own_caps_are_limits():
    target = Target("k", "n", attributes={"instance_id": "amcabc", "account_id": "ENTITY1"})

    assert AmcWorkflow().limits(target) == [
        Limit("amc.instance:amcabc", 10),
        Limit("amc.account:ENTITY1", 200),
    ]
    assert AmcWorkflow().limits(Target("k", "n")) == []


def test_connections_that_share_an_account_share_its_caps():
    one, other = (
        Target(name, name, connection_id=uuid4(), attributes={"instance_id": name, "account_id": "ENTITY1"})
        for name in ("one", "other")
    )

    shared = set(AmcWorkflow().limits(one)) & set(AmcWorkflow().limits(other))
    assert shared == {Limit("amc.account:ENTITY1", 200)}


def test_an_address_comes_from_the_frozen_target():
    attributes = {"instance_id": "amcabc", "account_id": "ENTITY1", "marketplace_id": None, "sandbox": True}

    assert address_of(Target("k", "n", attributes=attributes)) == Address(
        "amcabc", "ENTITY1", "", sandbox=True
    )
    with pytest.raises(Permanent, match="n lacks"):
        address_of(Target("k", "n", attributes={"instance_id": "amcabc"}))
