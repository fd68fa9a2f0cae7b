"""Discovery, import and checks through the API, against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from tests.api.full_app import Site, SiteKind, open_site


@dataclass
class Import:
    """A user with one connection to the simulator."""

    site: Site
    http: httpx.AsyncClient
    connection_id: str
    amc: Any

    async def ask(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/connections/{self.connection_id}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def instances(self) -> dict[str, dict[str, Any]]:
        items = (await self.http.get("/instances", params={"limit": 200})).json()["items"]
        return {each["instance_id"]: each for each in items}

    async def connect(self, name: str) -> str:
        config, secrets = self.amc.login()
        body = {"connector": "amc", "name": name, "config": config, "secrets": secrets}
        return (await self.http.post("/connections", json=body)).json()["id"]


@pytest_asyncio.fixture
async def bringing(clean_url: str, amc) -> AsyncIterator[Import]:
    async with open_site(clean_url, SiteKind()) as site, site.client(site.ada) as http:
        made = Import(site, http, "", amc)
        made.connection_id = await made.connect("login")
        yield made


async def test_a_preview_changes_nothing_and_an_import_brings_everything(bringing):
    shown = await bringing.ask("discover")
    assert await bringing.instances() == {}
    assert shown["complete"]
    assert {each["standing"] for each in shown["instances"]} == {"new"}

    done = await bringing.ask("import", tags=["agency"])

    assert {each["done"] for each in done["instances"]} == {"created"}
    brought = await bringing.instances()
    offered = {each["instanceId"]: each for each in bringing.amc.instances}
    assert brought.keys() == offered.keys()
    for instance_id, each in brought.items():
        there = offered[instance_id]
        assert each["account_id"] == there["accountId"]
        assert each["marketplace_id"] == there["marketplaceId"]
        assert each["sandbox"] is there["sandbox"]
        kind = "sandbox" if there["sandbox"] else "standard"
        assert {"agency", "region:na", f"account:{there['accountId']}", f"type:{kind}"} <= set(each["tags"])


async def test_a_second_import_does_nothing(bringing):
    await bringing.ask("import")
    before = await bringing.instances()

    again = await bringing.ask("import")

    assert {(each["standing"], each["done"]) for each in again["instances"]} == {("unchanged", "kept")}
    assert await bringing.instances() == before


async def test_what_a_user_wrote_stays_unless_names_are_to_follow(bringing):
    await bringing.ask("import")
    instance_id, mine = next(iter((await bringing.instances()).items()))
    own = {
        **{name: mine[name] for name in ("instance_id", "region", "account_id", "marketplace_id")},
        "name": "My own name",
        "brands": ["Mine"],
        "tags": ["pilot", "region:elsewhere"],
    }
    await bringing.http.put(f"/instances/{mine['id']}", json=own)

    changed = await bringing.ask("import", instance_ids=[instance_id])

    (only,) = changed["instances"]
    assert (only["standing"], only["done"]) == ("changed", "updated")
    assert "tags" in only["changes"]
    after = (await bringing.instances())[instance_id]
    assert (after["name"], after["brands"]) == ("My own name", ["Mine"])
    assert "pilot" in after["tags"]
    assert "region:elsewhere" not in after["tags"]
    await bringing.ask("import", instance_ids=[instance_id], rename=True)
    assert (await bringing.instances())[instance_id]["name"] == mine["name"]


async def test_what_is_gone_stays_until_its_removal_is_asked_for(bringing):
    await bringing.ask("import")
    model = next(iter((await bringing.instances()).values()))
    ghost = {name: model[name] for name in ("region", "account_id", "marketplace_id", "connection_id")}
    await bringing.http.post("/instances", json={**ghost, "instance_id": "amcghost", "name": "Ghost"})

    kept = await bringing.ask("import")
    assert ("gone", "kept") in {(each["standing"], each["done"]) for each in kept["instances"]}
    assert "amcghost" in await bringing.instances()

    removed = await bringing.ask("import", remove_gone=True)
    assert [each["instance_id"] for each in removed["instances"] if each["done"] == "removed"] == ["amcghost"]
    assert "amcghost" not in await bringing.instances()


async def test_an_instance_of_an_account_without_access_is_unseen_and_never_removed(bringing):
    body = {
        "instance_id": "amcother",
        "name": "Other",
        "region": "us-east-1",
        "account_id": "ENTITYNOBODY",
        "marketplace_id": "ATVPDKIKX0DER",
        "connection_id": bringing.connection_id,
    }
    await bringing.http.post("/instances", json=body)

    done = await bringing.ask("import", remove_gone=True)

    (other,) = [each for each in done["instances"] if each["instance_id"] == "amcother"]
    assert (other["standing"], other["done"]) == ("unseen", "kept")
    (account,) = [each for each in done["accounts"] if each["account_id"] == "ENTITYNOBODY"]
    assert (account["access"], account["trouble"]["cause"]) == ("no_access", "no_access")
    assert done["complete"]


async def test_what_another_connection_brought_is_left_alone(bringing):
    await bringing.ask("import")
    first, before = bringing.connection_id, await bringing.instances()
    bringing.connection_id = await bringing.connect("second login")

    done = await bringing.ask("import")

    told = {(each["standing"], each["done"], each["connection_id"]) for each in done["instances"]}
    assert told == {("elsewhere", "kept", first)}
    assert await bringing.instances() == before


async def test_ids_that_are_not_reached_are_refused_and_nothing_is_brought(bringing):
    there = bringing.amc.instances[0]["instanceId"]
    answer = await bringing.http.post(
        f"/connections/{bringing.connection_id}/import", json={"instance_ids": [there, "amcnowhere"]}
    )

    assert answer.status_code == 400
    assert "amcnowhere" in answer.text
    assert await bringing.instances() == {}


async def test_nobody_discovers_through_anothers_connection(bringing):
    async with bringing.site.client(bringing.site.mallory) as mallory:
        for verb in ("discover", "import", "check"):
            answer = await mallory.post(f"/connections/{bringing.connection_id}/{verb}", json={})
            assert answer.status_code == 404


async def test_a_login_that_was_revoked_fails_at_its_sign_in_without_its_secrets(bringing):
    config, secrets = bringing.amc.login()
    revoked = {"name": "login", "config": config, "secrets": {**secrets, "refresh_token": "Atzr|gone"}}
    await bringing.http.put(f"/connections/{bringing.connection_id}", json=revoked)

    checked = await bringing.ask("check")
    shown = await bringing.ask("discover")

    assert (checked["ok"], checked["failed_step"]) == (False, "sign_in")
    assert checked["steps"][-1]["trouble"]["cause"] == "credentials"
    assert (shown["complete"], shown["failed_step"]) == (False, "sign_in")
    for answer in (checked, shown):
        assert "Atzr" not in str(answer)
        assert secrets["client_secret"] not in str(answer)


async def test_a_check_names_every_step_down_to_the_tables(bringing):
    await bringing.ask("import")

    found = await bringing.ask("check", instances=2)

    assert found["ok"]
    assert (found["instances_checked"], found["instances_total"]) == (2, len(bringing.amc.instances))
    assert [step["step"] for step in found["steps"]].count("data_sources") == 2
    assert all(step["detail"] for step in found["steps"] if step["step"] != "sign_in")
