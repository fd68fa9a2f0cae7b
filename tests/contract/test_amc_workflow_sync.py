"""The kind `amc.workflow.sync` against the simulator over HTTP: saved once, compared, and brought in step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from amcsim.config import SimulatorConfig
from amcsim.options import ApiOptions
from amcsim.testing import running_simulator
from fanfold.connectors.amc import AmcConnector
from fanfold.connectors.amc.config import AmcConfig, AmcSecrets
from fanfold.kinds.amc_workflow import AmcWorkflowSync
from fanfold.kinds.amc_workflow.definition import definition_of
from fanfold.kinds.amc_workflow.remote import address_of
from fanfold.kinds.amc_workflow.saved import LONGEST_DIFFERENCE, as_saved, difference
from fanfold.sdk.errors import Permanent, TargetUnavailable, Throttled
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import RecordingContext
from tests.contract.conftest import QUERY, Amc

KIND = AmcWorkflowSync()
PARAMETERS = [
    {"name": "brand", "data_type": "STRING", "default": "Acme", "description": "Whose."},
    {"name": "campaigns", "data_type": "ARRAY<STRING>", "required": True},
]


@pytest.fixture
def saving(amc: Amc, client: Any, clock: Any) -> RecordingContext:
    """An attempt to save a workflow of its own on the first instance."""
    definition = {
        "workflow_id": str(uuid4()),
        "key": "reach",
        "version": 1,
        "sql_query": f"{QUERY.strip()}\n;\n",
        "parameters": PARAMETERS,
    }
    return RecordingContext(
        parameters={"action": "save"}, definition=definition, target=amc.target(), client=client, clock=clock
    )


async def done(context: RecordingContext, **changes: Any) -> dict[str, Any]:
    """Run the kind once and return its summary."""
    outcome = await KIND.run(replace(context, **changes))
    assert isinstance(outcome, Completed)
    return dict(outcome.summary)


def changed(context: RecordingContext, **changes: Any) -> RecordingContext:
    """Return the same attempt for another version."""
    return replace(context, definition={**context.definition, "version": 2, **changes})


async def test_a_workflow_is_created_then_left_alone_then_updated(saving, client):
    first = await done(saving)
    assert (first["state"], first["version"]) == ("created", 1)
    assert first["saved_id"] == f"ff_{saving.definition['workflow_id'].replace('-', '')}"
    there = await client.get_workflow(address_of(saving.target), first["saved_id"])
    assert there["sqlQuery"] == QUERY.strip()
    assert [each["name"] for each in there["inputParameters"]] == ["brand", "campaigns"]

    assert (await done(saving))["state"] == "in_step"
    second = changed(saving, sql_query=f"{QUERY.strip()} HAVING COUNT(DISTINCT user_id) > 5")
    updated = await done(second)
    assert (updated["state"], updated["version"]) == ("updated", 2)
    assert "+GROUP BY campaign HAVING COUNT(DISTINCT user_id) > 5" in updated["difference"]
    assert (await done(second))["state"] == "in_step"


async def test_comparing_changes_nothing(saving, client):
    compare = {"action": "compare"}
    missing = await done(saving, parameters=compare)
    assert missing["state"] == "missing"
    assert await client.get_workflow(address_of(saving.target), missing["saved_id"]) is None
    await done(saving)
    other = changed(saving, parameters=[PARAMETERS[0] | {"default": "Other"}])
    found = await done(other, parameters=compare)
    assert found["state"] == "differs"
    assert "-parameter brand STRING = Acme -- Whose." in found["difference"]
    assert "+parameter brand STRING = Other -- Whose." in found["difference"]
    assert "-parameter campaigns ARRAY<STRING>" in found["difference"]
    assert (await done(saving, parameters=compare))["state"] == "in_step"


async def test_a_save_whose_answer_is_lost_is_done_once(saving, amc, client):
    amc.fault("lose_response", operations=["createWorkflow"], times=1)
    assert (await done(saving))["state"] == "created"
    assert (await done(saving))["state"] == "in_step"


async def test_two_that_save_at_once_agree(saving, client):
    states = await asyncio.gather(*(done(saving) for _ in range(4)))
    assert {each["state"] for each in states} <= {"created", "updated", "in_step"}
    assert (await done(saving, parameters={"action": "compare"}))["state"] == "in_step"


async def test_an_instance_that_is_not_there_fails_for_good(saving):
    gone = replace(saving.target, attributes={**saving.target.attributes, "instance_id": "amcnowhere"})
    with pytest.raises(Permanent):
        await KIND.run(replace(saving, target=gone))


@pytest.mark.parametrize(("status", "family"), [(503, TargetUnavailable), (429, Throttled)])
async def test_trouble_at_amc_is_of_its_family(saving, amc, status, family):
    amc.fault("http_error", status=status, details="no", operations=["updateWorkflow"])
    with pytest.raises(family):
        await KIND.run(saving)


@pytest.fixture(scope="module", params=[404, 405])
def odd_amc(request):
    """A simulator that refuses to replace what it does not know with another status, and wraps its bodies."""
    config = SimulatorConfig(
        speed=1000,
        events_per_instance=2000,
        compute_threads=1,
        wrapped_bodies=True,
        api=ApiOptions(unknown_replace_status=request.param),
    )
    with running_simulator(config) as running, httpx.Client(base_url=running.url) as http:
        yield Amc(running.url, http)


@pytest_asyncio.fixture
async def odd_client(odd_amc, clock, pauses):
    config, secrets = odd_amc.login()
    async with AmcConnector(clock=clock, pause=pauses).open(
        AmcConfig(**config), AmcSecrets(**secrets)
    ) as client:
        yield client


async def test_any_status_for_an_unknown_id_and_wrapped_bodies_are_understood(saving, odd_amc, odd_client):
    context = replace(saving, client=odd_client, target=odd_amc.target())
    assert (await done(context))["state"] == "created"
    assert (await done(context))["state"] == "in_step"


def test_a_long_difference_is_cut():
    there = {"sqlQuery": "\n".join(f"-- {number}" for number in range(2_000)), "inputParameters": []}
    text = difference(there, {"sqlQuery": "SELECT 1"})
    assert len(text) == LONGEST_DIFFERENCE + 2
    assert text.endswith("…")


def test_line_ends_and_order_of_parameters_make_no_difference(saving):
    ours = as_saved(definition_of(saving.definition))
    there = {
        "sqlQuery": ours["sqlQuery"].replace("\n", "\r\n"),
        "inputParameters": list(reversed(ours["inputParameters"])),
        "extra": 1,
    }
    assert difference(there, ours) == ""
