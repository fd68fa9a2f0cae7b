"""Limits over HTTP: who sees which, who may set which, and that what is set binds the next claim."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from fanfold.batches.model import Item, Submission
from fanfold.engine.run import worker_options
from fanfold.engine.store import BreakerRule
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.errors import TargetUnavailable, Throttled
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Snoozed
from fanfold.settings import load_settings
from fanfold.web.services import Services, open_services
from tests.api.full_app import Site, SiteKind, open_site, settings_over

HOUR = timedelta(hours=1)
NIGHT = {"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin", "days": []}


@pytest_asyncio.fixture
async def as_admin(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator's client."""
    async with site.client(await site.services.access.ensure_admin()) as client:
        yield client


def hold(site: Site, *targets: str, limit: Limit) -> None:
    for target in targets:
        site.kind.caps[target] = [limit]
        site.kind.script(target, lambda _: Snoozed(HOUR, {"remote": 1}))


async def keys(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/batch/limits", params=params)
    assert answer.status_code == 200
    return [item["key"] for item in answer.json()["items"]]


async def own_instance(site: Site, user: Any) -> str:
    """Make an instance for *user* past the API, which would want a connection."""
    connection, instance = uuid7(), uuid7()
    async with site.service_database.transaction() as transaction:
        await transaction._connection.execute(
            "insert into connections (id, user_id, connector, name) values ($1, $2, 'amc', 'amc')",
            connection,
            user.id,
        )
        await transaction._connection.execute(
            """insert into amc_instances (id, user_id, connection_id, instance_id, name, region, account_id,
                   marketplace_id) values ($1, $2, $3, 'i1', 'ACME', 'r', 'E1', 'm')""",
            instance,
            user.id,
            connection,
        )
    return f"target:{instance}"


async def test_a_limit_shows_how_it_stands_and_who_holds_it(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient, as_admin: httpx.AsyncClient
):
    hold(site, "a", "b", limit=Limit("amc.account:E1", 2, rate=Rate(10, HOUR)))
    batch = await site.submit("a", "b", name="Spring")
    await site.drain()
    for client in (as_ada, as_admin):
        shown = (await client.get("/batch/limits/amc.account:E1")).json()
        assert shown["title"] == "account E1"
        assert (shown["max_running"], shown["cap"], shown["in_use"], shown["is_full"]) == (2, 2, 2, True)
        assert (shown["rate"], shown["rate_left"]) == ({"count": 10, "per_seconds": 3600}, 8)
        assert shown["holders"] == [{"job_id": batch.batch_id, "name": "Spring", "operations": 2}]
        assert (shown["pinned"], shown["breaker"], shown["operations_of_others"]) == (False, None, 0)
    assert (await as_mallory.get("/batch/limits/amc.account:E1")).status_code == 404
    assert await keys(as_mallory) == []


async def test_who_shares_a_key_sees_it_and_nobody_else_s_batch(site: Site, as_mallory: httpx.AsyncClient):
    hold(site, "a", limit=Limit("amc.account:E1", 1))
    batch = await site.submit("a", name="Secret")
    await site.drain()
    await site.services.batches.submit(
        Submission("scripted", "mine", [Item(Target(key="a", name="A"))]), user_id=site.mallory.id
    )
    answer = await as_mallory.get("/batch/limits/amc.account:E1")
    assert answer.json()["holders"] == []
    assert answer.json()["operations_of_others"] == 1
    assert batch.batch_id not in answer.text
    assert "Secret" not in answer.text


async def test_limits_are_searched_filtered_and_paged(
    site: Site, as_ada: httpx.AsyncClient, as_admin: httpx.AsyncClient
):
    hold(site, "a", limit=Limit("amc.account:E1", 1))
    hold(site, "b", limit=Limit("amc.account:E2", 9))
    hold(site, "c", limit=Limit("pool", 9))
    await site.submit("a", "b", "c")
    await site.drain()
    strange = f"user:{uuid7()}"
    await as_admin.put(f"/batch/limits/{strange}", json={"max_running": 3})
    assert await keys(as_ada) == ["amc.account:E1", "amc.account:E2", "pool"]
    assert await keys(as_ada, q="ACCOUNT") == ["amc.account:E1", "amc.account:E2"]
    assert await keys(as_ada, full=True) == ["amc.account:E1"]
    assert await keys(as_ada, limit=1, offset=1) == ["amc.account:E2"]
    assert await keys(as_admin) == ["amc.account:E1", "amc.account:E2", "pool", strange]


async def test_what_an_administrator_sets_binds_the_next_claim(site: Site, as_admin: httpx.AsyncClient):
    hold(site, "a", "b", "c", limit=Limit("pool", 1))
    await site.submit("a", "b", "c")
    await site.drain()
    assert site.kind.ran == ["a"]
    answer = await as_admin.put("/batch/limits/pool", json={"max_running": 2})
    assert answer.status_code == 200
    assert (answer.json()["max_running"], answer.json()["pinned"]) == (2, True)
    await site.drain()
    assert site.kind.ran == ["a", "b"]
    lowered = (await as_admin.put("/batch/limits/pool", json={"max_running": 1})).json()
    assert (lowered["in_use"], lowered["cap"], lowered["is_full"]) == (2, 1, True)


async def test_what_is_not_said_stays_and_null_takes_away(site: Site, as_admin: httpx.AsyncClient):
    url = "/batch/limits/kind:scripted"
    await as_admin.put(url, json={"max_running": 5, "rate": {"count": 3, "per_seconds": 60}})
    shown = (await as_admin.put(url, json={"quiet_hours": [NIGHT]})).json()
    assert (shown["max_running"], shown["rate"]["count"], shown["quiet_hours"]) == (5, 3, [NIGHT])
    shown = (await as_admin.put(url, json={"max_running": None, "rate": None, "quiet_hours": []})).json()
    assert (shown["max_running"], shown["rate"], shown["quiet_hours"]) == (None, None, [])


async def test_what_a_person_set_outlives_the_next_submission_and_can_be_taken_back(
    site: Site, as_admin: httpx.AsyncClient
):
    hold(site, "a", limit=Limit("pool", 7))
    await as_admin.put("/batch/limits/pool", json={"max_running": 2})
    await site.submit("a")
    assert (await as_admin.get("/batch/limits/pool")).json()["max_running"] == 2
    assert (await as_admin.delete("/batch/limits/pool")).status_code == 204
    shown = (await as_admin.get("/batch/limits/pool")).json()
    assert (shown["max_running"], shown["pinned"]) == (7, False)


async def test_a_key_that_nothing_declares_is_gone_when_it_is_taken_back(
    site: Site, as_admin: httpx.AsyncClient
):
    await as_admin.put("/batch/limits/pool", json={"max_running": 2})
    assert (await as_admin.delete("/batch/limits/pool")).status_code == 204
    assert (await as_admin.get("/batch/limits/pool")).status_code == 404
    assert (await as_admin.delete("/batch/limits/pool")).status_code == 404


async def test_members_set_the_limits_of_their_own_instances_only(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    key = await own_instance(site, site.ada)
    answer = await as_ada.put(f"/batch/limits/{key}", json={"max_running": 1, "quiet_hours": [NIGHT]})
    assert answer.status_code == 200
    assert answer.json()["breaker"]["state"] == "closed"
    assert key in await keys(as_ada)
    for foreign in (key, f"target:{uuid7()}", "global", "pool", f"user:{site.mallory.id}", "target:x"):
        refused = await as_mallory.put(f"/batch/limits/{foreign}", json={"max_running": 1})
        assert (refused.status_code, refused.json()["code"]) == (403, "limit_denied")
        for verb in ("reset-breaker", "unblock"):
            assert (await as_mallory.post(f"/batch/limits/{foreign}/{verb}")).status_code == 403
        assert (await as_mallory.delete(f"/batch/limits/{foreign}")).status_code == 403
    assert (await as_mallory.get(f"/batch/limits/{key}")).status_code == 404


async def test_members_set_the_limits_of_their_own_connections_only(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    await own_instance(site, site.ada)
    async with site.service_database.transaction() as transaction:
        connection = await transaction._connection.fetchval("select id from connections")
    answer = await as_ada.put(f"/batch/limits/connection:{connection}", json={"max_running": 2})
    assert answer.status_code == 200, answer.text
    assert f"connection:{connection}" in await keys(as_ada)
    denied = await as_mallory.put(f"/batch/limits/connection:{connection}", json={"max_running": 9})
    assert denied.status_code == 403
    assert f"connection:{connection}" not in await keys(as_mallory)


async def test_users_see_their_own_cap_and_the_common_one(
    site: Site, as_ada: httpx.AsyncClient, as_admin: httpx.AsyncClient
):
    await as_admin.put(f"/batch/limits/user:{site.ada.id}", json={"max_running": 3})
    await as_admin.put(f"/batch/limits/user:{site.mallory.id}", json={"max_running": 3})
    await as_admin.put("/batch/limits/global", json={"max_running": 30})
    assert await keys(as_ada) == ["global", f"user:{site.ada.id}"]


async def test_a_cap_for_every_user_reaches_who_has_none_and_who_is_new(
    site: Site, as_admin: httpx.AsyncClient
):
    await as_admin.put(f"/batch/limits/user:{site.ada.id}", json={"max_running": 9})
    await as_admin.put("/batch/limits/user:*", json={"max_running": 2})
    new = await site.services.access.add_user("grace")
    caps = {
        user.username: (await as_admin.get(f"/batch/limits/user:{user.id}")).json()["max_running"]
        for user in (site.ada, site.mallory, new)
    }
    assert caps == {"ada": 9, "mallory": 2, "grace": 2}
    await as_admin.delete(f"/batch/limits/user:{site.ada.id}")
    assert (await as_admin.get(f"/batch/limits/user:{site.ada.id}")).json()["max_running"] == 2
    await as_admin.delete("/batch/limits/user:*")
    assert await keys(as_admin, q="user:") == []


@pytest.mark.parametrize(
    ("key", "body", "pointer"),
    [
        ("pool", {}, ""),
        ("pool", {"max_running": 0}, "/max_running"),
        ("pool", {"rate": {"count": -1}}, "/rate/count"),
        ("pool", {"quiet_hours": [{**NIGHT, "timezone": "Mars"}]}, "/quiet_hours/0/timezone"),
        ("pool", {"pinned": True}, "/pinned"),
        ("lock:x", {"max_running": 1}, "/key"),
        ("batch:x", {"max_running": 1}, "/key"),
        ("kind:nix", {"max_running": 1}, "/key"),
        ("user:nobody", {"max_running": 1}, "/key"),
        ("target:nope", {"max_running": 1}, "/key"),
        ("connection:nope", {"max_running": 1}, "/key"),
        ("user:*", {"rate": {"count": 1}}, ""),
    ],
)
async def test_a_bad_limit_is_refused_by_name(
    as_admin: httpx.AsyncClient, key: str, body: dict[str, Any], pointer: str
):
    answer = await as_admin.put(f"/batch/limits/{key}", json=body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await keys(as_admin) == []


async def test_a_breaker_is_shown_and_reset(site: Site, as_admin: httpx.AsyncClient):
    target = Target(key="x", name="X", id=uuid7())
    for _ in range(5):
        site.kind.script("x", lambda _: TargetUnavailable("connection refused"))
        submission = Submission("scripted", "test", [Item(target)])
        batch = await site.services.batches.submit(submission, user_id=site.ada.id)
        await site.step()
        await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
    url = f"/batch/limits/target:{target.id}"
    breaker = (await as_admin.get(url)).json()["breaker"]
    assert breaker["state"] == "open"
    assert breaker["next_probe_at"] is not None
    assert breaker["since"] is not None
    (cause,) = breaker["causes"]
    assert (cause["message"], cause["failure_count"]) == ("connection refused", 5)
    reset = (await as_admin.post(f"{url}/reset-breaker")).json()
    assert reset["breaker"] == {"state": "closed", "since": None, "next_probe_at": None, "causes": []}
    assert reset["is_full"] is False


async def test_a_pause_of_the_remote_side_can_be_ended(site: Site, as_admin: httpx.AsyncClient):
    site.kind.caps["a"] = [Limit("api", 4)]
    site.kind.script("a", lambda _: Throttled("slow down", key="api", after=HOUR))
    await site.submit("a")
    await site.drain()
    assert (await as_admin.get("/batch/limits/api")).json()["blocked_until"] is not None
    assert (await as_admin.post("/batch/limits/api/unblock")).json()["blocked_until"] is None


async def test_setting_a_limit_is_audited(site: Site, as_admin: httpx.AsyncClient):
    await as_admin.put("/batch/limits/http.host:example.com:8080/x", json={"max_running": 2})
    await as_admin.delete("/batch/limits/http.host:example.com:8080/x")
    async with site.service_database.transaction() as transaction:
        rows = await transaction._connection.fetch(
            "select action, object, detail from audit where action like 'limits.%' order by id"
        )
    assert [(row["action"], row["object"], row["detail"]) for row in rows] == [
        ("limits.set", "http.host:example.com:8080/x", {"max_running": 2}),
        ("limits.dropped", "http.host:example.com:8080/x", None),
    ]


async def test_nobody_gets_in_without_signing_in(site: Site):
    async with site.client(None) as client:
        assert (await client.get("/batch/limits")).status_code == 401
        assert (await client.put("/batch/limits/pool", json={"max_running": 1})).status_code == 401


async def test_the_settings_caps_hold_where_nobody_set_another(clean_url: str):
    async with open_site(clean_url, SiteKind(), unfinished_batches=9) as site:
        admin = await site.services.access.ensure_admin()
        async with site.client(admin) as client:
            await client.put(f"/batch/limits/user:{site.mallory.id}", json={"max_running": 8})
            ada = site.ada
    limits = {"unfinished_batches": 9, "max_running": 5, "max_running_per_user": 2}
    settings = settings_over(clean_url, ".", **limits)
    async with open_services(settings, catalog=site.services.catalog) as services:
        caps = await caps_of(services)
        assert caps[f"user:{ada.id}"] == 2
        assert caps[f"user:{site.mallory.id}"] == 8
        assert (caps["global"], caps["user:*"]) == (5, 2)
    async with open_services(settings_over(clean_url, "."), catalog=site.services.catalog) as services:
        assert await caps_of(services) == {f"user:{site.mallory.id}": 8}


async def caps_of(services: Services) -> dict[str, int | None]:
    admin = await services.access.ensure_admin()
    found, _ = await services.limits.list(admin, q=None, full=False, limit=50, offset=0)
    return {view.state.key: view.state.bounds.max_running for view in found}


def test_a_worker_s_breaker_is_as_the_settings_say():
    values = {"failures": 3, "cool_down_seconds": 10, "longest_seconds": 90}
    rule = worker_options(load_settings().with_values("breaker", **values)).breaker
    assert rule == BreakerRule(3, timedelta(seconds=10), timedelta(seconds=90))
