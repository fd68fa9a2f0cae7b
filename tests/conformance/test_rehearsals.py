"""Every built-in kind behaves: to its end, through crashes, when it is cancelled, when it fails.

The kind `amc.workflow` is rehearsed against the simulator, in `tests/contract`.
"""

from __future__ import annotations

from uuid import UUID

from fanfold.connectors.amc import AmcConnector
from fanfold.connectors.http import HttpConnector
from fanfold.connectors.http.config import HttpConfig, HttpSecrets
from fanfold.kinds.http import Http
from fanfold.kinds.noop import Noop
from fanfold.kinds.python import Python
from fanfold.sdk.context import Target
from fanfold.sdk.testing import RecordingContext, Rehearsal, connection_faults, run_faults
from tests.conformance.test_built_in_plugins import CONNECTORS
from tests.conformance.test_python_kind import FUNCTIONS
from tests.conformance.web import LOCALHOST, Says

SECRET = "s3cr3t-that-shows-nowhere"
CONNECTION = UUID(int=3)


async def test_noop_behaves():
    rehearsal = Rehearsal(
        attempt=lambda: RecordingContext(parameters={"snooze_ms": 5, "rows": 3}),
        hanging=lambda: RecordingContext(parameters={"wait_ms": 60_000}),
        failing=[lambda: RecordingContext(parameters={"fail": True})],
    )

    assert await run_faults(Noop(), rehearsal) == []


async def test_python_behaves():
    def calling(function, **parameters):
        target = Target("t", "T", attributes={"number": 2})
        return lambda: RecordingContext(
            definition={"function": function}, parameters=parameters, target=target
        )

    rehearsal = Rehearsal(
        attempt=calling("numbers", count=3),
        failing=[calling("multiply", factor="x"), calling("nowhere"), calling("odd"), calling("throttled")],
    )

    assert await run_faults(Python(FUNCTIONS), rehearsal) == []


def keys_asked(web, path):
    """The other side knows a repeated request by its key."""
    return {one.headers["idempotency-key"] for one in web.asked if one.path == path}


async def test_http_behaves(web):
    """With a connection whose secret the other side repeats wherever it can."""
    config = HttpConfig(base_url=web.url)
    repeated = f"you are {SECRET}".encode()
    web.lay(
        "/jobs", lambda asked: Says(202, headers={"location": f"/jobs/{asked.headers['idempotency-key']}"})
    )
    web.lay("/bad", Says(400, body=repeated))
    web.lay("/down", Says(500, body=repeated))
    web.lay("/slow", Says(429, body=repeated))
    web.lay("/odd", Says(200, body=repeated))
    web.be_silent("/silent")

    async with HttpConnector(LOCALHOST).open(config, HttpSecrets(secret=SECRET)) as client:

        def asking(path, **definition):
            given = {
                "method": "POST",
                "url": path,
                "body": {"a": "{{ target.key }}"},
                "poll": {},
                **definition,
            }
            target = Target("t", "T", connection_id=CONNECTION)
            return lambda: RecordingContext(definition=given, target=target, client=client)

        rows = {"rows": "$", "columns": [{"name": "a", "path": "@.a"}]}
        rehearsal = Rehearsal(
            attempt=asking("/jobs", result=rows),
            hanging=asking("/silent"),
            begun=lambda: web.until_asked("/silent"),
            failing=[
                asking("/bad"), asking("/down"), asking("/slow"), asking("/odd", result=rows),
                asking("//elsewhere"), asking("/silent", timeout_seconds=0.1, repeatable=False),
            ],
            secrets=[SECRET],
            remote_runs=lambda: len(keys_asked(web, "/jobs")),
        )  # fmt: skip
        assert await run_faults(Http(LOCALHOST), rehearsal) == []


async def test_http_without_a_connection_behaves(web):
    rehearsal = Rehearsal(attempt=lambda: RecordingContext(definition={"url": f"{web.url}/x"}))

    assert await run_faults(Http(LOCALHOST), rehearsal) == []


async def test_the_connectors_open_and_close_without_a_call():
    for connector in (AmcConnector(), HttpConnector()):
        assert await connection_faults(connector, **CONNECTORS[connector.name]) == []
