from __future__ import annotations

import asyncio

import pytest

from fanfold.catalog.catalog import Catalog
from fanfold.connections.model import Draft
from fanfold.connections.opener import LOOK_AGAIN, Connections
from fanfold.connections.service import ConnectionService
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.kit.ids import uuid7
from fanfold.sdk.errors import Permanent, TargetUnavailable
from tests.api.paper_connector import PaperConnector

KEYS = KeyRing([KeyRing.generate_key()])


def draft(host: str, token: str | None) -> Draft:
    return Draft("amc", {"host": host}, None if token is None else {"refresh_token": token})


@pytest.fixture
def paper() -> PaperConnector:
    return PaperConnector()


@pytest.fixture
def catalog(paper) -> Catalog:
    return Catalog(kinds={}, connectors={"amc": paper})


@pytest.fixture
def service(api_database, catalog) -> ConnectionService:
    return ConnectionService(api_database, catalog=catalog, credentials=Credentials(KEYS))


@pytest.fixture
async def connections(service_database, catalog, clock):
    async with Connections(
        service_database, catalog=catalog, credentials=Credentials(KEYS), clock=clock
    ) as connections:
        yield connections


@pytest.fixture
async def connection(service, user_id):
    return await service.create("amc", draft("one", "t1"), user_id=user_id)


async def test_many_attempts_share_one_client(connections, connection, paper):
    clients = await asyncio.gather(*(connections.client(connection.id) for _ in range(50)))
    assert len(paper.clients) == 1
    assert all(client is paper.clients[0] for client in clients)
    assert (paper.clients[0].host, paper.clients[0].token) == ("one", "t1")


async def test_all_clients_are_closed_at_the_end(
    service_database, catalog, clock, service, connection, user_id, paper
):
    other = await service.create("amc", Draft("b", {"host": "b"}, {"refresh_token": "b"}), user_id=user_id)
    async with Connections(
        service_database, catalog=catalog, credentials=Credentials(KEYS), clock=clock
    ) as connections:
        await connections.client(connection.id)
        await connections.client(other.id)
        assert [client.closed for client in paper.clients] == [False, False]
    assert [client.closed for client in paper.clients] == [True, True]


async def test_an_edit_reaches_a_worker_that_runs(connections, connection, service, user_id, paper, clock):
    first = await connections.client(connection.id)
    await service.replace(connection.id, draft("two", "t2"), user_id=user_id)
    assert await connections.client(connection.id) is first
    clock.advance(LOOK_AGAIN)
    second = await connections.client(connection.id)
    assert (second.host, second.token) == ("two", "t2")
    assert not first.closed
    clock.advance(LOOK_AGAIN)
    assert await connections.client(connection.id) is second


async def test_an_edit_without_secrets_keeps_them(connections, connection, service, user_id, clock):
    await connections.client(connection.id)
    await service.replace(connection.id, draft("two", None), user_id=user_id)
    clock.advance(LOOK_AGAIN)
    client = await connections.client(connection.id)
    assert (client.host, client.token) == ("two", "t1")


async def test_a_failed_opening_is_tried_again_by_the_next(connections, connection, paper):
    paper.open_error = TargetUnavailable("away")
    with pytest.raises(TargetUnavailable):
        await connections.client(connection.id)
    paper.open_error = None
    assert (await connections.client(connection.id)).host == "one"


async def test_a_deleted_connection_is_a_permanent_failure(connections):
    with pytest.raises(Permanent, match="was deleted"):
        await connections.client(uuid7())


async def test_another_key_ring_is_a_permanent_failure_that_says_what_to_do(
    service_database, catalog, clock, connection
):
    other = Credentials(KeyRing([KeyRing.generate_key()]))
    async with Connections(service_database, catalog=catalog, credentials=other, clock=clock) as connections:
        with pytest.raises(Permanent, match="add the old key"):
            await connections.client(connection.id)


async def test_a_connector_that_is_gone_is_a_permanent_failure(service_database, clock, connection):
    empty = Catalog(kinds={}, connectors={})
    async with Connections(
        service_database, catalog=empty, credentials=Credentials(KEYS), clock=clock
    ) as connections:
        with pytest.raises(Permanent, match="not installed"):
            await connections.client(connection.id)


async def test_one_slow_connection_does_not_hold_another_up(connections, connection, service, user_id, clock):
    other = await service.create("amc", Draft("b", {"host": "b"}, {"refresh_token": "b"}), user_id=user_id)
    async with connections._turns[connection.id]:
        slow = asyncio.create_task(connections.client(connection.id))
        assert (await connections.client(other.id)).host == "b"
        assert not slow.done()
    assert (await slow).host == "one"
