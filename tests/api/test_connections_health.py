"""Checks and discovery of connections whose systems know neither: the cheap call is told as a step."""

from __future__ import annotations

import pytest
import pytest_asyncio

from fanfold.connections import store
from fanfold.connections.errors import ConnectionNotFound
from fanfold.connections.health import ConnectionHealth
from fanfold.connections.model import Draft
from fanfold.kit.ids import uuid7
from fanfold.sdk.errors import BadInput, Cause, Permanent
from fanfold.targets.importing import Importer
from tests.api.bare_app import Desk, open_desk


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def mine(desk: Desk):
    draft = Draft("US login", {"host": "h"}, {"refresh_token": "Atzr|s"})
    return (await desk.connections.create("amc", draft, user_id=desk.ada.id)).id


@pytest.fixture
def health(desk: Desk) -> ConnectionHealth:
    return ConnectionHealth(desk.connections, desk.instances)


async def test_a_connection_that_works_has_one_good_step(desk, health, mine):
    report = await health.check(mine, user_id=desk.ada.id, at_most=5)

    assert report.failed is None
    assert [step.step for step in report.steps] == ["call"]


async def test_a_call_that_fails_is_the_failed_step(desk, health, mine):
    desk.connector.probe_error = Permanent("The host hung up.", hint="Call again.")

    failed = (await health.check(mine, user_id=desk.ada.id, at_most=5)).failed

    assert (failed.step, failed.trouble.message, failed.trouble.hint) == (
        "call",
        "The host hung up.",
        "Call again.",
    )


async def test_settings_that_lack_something_fail_before_anything_is_called(desk, health, mine, api_database):
    async with api_database.transaction(user_id=desk.ada.id) as transaction:
        known = await store.find(transaction, mine)
        await store.replace(transaction, mine, name=known.name, config={}, secret_id=known.secret_id)

    failed = (await health.check(mine, user_id=desk.ada.id, at_most=5)).failed

    assert (failed.step, failed.trouble.cause) == ("settings", Cause.SETTINGS)


async def test_anothers_connection_is_not_there(desk, health, mine):
    with pytest.raises(ConnectionNotFound):
        await health.check(mine, user_id=desk.mallory.id, at_most=5)
    with pytest.raises(ConnectionNotFound):
        await health.check(uuid7(), user_id=desk.ada.id, at_most=5)


async def test_systems_without_instances_have_nothing_to_discover(desk, mine, api_database):
    with pytest.raises(BadInput, match="no instances to discover"):
        await Importer(api_database, desk.connections).preview(mine, user_id=desk.ada.id)
