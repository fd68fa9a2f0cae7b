from __future__ import annotations

import asyncpg
import pytest

from fanfold.credentials.errors import CannotOpen, SecretMissing
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.db.statements import parse
from fanfold.kit.ids import uuid7

OLD, NEW = KeyRing.generate_key(), KeyRing.generate_key()
SECRETS = {"refresh_token": "Atzr|one"}


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(KeyRing([OLD]))


@pytest.fixture
async def secret_id(api_database, credentials, user_id):
    async with api_database.transaction(user_id=user_id) as transaction:
        return await credentials.add(transaction, SECRETS, purpose="connection")


async def test_the_worker_opens_what_the_api_stored(service_database, credentials, secret_id):
    async with service_database.transaction() as transaction:
        assert await credentials.open(transaction, secret_id) == SECRETS


async def test_nothing_of_a_secret_stands_in_the_database(service_database, secret_id):
    async with service_database.transaction() as transaction:
        row = await transaction.fetch_one(parse("all", "-- test\nselect s::text as text from secrets s"))
    assert "Atzr" not in row["text"]
    assert b"Atzr".hex() not in row["text"]


async def test_the_api_cannot_open_what_it_stored(api_database, credentials, secret_id, user_id):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api_database.transaction(user_id=user_id) as transaction:
            await credentials.open(transaction, secret_id)


@pytest.mark.parametrize(
    "statement", ["update secrets set purpose = 'x'", "update secrets set sealed = ''", "table secrets"]
)
async def test_the_api_may_neither_change_nor_read(api_database, secret_id, user_id, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api_database.transaction(user_id=user_id) as transaction:
            await transaction.fetch(parse("try", f"-- test\n{statement}"))


async def test_another_user_cannot_delete_it(
    api_database, service_database, credentials, secret_id, other_user_id
):
    async with api_database.transaction(user_id=other_user_id) as transaction:
        await credentials.delete(transaction, secret_id)
    async with service_database.transaction() as transaction:
        assert await credentials.open(transaction, secret_id) == SECRETS


async def test_a_missing_secret_is_named(service_database, credentials):
    async with service_database.transaction() as transaction:
        with pytest.raises(SecretMissing):
            await credentials.open(transaction, uuid7())


async def test_resealing_reaches_every_secret(
    api_database, service_database, credentials, user_id, other_user_id
):
    ids = []
    for owner in (user_id, other_user_id, user_id):
        async with api_database.transaction(user_id=owner) as transaction:
            ids.append(await credentials.add(transaction, {"n": len(ids)}, purpose="connection"))
    assert await Credentials(KeyRing([NEW, OLD])).reseal_all(service_database) == 3
    only_new = Credentials(KeyRing([NEW]))
    async with service_database.transaction() as transaction:
        assert [await only_new.open(transaction, secret) for secret in ids] == [
            {"n": 0},
            {"n": 1},
            {"n": 2},
        ]
        with pytest.raises(CannotOpen):
            await credentials.open(transaction, ids[0])
