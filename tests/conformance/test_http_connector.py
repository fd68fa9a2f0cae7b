"""The connector `http` signs what goes to its own origin, and nothing else; its secret shows nowhere."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from pydantic import ValidationError

from fanfold.connectors.http import HttpConnector
from fanfold.connectors.http.config import HttpConfig, HttpSecrets
from fanfold.kinds.http import Http
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Failure, Permanent, TargetUnavailable
from fanfold.sdk.outbound import OutboundRules
from fanfold.sdk.testing import RecordingContext
from tests.conformance.web import LOCALHOST, Says, running_web

SECRET = "s3cr3t/with+odd=signs"
CONNECTION = UUID(int=7)


@asynccontextmanager
async def opened(web, **config):
    config = HttpConfig(base_url=f"{web.url}/api/", **config)
    async with HttpConnector(LOCALHOST).open(config, HttpSecrets(secret=SECRET)) as client:
        yield client


def attempt(client, **definition):
    target = Target("one", "One", connection_id=CONNECTION)
    return RecordingContext(definition={"url": "/items", **definition}, target=target, client=client)


BASIC = base64.b64encode(f"ada:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("config", "header", "value"),
    [
        ({"auth": "bearer"}, "authorization", f"Bearer {SECRET}"),
        ({"auth": "basic", "username": "ada"}, "authorization", f"Basic {BASIC}"),
        ({"auth": "header", "name": "X-Api-Key"}, "x-api-key", SECRET),
        ({"auth": "none"}, "authorization", None),
    ],
)
async def test_the_secret_goes_where_the_connection_says(web, config, header, value):
    async with opened(web, **config) as client:
        await Http().run(attempt(client))

    assert web.asked[0].path == "/api/items"
    assert web.asked[0].headers.get(header) == value


async def test_a_secret_in_the_query_joins_the_request_s_own(web):
    async with opened(web, auth="query", name="key") as client:
        await Http().run(attempt(client, query={"day": "1"}))

    assert web.asked[0].query == [("day", "1"), ("key", SECRET)]


async def test_a_redirect_to_another_origin_takes_no_secret_along(web):
    async with running_web() as other, opened(web) as client:
        web.lay("/api/items", Says(302, headers={"location": f"{other.url}/x"}))
        await Http().run(attempt(client, headers={"X-Tenant": "t1", "Accept": "text/csv"}))

    assert "authorization" in web.asked[0].headers
    (seen,) = other.asked
    assert not {"authorization", "x-tenant"} & set(seen.headers)
    assert seen.headers["accept"] == "text/csv"


async def test_a_request_may_not_leave_its_connection(web):
    async with running_web() as other, opened(web) as client:
        for address in (f"{other.url}/api/items", f"{web.url}/apisecret", f"{web.url}/"):
            with pytest.raises(Permanent, match="outside of the target's connection"):
                await Http().run(attempt(client, url=address))
        assert other.asked == []
    assert web.asked == []


async def test_a_secret_that_the_other_side_puts_into_an_address_is_not_stored(web):
    place = "/api/jobs/1?key=s3cr3t%2Fwith%2Bodd%3Dsigns&page=2"
    web.lay("/api/items", Says(202, headers={"location": place}))
    async with opened(web, auth="query", name="key") as client:
        context = attempt(client, method="POST", poll={})
        outcome = await Http().run(context)
        context.state = outcome.state
        await Http().run(context)

    assert "s3cr3t" not in f"{outcome} {context.saved}"
    assert dict(web.asked[-1].query) == {"key": SECRET, "page": "2"}


async def test_an_address_is_the_connection_s_however_it_is_written(web):
    config = HttpConfig(base_url="HTTP://LocalHost:80/Api")
    async with HttpConnector(LOCALHOST).open(config, HttpSecrets(secret=SECRET)) as client:
        for address in ("/../x", "/a/%2E%2e/x", "//evil.example/x"):
            with pytest.raises(Permanent, match=r"'\.\.'|neither"):
                await Http().run(attempt(client, url=address))
        with pytest.raises(TargetUnavailable, match="Nobody answers at localhost"):
            await Http().run(attempt(client))


@pytest.mark.parametrize("form", [SECRET, f"Bearer {SECRET}", BASIC, "s3cr3t%2Fwith%2Bodd%3Dsigns"])
async def test_an_answer_that_repeats_the_secret_is_shown_without_it(web, form):
    web.lay("/api/items", Says(400, body=f"you said {form} !".encode()))
    async with opened(web, auth="basic", username="ada") as client:
        with pytest.raises(Failure) as caught:
            await Http().run(attempt(client))
        shown = Says(200, body=f"you said {form} !".encode())
        web.lay("/api/items", shown)
        outcome = await Http().run(attempt(client))

    assert form not in f"{caught.value.message} {caught.value.hint} {outcome}"
    assert "[redacted]" in caught.value.message


async def test_a_test_of_the_connection_names_what_fails(web):
    connector = HttpConnector(LOCALHOST)
    web.lay("/api/health", Says(204), Says(404), Says(401), Says(502))
    async with opened(web, probe_path="/health") as client:
        await connector.probe(client)
        await connector.probe(client)
        with pytest.raises(Permanent, match="refuses the credentials"):
            await connector.probe(client)
        with pytest.raises(TargetUnavailable, match="502"):
            await connector.probe(client)
    with pytest.raises(TypeError):
        await connector.probe(object())


async def test_a_connection_reaches_no_private_address_either(web):
    config = HttpConfig(base_url=web.url)
    connector = HttpConnector(OutboundRules())
    async with connector.open(config, HttpSecrets(secret=SECRET)) as client:
        with pytest.raises(Permanent, match="may not be called"):
            await connector.probe(client)


@pytest.mark.parametrize(
    "config",
    [
        {"base_url": "ftp://example.com"},
        {"base_url": "https://ada:pw@example.com"},
        {"base_url": "https://example.com/x?key=1"},
        {"base_url": "https://example.com", "auth": "basic"},
        {"base_url": "https://example.com", "auth": "header"},
        {"base_url": "https://example.com", "auth": "header", "name": "a b"},
        {"base_url": "https://example.com", "token": "in the open"},
    ],
)
def test_a_connection_that_cannot_work_is_refused(config):
    with pytest.raises(ValidationError):
        HttpConfig(**config)


def test_a_secret_of_two_lines_is_refused_without_being_shown():
    with pytest.raises(ValidationError) as caught:
        HttpSecrets(secret="one\nX-Two: 2")
    assert "X-Two" not in str(caught.value.errors(include_input=False))
