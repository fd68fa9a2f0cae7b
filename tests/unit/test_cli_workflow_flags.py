"""What people type as rules and windows of a workflow's batch, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from fanfold.cli.source_flags import SourceFlags
from fanfold.cli.workflow_batches import WorkflowFlags, refuse_flags_of_others, rule
from fanfold.client.errors import BadInput
from fanfold.client.models import Parameter, Workflow
from fanfold.client.workflow_batches import workflow_body


def test_rules_of_a_workflow_say_when_and_what():
    declared = Workflow.model_construct(
        parameters=(Parameter.model_construct(name="code", data_type="STRING"),)
    )
    assert rule("region=us-east-1|eu-west-1, sandbox=false: days={{ today - 3d }}", None).body() == {
        "when": {"region": ["us-east-1", "eu-west-1"], "sandbox": False},
        "set": {"days": "{{ today - 3d }}"},
    }
    assert rule("tag=x:days=14", declared).body() == {"when": {"tag": "x"}, "set": {"days": 14}}
    assert rule("tag=x: code=14", declared).body() == {"when": {"tag": "x"}, "set": {"code": "14"}}
    assert rule("brand=Outlet: skip no data: before June", None).body() == {
        "when": {"brand": "Outlet"},
        "skip": "no data: before June",
    }


@pytest.mark.parametrize(
    "text",
    [
        "region=x",
        "region=x:",
        "region: days=1",
        "colour=x: days=1",
        "sandbox=maybe: days=1",
        "tag=x: skip",
        ": a=1",
    ],
)
def test_a_rule_that_cannot_be_read_is_named(text: str):
    with pytest.raises(BadInput) as caught:
        rule(text, None)
    assert repr(text) in str(caught.value)


def made_of(flags: WorkflowFlags, **said: Any) -> Any:
    return flags.made_of(Workflow.model_construct(parameters=()), parameter=["a=1"], policy=None, **said)


def test_windows_are_the_last_so_many_or_from_one_day_to_another():
    assert workflow_body(made_of(WorkflowFlags(windows="week", last=52), name="Year")) == {
        "parameters": {"a": 1},
        "windows": {"every": "week", "last": 52},
        "name": "Year",
    }
    flags = WorkflowFlags(windows="month", units=2, start="2026-01-01", end="{{ last_full_month }}")
    assert workflow_body(made_of(flags))["windows"] == {
        "every": "month",
        "count": 2,
        "from": "2026-01-01",
        "to": "{{ last_full_month }}",
    }
    assert "windows" not in workflow_body(made_of(WorkflowFlags()))
    with pytest.raises(BadInput, match="--windows"):
        made_of(WorkflowFlags(last=5))


def test_where_the_query_comes_from_is_said_only_when_it_is_asked_for():
    assert workflow_body(made_of(WorkflowFlags(query_source="saved")))["query_source"] == "saved"
    assert "query_source" not in workflow_body(made_of(WorkflowFlags()))


def test_a_workflow_s_batch_refuses_what_only_other_batches_take():
    refuse_flags_of_others(SourceFlags(description="fine"))
    with pytest.raises(BadInput, match="--skip-when, --tag"):
        refuse_flags_of_others(SourceFlags(skip_when=["a missing"], tag=["x"]))
