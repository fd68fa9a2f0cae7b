"""By plain SQL in the API's role: what is another's can be neither reached nor pointed at."""

from __future__ import annotations

import asyncpg
import pytest
import pytest_asyncio

from fanfold.db.database import SCHEMA, Role
from fanfold.kit.ids import uuid7

INSTANCE = """insert into amc_instances
                     (id, user_id, connection_id, instance_id, name, region, account_id, marketplace_id)
              values ($1, $2, $3, 'amc1', 'One', 'us-east-1', 'E1', 'M1')"""
OWNED = ["connections", "amc_instances", "workflows", "workflow_versions", "secrets", "rate_marks", "audit"]
OWNED += ["idempotency_keys"]


async def session_of(url, user_id, role=Role.API):
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA, "role": role.value})
    await connection.execute("select set_config('fanfold.user_id', $1, false)", str(user_id))
    return connection


@pytest_asyncio.fixture
async def ada(clean_url, user_id):
    session = await session_of(clean_url, user_id)
    yield session
    await session.close()


@pytest_asyncio.fixture
async def mallory(clean_url, other_user_id):
    session = await session_of(clean_url, other_user_id)
    yield session
    await session.close()


@pytest_asyncio.fixture
async def rows(ada, user_id):
    """One row of everything, all ada's."""
    secret, connection, instance, workflow = (uuid7() for _ in range(4))
    await ada.execute("insert into secrets values ($1, $2, 'connection', 'x')", secret, user_id)
    await ada.execute(
        "insert into connections (id, user_id, connector, name, secret_id) values ($1, $2, 'amc', 'c', $3)",
        connection,
        user_id,
        secret,
    )
    await ada.execute(INSTANCE, instance, user_id, connection)
    await ada.execute(
        "insert into workflows (id, user_id, key, name, sql_query) values ($1, $2, 'k', 'n', 'select 1')",
        workflow,
        user_id,
    )
    await ada.execute("insert into workflow_versions values ($1, 1, 'select 1', '[]')", workflow)
    await ada.execute("insert into rate_marks (user_id, key) values ($1, 'submit')", user_id)
    await ada.execute("insert into audit (user_id, action, object) values ($1, 'a', 'o')", user_id)
    await ada.execute("insert into idempotency_keys values ($1, 'k', 'h')", user_id)
    return {"secret": secret, "connection": connection, "instance": instance, "workflow": workflow}


@pytest.mark.parametrize("table", OWNED)
async def test_only_the_owner_sees_a_row(ada, mallory, rows, table):
    count = f"select count(*) from (select 1 from {table}) rows"
    assert await ada.fetchval(count) == 1
    assert await mallory.fetchval(count) == 0


@pytest.mark.parametrize("table", [name for name in OWNED if name != "audit"])
async def test_nobody_else_can_delete_a_row(ada, mallory, rows, table):
    assert await mallory.execute(f"delete from {table}") == "DELETE 0"
    assert await ada.fetchval(f"select count(*) from (select 1 from {table}) rows") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update connections set name = 'x'",
        "update amc_instances set name = 'x'",
        "update workflows set sql_query = 'x'",
        "update workflow_versions set sql_query = 'x'",
        "update idempotency_keys set response = '1'",
    ],
)
async def test_nobody_else_can_change_a_row(mallory, rows, statement):
    assert await mallory.execute(statement) == "UPDATE 0"


@pytest.mark.parametrize("statement", ["update audit set action = 'x'", "delete from audit"])
async def test_the_audit_cannot_be_changed_by_anyone(ada, rows, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ada.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update connections set user_id = $1",
        "update amc_instances set user_id = $1",
        "update workflows set user_id = $1",
    ],
)
async def test_nobody_can_give_a_row_away(ada, rows, other_user_id, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await ada.execute(statement, other_user_id)


async def test_an_instance_cannot_use_anothers_connection(mallory, rows, other_user_id):
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await mallory.execute(INSTANCE, uuid7(), other_user_id, rows["connection"])


async def test_a_connection_cannot_use_anothers_secret(mallory, rows, other_user_id):
    insert = (
        "insert into connections (id, user_id, connector, name, secret_id) values ($1, $2, 'amc', 'c', $3)"
    )
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await mallory.execute(insert, uuid7(), other_user_id, rows["secret"])


async def test_a_batch_cannot_name_anothers_workflow(mallory, rows, other_user_id):
    insert = """insert into batches (id, batch_id, user_id, kind, name, workflow_id)
                values ($1, 'batch_x', $2, 'amc.workflow', 'n', $3)"""
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await mallory.execute(insert, uuid7(), other_user_id, rows["workflow"])


async def test_a_version_cannot_be_added_to_anothers_workflow(mallory, rows):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await mallory.execute("insert into workflow_versions values ($1, 2, 'x', '[]')", rows["workflow"])


@pytest.mark.parametrize("column", ["password_hash", "*"])
async def test_a_password_hash_cannot_be_read(ada, column):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ada.fetch(f"select {column} from users")


@pytest.mark.parametrize("statement", ["update users set role = 'admin'", "table sign_in_links"])
async def test_the_api_changes_no_user_and_reads_no_link(ada, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ada.execute(statement)


async def test_a_user_goes_with_all_that_is_theirs(clean_url, rows, user_id):
    service = await session_of(clean_url, user_id, Role.SERVICE)
    await service.execute("delete from users where id = $1", user_id)
    for table in OWNED:
        expected = 1 if table == "audit" else 0
        assert await service.fetchval(f"select count(*) from {table}") == expected
    await service.close()


@pytest.mark.parametrize(
    "statement",
    [
        """insert into operations (id, batch_id, user_id, ordinal, item_key)
           values (gen_random_uuid(), $1, $2, 1, 'k')""",
        "update operations set batch_id = $1, user_id = $2",
    ],
)
async def test_an_operation_cannot_be_put_into_a_batch(ada, mallory, user_id, other_user_id, statement):
    batch = uuid7()
    insert = "insert into batches (id, batch_id, user_id, kind, name) values ($1, 'batch_x', $2, 'k', 'n')"
    await ada.execute(insert, batch, user_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await mallory.execute(statement, batch, other_user_id)
