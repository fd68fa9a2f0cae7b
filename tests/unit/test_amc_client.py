"""The AMC client on answers that the simulator never gives: other shapes, odd errors, expired links."""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from fanfold.connectors.amc import AmcConnector
from fanfold.connectors.amc.config import AmcConfig, AmcSecrets, Region
from fanfold.connectors.amc.failures import NotThere, error_text, failure_of, retry_after
from fanfold.connectors.amc.model import Account, execution_of
from fanfold.kit.clock import ManualClock
from fanfold.sdk.errors import Permanent, TargetUnavailable, Throttled

SECRETS = AmcSecrets(client_secret="the-client-secret", refresh_token="Atzr|the-refresh-token")
EXECUTION = {"workflowExecutionId": "e-1", "workflowId": "w-1", "status": "PENDING"}


@dataclass(frozen=True)
class Address:
    instance_id: str = "amcabc"
    account_id: str = "ENTITY1"
    marketplace_id: str = "ATVPDKIKX0DER"


@dataclass
class Amazon:
    """Answers with what the test lays out, in order, and keeps what was asked."""

    answers: list = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)
    tokens: int = 0
    expires_in: int = 3600

    def __call__(self, request):
        if request.url.path == "/auth/o2/token":
            self.tokens += 1
            return httpx.Response(
                200, json={"access_token": f"Atza|{self.tokens}", "expires_in": self.expires_in}
            )
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def client_of(amazon, *, clock=None, pauses=None):
    async def pause(seconds):
        (pauses if pauses is not None else []).append(seconds)

    connector = AmcConnector(
        clock=clock or ManualClock(), pause=pause, http_transport=httpx.MockTransport(amazon)
    )
    config = AmcConfig(base_url="https://amc.example", client_id="amzn1.client")
    async with connector.open(config, SECRETS) as client:
        yield client


def ok(body, **fields):
    return httpx.Response(
        200, json=body, headers={"content-type": "application/vnd.amcworkflows.v1+json"}, **fields
    )


def test_each_region_has_its_host_and_its_token_address():
    hosts = {region: AmcConfig(region=region, client_id="c").endpoints for region in Region}

    assert hosts[Region.NA].base_url == "https://advertising-api.amazon.com"
    assert hosts[Region.EU].token_url == "https://api.amazon.co.uk/auth/o2/token"
    assert hosts[Region.FE].base_url == "https://advertising-api-fe.amazon.com"


def test_a_base_url_alone_switches_host_and_tokens():
    endpoints = AmcConfig(client_id="c", base_url="http://localhost:8090/").endpoints

    assert (endpoints.base_url, endpoints.token_url) == (
        "http://localhost:8090",
        "http://localhost:8090/auth/o2/token",
    )


async def test_every_call_names_login_account_and_marketplace():
    amazon = Amazon([ok(EXECUTION)])
    async with client_of(amazon) as client:
        await client.get_execution(Address(), "e 1/2")

    (request,) = amazon.asked
    assert request.url.raw_path == b"/amc/reporting/amcabc/workflowExecutions/e%201%2F2"
    assert request.headers["authorization"] == "Bearer Atza|1"
    assert request.headers["amazon-advertising-api-clientid"] == "amzn1.client"
    assert request.headers["amazon-advertising-api-advertiserid"] == "ENTITY1"
    assert request.headers["amazon-advertising-api-marketplaceid"] == "ATVPDKIKX0DER"


async def test_accounts_are_asked_for_without_an_account():
    amazon = Amazon([ok({"amcAccounts": [{"accountId": "E", "accountName": "N", "marketplaceId": "M"}]})])
    async with client_of(amazon) as client:
        assert await client.list_accounts() == [Account("E", "N", "M")]

    assert "amazon-advertising-api-advertiserid" not in amazon.asked[0].headers


@pytest.mark.parametrize("body", [EXECUTION, {"workflowExecution": EXECUTION}])
async def test_flat_and_wrapped_executions_read_alike(body):
    async with client_of(Amazon([ok(body), ok(body)])) as client:
        created = await client.create_execution(Address(), {})
        assert created == await client.get_execution(Address(), "e-1")
    assert created.execution_id == "e-1"


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "CANCELLED", "REJECTED", "rejected"])
def test_terminal_states_are_terminal(status):
    assert execution_of({**EXECUTION, "status": status}).is_terminal


@pytest.mark.parametrize("status", ["PENDING", "RUNNING", "PUBLISHING"])
def test_known_states_of_work_are_not_terminal_and_not_logged(status, caplog):
    assert not execution_of({**EXECUTION, "status": status}).is_terminal
    assert caplog.records == []


def test_a_status_that_nobody_knows_is_not_terminal_and_is_logged(caplog):
    assert not execution_of({**EXECUTION, "status": "CERTIFYING"}).is_terminal
    assert [(record.message, record.status) for record in caplog.records] == [
        ("amc.unknown_status", "CERTIFYING")
    ]


def test_an_execution_keeps_what_amc_echoes():
    execution = execution_of(
        {
            **EXECUTION,
            "status": "REJECTED",
            "statusReason": "From line 1, column 8 to line 1, column 12: Object 'cars' not found",
            "createTime": "2026-11-01T10:00:00Z",
            "timeWindowStart": "2026-09-30T22:00:00Z",
            "timeWindowStartOriginal": "2026-10-01T00:00:00",
            "timeWindowTimeZoneOriginal": "Europe/Berlin",
            "workflowExecutionTimeoutSeconds": 21600,
            "executionTime": "55",
            "parameterValues": {"a": "1"},
            "outputColumns": [{"name": "n", "dataType": "LONG"}, "odd"],
        }
    )

    assert execution.status_reason.endswith("not found")
    assert execution.created_at.isoformat() == "2026-11-01T10:00:00+00:00"
    assert (execution.window_start, execution.time_zone) == ("2026-10-01T00:00:00", "Europe/Berlin")
    assert (execution.timeout_seconds, execution.execution_seconds) == (21600, 55.0)
    assert execution.output_columns == ({"name": "n", "dataType": "LONG"},)


async def test_pages_are_followed_with_their_filters(clock):
    pages = [{"executions": [EXECUTION], "nextToken": "t2"}, {"executions": [EXECUTION], "nextToken": None}]
    amazon = Amazon([ok(page) for page in pages])
    async with client_of(amazon) as client:
        found = await client.find_executions(Address(), workflow_id="w-1", since=clock.now())

    assert len(found) == 2
    first, second = (dict(request.url.params) for request in amazon.asked)
    assert first["workflowId"] == "w-1"
    assert first["minCreationTime"] == "2026-01-01T00:00:00"
    assert first["includeCancelled"] == "true"
    assert second == {**first, "nextToken": "t2"}


async def test_a_token_is_kept_until_a_minute_before_its_end(clock):
    amazon = Amazon([ok({}) for _ in range(3)])
    async with client_of(amazon, clock=clock) as client:
        await client.list_accounts()
        clock.advance(timedelta(seconds=3539))
        await client.list_accounts()
        assert amazon.tokens == 1
        clock.advance(timedelta(seconds=1))
        await client.list_accounts()

    assert amazon.tokens == 2


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(401, json={"message": "Unauthorized"}),
        httpx.Response(403, json={"code": "403", "details": "Unauthorized request."}),
    ],
    ids=["401", "403"],
)
async def test_a_refused_token_is_renewed_once_also_for_a_create(refusal):
    amazon = Amazon([refusal, ok(EXECUTION)])
    async with client_of(amazon) as client:
        assert (await client.create_execution(Address(), {})).execution_id == "e-1"

    assert [request.headers["authorization"] for request in amazon.asked] == [
        "Bearer Atza|1",
        "Bearer Atza|2",
    ]


async def test_a_wrong_entity_is_refused_after_one_renewal_with_the_entity_as_hint():
    body = {"code": "403", "details": "Unauthorized request."}
    amazon = Amazon([httpx.Response(403, json=body, headers={"x-amz-rid": "RID1"}) for _ in range(2)])
    async with client_of(amazon) as client:
        with pytest.raises(Permanent, match="Unauthorized request") as caught:
            await client.get_execution(Address(), "e-1")

    assert amazon.tokens == 2
    assert "AMC account id" in caught.value.hint
    assert "RID1" in caught.value.hint


async def test_terms_that_nobody_accepted_are_no_question_of_the_token():
    details = "Terms and conditions must be accepted to continue"
    amazon = Amazon([httpx.Response(403, json={"code": "403", "details": details})])
    async with client_of(amazon) as client:
        with pytest.raises(Permanent) as caught:
            await client.get_execution(Address(), "e-1")

    assert amazon.tokens == 1
    assert "AMC console" in caught.value.hint


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ReadError("reset"),
        httpx.Response(504, json={"message": "Endpoint request timed out"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"status": "PENDING"}),
    ],
    ids=["timeout", "cut", "reset", "gateway", "no json", "no id"],
)
async def test_a_create_whose_answer_is_lost_says_so_and_is_not_repeated(lost):
    amazon = Amazon([lost])
    async with client_of(amazon) as client:
        assert await client.create_execution(Address(), {}) is None

    assert len(amazon.asked) == 1


@pytest.mark.parametrize(
    "refused", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")]
)
async def test_a_create_that_was_never_sent_is_unavailable(refused):
    async with client_of(Amazon([refused])) as client:
        with pytest.raises(TargetUnavailable):
            await client.create_execution(Address(), {})


async def test_a_read_is_tried_three_times_and_no_more():
    pauses = []
    amazon = Amazon([httpx.Response(500), httpx.ReadError("reset"), httpx.Response(200, text="{cut")])
    async with client_of(amazon, pauses=pauses) as client:
        with pytest.raises(TargetUnavailable, match="could not be read"):
            await client.get_execution(Address(), "e-1")

    assert len(pauses) == 2


async def test_cancelling_an_execution_that_has_ended_is_fine():
    refusal = httpx.Response(400, json={"code": "400", "details": "cannot be updated"})
    amazon = Amazon([refusal, ok({**EXECUTION, "status": "SUCCEEDED"})])
    async with client_of(amazon) as client:
        await client.cancel_execution(Address(), "e-1")

    assert json.loads(amazon.asked[0].content) == {"status": "CANCELLED"}


async def test_cancelling_that_is_refused_for_another_reason_fails():
    refusal = httpx.Response(400, json={"code": "400", "details": "no"})
    async with client_of(Amazon([refusal, ok(EXECUTION)])) as client:
        with pytest.raises(Permanent):
            await client.cancel_execution(Address(), "e-1")


async def test_links_are_fetched_without_headers_of_the_login_and_anew_when_expired(tmp_path, caplog):
    caplog.set_level(logging.DEBUG, logger="httpx")
    amazon = Amazon(
        [
            ok({"downloadUrls": ["https://s3.example/a?sig=old", "https://s3.example/b?sig=old"]}),
            httpx.Response(200, text="n\n1\n"),
            httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>"),
            ok({"downloadUrls": ["https://s3.example/a?sig=new", "https://s3.example/b?sig=new"]}),
            httpx.Response(200, text="n\n2\n"),
        ]
    )
    async with client_of(amazon) as client:
        files = await client.download(Address(), "e-1", folder=tmp_path)

    assert [path.read_text() for path in files] == ["n\n1\n", "n\n2\n"]
    fetched = [request for request in amazon.asked if request.url.host == "s3.example"]
    assert [request.url.query for request in fetched] == [b"sig=old", b"sig=old", b"sig=new"]
    assert not any(
        name.startswith(("authorization", "amazon")) for request in fetched for name in request.headers
    )
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "https://s3.example/a" in logged
    assert "sig=" not in logged


async def test_a_result_without_links_is_a_broken_answer(tmp_path):
    async with client_of(Amazon([ok({})])) as client:
        with pytest.raises(TargetUnavailable):
            await client.download(Address(), "e-1", folder=tmp_path)


def test_of_several_words_of_an_error_the_first_in_amazons_order_is_shown():
    body = {"messageSubject": "4", "details": "3", "statusReason": "2", "message": "1"}
    for name, text in (("message", "1"), ("statusReason", "2"), ("details", "3"), ("messageSubject", "4")):
        assert error_text(httpx.Response(400, json=body)) == text
        del body[name]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"code": "400", "details": "entityId provided is null"}, "entityId provided is null"),
        ({"message": "Endpoint request timed out"}, "Endpoint request timed out"),
        ({"statusReason": "why"}, "why"),
        ({"messageSubject": "subject"}, "subject"),
        ({"code": "400"}, ""),
        ("plain", "plain"),
    ],
)
def test_the_words_of_an_error_are_found_wherever_they_stand(body, text):
    assert error_text(httpx.Response(400, json=body)) == text


def test_the_words_of_a_page_are_its_text_in_one_short_line():
    page = "<html><h1>503</h1>\n" + "busy " * 400 + "</html>"

    text = error_text(httpx.Response(503, text=page))

    assert text.startswith("503 busy busy")
    assert len(text) <= 501


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Permanent),
        (404, NotThere),
        (410, Permanent),
        (422, Permanent),
        (408, TargetUnavailable),
        (429, Throttled),
        (500, TargetUnavailable),
        (503, TargetUnavailable),
    ],
)
def test_every_status_has_its_family(status, family, clock):
    failure = failure_of(httpx.Response(status), step="try", throttle_key="k:1", now=clock.now())

    assert type(failure) is family
    assert failure.hint


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        ("Thu, 01 Jan 2026 00:01:30 GMT", timedelta(seconds=90)),
        ("Wed, 31 Dec 2025 00:00:00 GMT", timedelta()),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_of_its_forms(value, pause, clock):
    assert retry_after({"retry-after": value}, now=clock.now()) == pause


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 7}, []])
async def test_a_sign_in_that_answers_no_token_is_unavailable(answer):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    connector = AmcConnector(clock=ManualClock(), http_transport=transport)
    async with connector.open(AmcConfig(client_id="c"), SECRETS) as client:
        with pytest.raises(TargetUnavailable, match="sign in"):
            await client.sign_in()


@pytest.mark.parametrize(
    ("response", "family"),
    [
        (httpx.Response(400, json={"error": "invalid_grant", "error_description": "revoked"}), Permanent),
        (httpx.Response(401, json={"error": "invalid_client"}), Permanent),
        (httpx.Response(429, headers={"retry-after": "9"}), TargetUnavailable),
        (httpx.Response(503), TargetUnavailable),
    ],
)
async def test_a_sign_in_that_is_refused_names_its_step(response, family):
    connector = AmcConnector(clock=ManualClock(), http_transport=httpx.MockTransport(lambda _: response))
    async with connector.open(AmcConfig(client_id="c"), SECRETS) as client:
        with pytest.raises(family, match="sign") as caught:
            await connector.probe(client)

    assert "the-client-secret" not in repr(caught.value)
