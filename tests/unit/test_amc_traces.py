"""Every call of a login is told to the attempt under way, with Amazon's id of it and without a secret."""

from __future__ import annotations

import httpx
import pytest

from fanfold.sdk.errors import Permanent, TargetUnavailable
from fanfold.sdk.tracing import recording
from tests.unit.test_amc_client import EXECUTION, SECRETS, Address, Amazon, client_of, ok

LINK = "https://storage.example/bucket/secret-path/part.csv?X-Amz-Signature=abc"


async def traced(answers, use, **fields):
    calls = []
    with recording(calls.append):
        async with client_of(Amazon(answers), **fields) as client:
            await use(client)
    return calls


def shown(calls):
    return [(call.method, call.path, call.status, call.request_id) for call in calls]


async def test_each_call_is_told_with_path_status_and_the_id_that_support_asks_for():
    answer = ok(EXECUTION)
    answer.headers["x-amz-rid"] = "RID7"

    calls = await traced([answer], lambda client: client.get_execution(Address(), "e-1"))

    assert shown(calls) == [
        ("POST", "/auth/o2/token", 200, None),
        ("GET", "/amc/reporting/amcabc/workflowExecutions/e-1", 200, "RID7"),
    ]
    assert calls[1].step == "show the execution"


async def test_every_try_of_a_read_is_told(clock):
    answers = [
        httpx.Response(503, headers={"x-amz-request-id": "RID1"}),
        httpx.ConnectError("away"),
        ok(EXECUTION),
    ]

    calls = await traced(answers, lambda client: client.get_execution(Address(), "e-1"), clock=clock)

    assert [(call.status, call.request_id, call.error) for call in calls[1:]] == [
        (503, "RID1", None),
        (None, None, "ConnectError"),
        (200, None, None),
    ]


async def test_neither_links_nor_tokens_nor_bodies_are_told(tmp_path):
    answers = [ok({"downloadUrls": [LINK]}), httpx.Response(200, content=b"a\n1\n")]

    calls = await traced(answers, lambda client: client.download(Address(), "e-1", folder=tmp_path))

    told = repr(calls)
    for secret in ("Signature", "secret-path", "Atza", "Atzr", SECRETS.client_secret.get_secret_value()):
        assert secret not in told
    assert shown(calls)[-1] == ("GET", "https://storage.example/…", 200, None)


@pytest.mark.parametrize(
    ("answer", "family"), [(400, Permanent), (500, TargetUnavailable)], ids=["refused", "failed"]
)
async def test_errors_name_the_id_of_the_call(answer, family):
    response = httpx.Response(answer, json={"details": "no"}, headers={"x-amz-rid": "RID5"})
    async with client_of(Amazon([response] * 3)) as client:
        with pytest.raises(family) as refused:
            await client.get_execution(Address(), "e-1")

    assert "RID5" in refused.value.hint
    assert refused.value.request_id == "RID5"
