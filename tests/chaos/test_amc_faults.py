"""A batch over many instances, each with faults of its own: every one strikes, the ends are the expected
ones, and nothing is submitted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from fanfold.batches.model import Batch
from tests.chaos.figures import figures
from tests.chaos.stage import Remote, Stage, remote, stage

CREATE, LOOK, LINKS = "createWorkflowExecution", "getWorkflowExecution", "getWorkflowExecutionDownloadUrls"
FETCH = "downloadFile"
NOBODYS = {"account_id": "ENTITY0000000000000"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong at one instance, and how its operation ends all the same."""

    name: str
    faults: Sequence[Mapping[str, Any]] = ()
    status: str = "completed"
    reason: str | None = None
    submissions: int = 1
    attributes: Mapping[str, Any] = field(default_factory=dict)
    has_rows: bool = True
    loses_tokens: bool = False
    """Whether its access tokens end while the batch runs."""


def fault(kind: str, **given: Any) -> Mapping[str, Any]:
    """A fault that strikes once."""
    return {"kind": kind, "times": 1, **given}


def once(name: str, kind: str, **given: Any) -> Trouble:
    """A fault that strikes once and costs nothing but time."""
    return Trouble(name, [fault(kind, **given)])


TROUBLES = [
    Trouble("none"),
    once("429 with a pause", "throttle", retry_after=1, operations=[CREATE]),
    once("429 without a pause", "throttle", operations=[CREATE]),
    once("429 while looking", "throttle", retry_after=1, operations=[LOOK]),
    once("500 instead of a create", "http_error", status=500, operations=[CREATE]),
    Trouble("503 while looking", [fault("http_error", status=503, times=4, operations=[LOOK])]),
    once("reset before the create", "reset_connection", operations=[CREATE]),
    once("reset after the create", "lose_response", operations=[CREATE]),
    once("half a JSON after the create", "malformed_json", operations=[CREATE]),
    once("half a JSON while looking", "malformed_json", operations=[LOOK]),
    once("half a JSON instead of links", "malformed_json", operations=[LINKS]),
    Trouble("tokens that end in mid-batch", loses_tokens=True),
    once("half a download", "truncated_download"),
    once("links that have expired", "expire_links"),
    replace(once("a header and no rows", "header_only_csv"), has_rows=False),
    replace(once("a failed execution", "fail_execution"), submissions=2),
    Trouble("a rejected query", [fault("reject")], "failed", "error"),
    once("a gateway's 500 instead of a create", "http_error", shape="gateway", operations=[CREATE]),
    once("a web page while looking", "http_error", status=502, shape="html", operations=[LOOK]),
    once("a reset while downloading", "reset_connection", operations=[FETCH]),
    Trouble(
        "a 429, an answer that gets lost, half a JSON",
        [
            fault("throttle", retry_after=1, operations=[CREATE]),
            fault("lose_response", operations=[CREATE]),
            fault("malformed_json", operations=[LOOK]),
        ],
    ),
    Trouble(
        "a 500, half a download, links that have expired, tokens that end",
        [
            fault("http_error", status=500, operations=[CREATE]),
            fault("truncated_download"),
            fault("expire_links"),
        ],
        loses_tokens=True,
    ),
    Trouble(
        "a wrong entity",
        status="failed",
        reason="error",
        submissions=0,
        attributes=NOBODYS,
    ),
]
SLOW_TROUBLES = [
    Trouble("an execution that is stuck", [fault("stuck")], "failed", "timeout"),
    once("an answer that takes too long", "delay", seconds=31, operations=[CREATE]),
]


USUAL_LEASE_SECONDS = 15.0
"""Nobody is killed here: on a busy machine a shorter lease would add faults that are none of AMC's."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def of_many(request: pytest.FixtureRequest) -> Iterator[Remote]:
    """A simulator of as many instances as the test names."""
    with remote(instances=request.param) as running:
        yield running


async def run(scene: Stage, troubles: Sequence[Trouble], **policy: Any) -> Batch:
    """Run one operation per trouble, each at its own instance; compare every end with the expected one, and
    every fault's strikes with what it was meant to do.
    """
    scene.targets = [
        replace(target, attributes={**target.attributes, **trouble.attributes})
        for target, trouble in zip(scene.targets, troubles, strict=True)
    ]
    for target, trouble in zip(scene.targets, troubles, strict=True):
        for given in trouble.faults:
            scene.remote.fault(**given, instance_ids=[target.key])
    end_tokens(scene, troubles)
    batch = await scene.submit(len(troubles), max_attempts=3, **policy)
    worker = scene.worker(lease_seconds=USUAL_LEASE_SECONDS)
    await scene.until(batch)
    rows = await scene.rows("select * from operations where batch_id = $1 order by ordinal", batch.id)
    submissions = scene.remote.submissions_by_instance()
    ends = [
        (trouble.name, row["status"], row["reason"], submissions.get(target.key, 0), bool(row["row_count"]))
        for target, trouble, row in zip(scene.targets, troubles, rows, strict=True)
    ]
    expected = [
        (one.name, one.status, one.reason, one.submissions, one.has_rows and one.status == "completed")
        for one in troubles
    ]
    assert ends == expected, worker.log.read_text()[-4000:]
    idle = [one for one in scene.remote.faults() if one["hits"] < (one["times"] or 1)]
    assert idle == [], "faults that struck less often than they were meant to"
    return batch


def end_tokens(scene: Stage, troubles: Sequence[Trouble]) -> None:
    """Let tokens end as soon as somebody has looked at an execution: not before, or nobody would hold one."""
    ids = [
        target.key for target, trouble in zip(scene.targets, troubles, strict=True) if trouble.loses_tokens
    ]
    step = {"after_calls": 1, "operations": [LOOK], "instances": {"ids": ids}}
    scene.remote.play("tokens-end", [{**step, "faults": [{"kind": "expire_tokens"}]}])


@pytest.mark.parametrize("of_many", [len(TROUBLES)], indirect=True)
async def test_every_fault_of_amc_ends_as_it_should(clean_url, tmp_path, of_many, prove):
    async with stage(clean_url, tmp_path, of_many) as scene:
        batch = await run(scene, TROUBLES)
        prove(await figures(scene, batch, f"AMC, {len(TROUBLES)} faults"))


@pytest.mark.long
@pytest.mark.parametrize("of_many", [100], indirect=True)
async def test_a_hundred_instances_with_every_fault_end_as_they_should(clean_url, tmp_path, of_many, prove):
    troubles = [*TROUBLES, *SLOW_TROUBLES] * 4
    async with stage(clean_url, tmp_path, of_many) as scene:
        batch = await run(scene, troubles, poll_seconds=2.0, attempt_timeout=2 * MINUTE, max_parallel=20)
        prove(await figures(scene, batch, "AMC, 100 instances", max_parallel=20))
