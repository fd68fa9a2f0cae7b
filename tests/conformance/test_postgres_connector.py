"""The connector `postgres`: it reads, within bounds, and only where calls may go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import pytest_asyncio
from pydantic import SecretStr

from fanfold.connectors.postgres import PostgresClient, PostgresConnector
from fanfold.connectors.postgres.addresses import allowed_address, database_rules
from fanfold.connectors.postgres.config import PostgresConfig, PostgresSecrets
from fanfold.kit.networks import NETWORKS_VARIABLE
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable

LOOPBACK = {NETWORKS_VARIABLE: "127.0.0.0/8"}
SECOND = timedelta(seconds=5)


@asynccontextmanager
async def over_tcp(url: str) -> AsyncGenerator[tuple[PostgresConfig, PostgresSecrets]]:
    """The test's database on a port, which it only has a socket for, and how to sign in."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while part := await source.read(65536):
                sink.write(part)
                await sink.drain()
        finally:
            sink.close()

    async def serve(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_unix_connection(socket)
        await asyncio.gather(copy(source, outer), copy(inner, sink), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield (
            PostgresConfig(
                host="127.0.0.1",
                port=port,
                database=parts.path.strip("/"),
                user=parts.username or "",
                tls="off",
            ),
            PostgresSecrets(password=SecretStr(unquote(parts.password or ""))),
        )
    finally:
        server.close()
        await server.wait_closed()


@pytest_asyncio.fixture
async def client(database_url: str) -> AsyncIterator[PostgresClient]:
    connector = PostgresConnector(database_rules(LOOPBACK))
    async with over_tcp(database_url) as (config, secrets), connector.open(config, secrets) as client:
        yield client


async def test_a_query_brings_rows_of_json_values(client: PostgresClient):
    statement = """
        select 'a' as key, 5 as n, 1.5::numeric as d, date '2026-11-22' as day, null as nothing,
               array[1, 2] as l"""
    found = await client.query(statement, most_rows=5, within=SECOND)
    assert found.columns == ["key", "n", "d", "day", "nothing", "l"]
    assert found.rows == [["a", 5, 1.5, "2026-11-22", None, [1, 2]]]


async def test_a_probe_signs_in(client: PostgresClient):
    await PostgresConnector(database_rules(LOOPBACK)).probe(client)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("create table harm (x int)", "returns no rows"),
        ("select setval('fanfold.operations_number_seq', 5)", "read-only"),
        ("with gone as (delete from fanfold.batches returning id) select * from gone", "read-only"),
        ("select 1; select 2", "multiple commands"),
        ("selec 1", "syntax error"),
        ("select * from generate_series(1, 11)", "more than 10 rows"),
        ("select pg_sleep(5)", "longer than 0.2 s"),
    ],
)
async def test_what_writes_or_is_too_much_is_refused(client: PostgresClient, statement: str, said: str):
    with pytest.raises(Failure, match=said):
        await client.query(statement, most_rows=10, within=timedelta(seconds=0.2))


async def test_a_wrong_password_is_told_and_not_shown(database_url: str):
    connector = PostgresConnector(database_rules(LOOPBACK))
    async with over_tcp(database_url) as (config, _):
        wrong = PostgresSecrets(password=SecretStr("hunter2"))
        async with connector.open(config, wrong) as client:
            with pytest.raises(Permanent, match="refuses the sign-in") as refused:
                await client.query("select 1", most_rows=1, within=SECOND)
    assert "hunter2" not in str(refused.value)


async def test_where_nobody_is_the_target_is_unavailable():
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    config = PostgresConfig(host="127.0.0.1", port=port, database="d", user="u", tls="off")
    connector = PostgresConnector(database_rules(LOOPBACK))
    async with connector.open(config, PostgresSecrets(password=SecretStr("x"))) as client:
        with pytest.raises(TargetUnavailable, match="Nobody answers"):
            await client.query("select 1", most_rows=1, within=SECOND)


@pytest.mark.parametrize(
    ("host", "port"),
    [("127.0.0.1", 5432), ("169.254.169.254", 5432), ("10.0.0.1", 5432), ("8.8.8.8", 22), ("::1", 5432)],
)
async def test_addresses_that_are_not_allowed_are_not_dialled(host: str, port: int):
    with pytest.raises(Permanent, match="may not be called"):
        await allowed_address(host, port, rules=database_rules({}))


async def test_public_addresses_are_allowed_on_the_ports_of_databases():
    assert await allowed_address("8.8.8.8", 5432, rules=database_rules({})) == "8.8.8.8"


async def test_the_database_of_fanfold_itself_is_never_a_connection(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FANFOLD_DATABASE_URL", "postgresql://fanfold:secret@127.0.0.1:5432/fanfold")
    with pytest.raises(Permanent, match="own state"):
        await allowed_address("127.0.0.1", 5432, rules=database_rules(LOOPBACK))
    assert await allowed_address("127.0.0.1", 5433, rules=database_rules(LOOPBACK)) == "127.0.0.1"


async def test_an_unknown_host_is_named():
    with pytest.raises(Retryable, match=r"nowhere\.invalid"):
        await allowed_address("nowhere.invalid", 5432, rules=database_rules({}))
