from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from fanfold.connections.model import Draft
from fanfold.db.database import SCHEMA
from fanfold.sdk.errors import BadInput
from fanfold.targets.errors import InstancesDenied
from fanfold.targets.model import Details
from tests.api.bare_app import Desk, open_desk

LOGIN = Draft("US login", {"host": "h"}, {"refresh_token": "t"})
NEW = {
    "instance_id": "amcacme01",
    "name": "Acme US",
    "region": "us-east-1",
    "account_id": "ENTITY1",
    "account_name": "Acme Inc",
    "marketplace_id": "ATVPDKIKX0DER",
    "brands": ["Acme", "Roadrunner"],
    "sandbox": False,
    "tags": ["retail"],
}
FLEET = [
    ("amcacme01", "Acme US", "us-east-1", "ENTITY1", "Acme Inc", ["Acme", "Roadrunner"], False, ["retail"]),
    ("amcacme02", "Acme EU", "eu-west-1", "ENTITY1", "Acme Inc", ["Acme"], False, ["retail", "eu"]),
    ("amcblue01", "Blue Bottle", "us-east-1", "ENTITY2", "Blue Co", ["Bottle 100%"], False, []),
    ("amcsand01", "Sandbox_A", "us-east-1", "ENTITY3", "", [], True, ["test"]),
    ("amceclair", "Éclair", "eu-west-1", "ENTITY4", "Pâtisserie", ["Éclair"], False, ["eu"]),
]


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


@pytest_asyncio.fixture
async def as_mallory(desk: Desk):
    async with desk.client(desk.mallory) as client:
        yield client


@pytest_asyncio.fixture
async def login(desk: Desk):
    return await desk.connections.create("amc", LOGIN, user_id=desk.ada.id)


@pytest_asyncio.fixture
async def fleet(desk: Desk, login):
    """Five instances of ada, by AMC id."""
    made = {}
    for amc_id, name, region, account, account_name, brands, sandbox, tags in FLEET:
        details = Details(
            amc_id, name, region, account, "M", account_name, tuple(brands), sandbox, tuple(tags)
        )
        made[amc_id] = await desk.instances.create(details, user_id=desk.ada.id)
    return made


async def found(client, **query) -> list[str]:
    answer = await client.get("/instances", params=query)
    assert answer.status_code == 200, answer.text
    return [item["instance_id"] for item in answer.json()["items"]]


async def test_an_instance_is_written_and_read(as_ada, login):
    made = await as_ada.post("/instances", json=NEW)
    assert made.status_code == 201
    view = made.json()
    assert {name: view[name] for name in NEW} == NEW
    assert view["connection_id"] == str(login.id)
    shown = await as_ada.get(f"/instances/{view['id']}")
    assert shown.json() == view
    replaced = await as_ada.put(f"/instances/{view['id']}", json={**NEW, "name": "Acme North", "tags": []})
    assert (replaced.json()["name"], replaced.json()["tags"]) == ("Acme North", [])
    assert await found(as_ada, q="north") == ["amcacme01"]
    assert (await as_ada.delete(f"/instances/{view['id']}")).status_code == 204
    assert (await as_ada.get(f"/instances/{view['id']}")).status_code == 404


async def test_an_instance_of_an_account_is_there_once(as_ada, login):
    await as_ada.post("/instances", json=NEW)
    again = await as_ada.post("/instances", json={**NEW, "name": "Other"})
    assert (again.status_code, again.json()["code"]) == (409, "instance_exists")
    other = await as_ada.post("/instances", json={**NEW, "account_id": "ENTITY2"})
    assert other.status_code == 201
    clash = await as_ada.put(f"/instances/{other.json()['id']}", json=NEW)
    assert clash.status_code == 409


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"name": "a\0b"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"instance_id": "a b"}, "/instance_id"),
        ({"instance_id": "../etc"}, "/instance_id"),
        ({"region": ""}, "/region"),
        ({"brands": ["ok", "bad\0"]}, "/brands/1"),
        ({"tags": ["x"] * 51}, "/tags"),
        ({"user_id": str(uuid4())}, "/user_id"),
        ({"id": str(uuid4())}, "/id"),
        ({"connection_id": str(uuid4())}, "/connection_id"),
        ({"connection_id": "x"}, "/connection_id"),
    ],
)
async def test_a_bad_field_is_named(as_ada, login, changes, pointer):
    answer = await as_ada.post("/instances", json={**NEW, **changes})
    assert answer.status_code == 400, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_without_a_connection_there_is_no_instance(as_ada):
    answer = await as_ada.post("/instances", json=NEW)
    assert answer.status_code == 400
    assert "Add a connection" in answer.json()["detail"]


async def test_of_several_connections_one_must_be_named(desk: Desk, as_ada, login):
    other = Draft("EU login", {"host": "e"}, {"refresh_token": "t"})
    second = await desk.connections.create("amc", other, user_id=desk.ada.id)
    assert (await as_ada.post("/instances", json=NEW)).status_code == 400
    answer = await as_ada.post("/instances", json={**NEW, "connection_id": str(second.id)})
    assert answer.json()["connection_id"] == str(second.id)


async def test_anothers_connection_cannot_be_used(desk: Desk, as_mallory, login):
    answer = await as_mallory.post("/instances", json={**NEW, "connection_id": str(login.id)})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/connection_id"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["amcacme02", "amcacme01", "amcblue01", "amcsand01", "amceclair"]),
        ({"q": "acme"}, ["amcacme02", "amcacme01"]),
        ({"q": "ACME eu"}, ["amcacme02"]),
        ({"q": "amcblue"}, ["amcblue01"]),
        ({"q": "roadrunner"}, ["amcacme01"]),
        ({"q": "entity2"}, ["amcblue01"]),
        ({"q": "blue co"}, ["amcblue01"]),
        ({"q": "ÉCLAIR"}, ["amceclair"]),
        ({"q": "100%"}, ["amcblue01"]),
        ({"q": "%"}, ["amcblue01"]),
        ({"q": "_"}, ["amcsand01"]),
        ({"q": "\\"}, []),
        ({"q": "'; drop table amc_instances --"}, []),
        ({"region": "eu-west-1"}, ["amcacme02", "amceclair"]),
        ({"sandbox": "true"}, ["amcsand01"]),
        ({"sandbox": "false", "region": "us-east-1"}, ["amcacme01", "amcblue01"]),
        ({"brand": "Acme"}, ["amcacme02", "amcacme01"]),
        ({"brand": "acme"}, []),
        ({"account": "ENTITY1"}, ["amcacme02", "amcacme01"]),
        ({"account": "Blue Co"}, ["amcblue01"]),
        ({"tag": "eu"}, ["amcacme02", "amceclair"]),
        ({"tag": "eu", "q": "acme"}, ["amcacme02"]),
        ({"region": ""}, ["amcacme02", "amcacme01", "amcblue01", "amcsand01", "amceclair"]),
        ({"sort": "-name"}, ["amceclair", "amcsand01", "amcblue01", "amcacme01", "amcacme02"]),
        ({"sort": "instance_id"}, ["amcacme01", "amcacme02", "amcblue01", "amceclair", "amcsand01"]),
        ({"sort": "-created_at"}, ["amceclair", "amcsand01", "amcblue01", "amcacme02", "amcacme01"]),
        ({"sort": "account_name", "limit": 2}, ["amcsand01", "amcacme01"]),
    ],
    ids=str,
)
async def test_a_search_finds(as_ada, fleet, query, expected):
    got = await found(as_ada, **query)
    if query.get("sort") == "account_name":
        assert got[0] == "amcsand01"
        assert got[1] in {"amcacme01", "amcacme02"}
    else:
        assert got == expected
    ids = (await as_ada.get("/instances/ids", params=without_paging(query))).json()
    total = (await as_ada.get("/instances", params=query)).json()["total"]
    assert ids["total"] == total == len(ids["ids"])
    if "limit" not in query:
        assert {str(fleet[amc_id].id) for amc_id in expected} == set(ids["ids"])


def without_paging(query: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in query.items() if name not in {"sort", "limit", "offset"}}


async def test_pages_join_without_gap_or_repetition(as_ada, fleet):
    pages = [await found(as_ada, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [amc_id for page in pages for amc_id in page] == await found(as_ada)


async def test_facets_count_what_each_value_would_leave(as_ada, fleet):
    facets = (await as_ada.get("/instances", params={"region": "eu-west-1", "q": "e"})).json()["facets"]
    # The region filter does not narrow its own facet, only the others.
    assert facets["regions"] == [{"value": "us-east-1", "count": 3}, {"value": "eu-west-1", "count": 2}]
    assert facets["tags"] == [{"value": "eu", "count": 2}, {"value": "retail", "count": 1}]
    assert {entry["value"] for entry in facets["brands"]} == {"Acme", "Éclair"}
    assert {entry["value"] for entry in facets["accounts"]} == {"Acme Inc", "Pâtisserie"}


async def test_an_account_without_a_name_is_its_id_and_can_be_filtered_by(as_ada, fleet):
    facets = (await as_ada.get("/instances")).json()["facets"]
    assert {"value": "ENTITY3", "count": 1} in facets["accounts"]
    for facet in facets["accounts"]:
        assert len(await found(as_ada, account=facet["value"])) == facet["count"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"offset": -1},
        {"offset": 10**12},
        {"sort": "user_id"},
        {"sandbox": "x"},
        {"q": "a\0b"},
        {"q": "x" * 201},
        {"nosuch": 1},
    ],
    ids=str,
)
async def test_a_bad_query_is_refused(as_ada, query):
    assert (await as_ada.get("/instances", params=query)).status_code == 400


async def test_a_lookup_gives_ones_own(as_ada, as_mallory, fleet):
    ids = [str(instance.id) for instance in fleet.values()]
    answer = await as_ada.post("/instances/lookup", json={"ids": [*ids, str(uuid4())]})
    assert {item["id"] for item in answer.json()["items"]} == set(ids)
    assert (await as_mallory.post("/instances/lookup", json={"ids": ids})).json() == {"items": []}


async def test_nobody_reaches_anothers_instance(as_ada, as_mallory, fleet):
    path = f"/instances/{fleet['amcacme01'].id}"
    answers = [
        await as_mallory.get(path),
        await as_mallory.put(path, json={**NEW, "name": "stolen"}),
        await as_mallory.delete(path),
    ]
    assert {answer.status_code for answer in answers} == {404}
    empty = (await as_mallory.get("/instances")).json()
    assert (empty["items"], empty["total"]) == ([], 0)
    assert all(values == [] for values in empty["facets"].values())
    assert (await as_mallory.get("/instances/ids")).json() == {"ids": [], "total": 0}
    assert (await as_ada.get(path)).json()["name"] == "Acme US"


async def test_a_refusal_is_a_sentence_for_people(as_ada, login):
    answer = await as_ada.post("/instances", json={**NEW, "name": "a\0b"})
    assert answer.json()["detail"] == "name: must not contain control characters or line breaks."


@pytest.mark.parametrize("method", ["get", "put", "delete"])
async def test_a_malformed_id_is_bad_input(as_ada, method):
    body = {"json": NEW} if method == "put" else {}
    assert (await getattr(as_ada, method)("/instances/not-a-uuid", **body)).status_code == 400


async def test_a_selection_is_frozen_in_its_order(desk: Desk, fleet):
    wanted = [fleet["amcsand01"], fleet["amcacme01"]]
    targets = await desk.instances.freeze(
        [str(instance.id).upper() for instance in wanted], user_id=desk.ada.id, at_most=100
    )
    assert [target.id for target in targets] == [instance.id for instance in wanted]
    assert targets[1].name == "Acme US"
    assert targets[1].connection_id == wanted[1].connection_id
    assert targets[1].attributes == {
        "instance_id": "amcacme01",
        "account_id": "ENTITY1",
        "account_name": "Acme Inc",
        "marketplace_id": "M",
        "region": "us-east-1",
        "brands": ["Acme", "Roadrunner"],
        "tags": ["retail"],
        "sandbox": False,
    }


async def test_every_malformed_and_repeated_id_is_named(desk: Desk, fleet):
    good = str(fleet["amcacme01"].id)
    given = [good, "x", good.upper(), 7, None, f"{{{good}}}", good.replace("-", "")]
    with pytest.raises(BadInput) as refused:
        await desk.instances.freeze(given, user_id=desk.ada.id, at_most=100)
    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == [f"/instance_ids/{index}" for index in (1, 2, 3, 4, 5, 6)]
    assert f"{good} is in the list already, at 0." in str(refused.value)


async def test_unknown_and_foreign_ids_are_denied_alike_and_all_named(desk: Desk, fleet):
    unknown, foreign = str(uuid4()), str(fleet["amcacme01"].id)
    with pytest.raises(InstancesDenied) as denied:
        await desk.instances.freeze([foreign, "x", unknown], user_id=desk.mallory.id, at_most=100)
    problems = [(problem.pointer, problem.message) for problem in denied.value.problems]
    assert problems == [
        ("/instance_ids/0", f"Access denied to instance {foreign}."),
        ("/instance_ids/1", "'x' is not an instance's UUID."),
        ("/instance_ids/2", f"Access denied to instance {unknown}."),
    ]


@pytest.mark.parametrize(("count", "message"), [(0, "at least one"), (3, "more than the 2")])
async def test_an_empty_or_long_list_is_refused(desk: Desk, fleet, count, message):
    given = [str(instance.id) for instance in fleet.values()][:count]
    with pytest.raises(BadInput, match=message) as refused:
        await desk.instances.freeze(given, user_id=desk.ada.id, at_most=2)
    assert [problem.pointer for problem in refused.value.problems] == ["/instance_ids"]


async def test_a_huge_list_is_refused_as_a_whole(desk: Desk):
    with pytest.raises(BadInput) as refused:
        await desk.instances.freeze(["x"] * 100_000, user_id=desk.ada.id, at_most=100)
    assert len(refused.value.problems) == 1


async def test_select_all_stops_at_five_thousand_and_says_how_many_there_are(desk: Desk, login, clean_url):
    connection = await asyncpg.connect(clean_url, server_settings={"search_path": SCHEMA})
    await connection.execute(
        """insert into amc_instances
                  (id, user_id, connection_id, instance_id, name, region, account_id, marketplace_id)
           select gen_random_uuid(), $1, $2, 'amc' || i, 'Instance ' || i, 'us-east-1', 'E', 'M'
             from generate_series(1, 5010) i""",
        desk.ada.id,
        login.id,
    )
    await connection.close()
    async with desk.client(desk.ada) as client:
        answer = (await client.get("/instances/ids")).json()
        assert (len(set(answer["ids"])), answer["total"]) == (5000, 5010)
        page = (await client.get("/instances", params={"q": "amc4711"})).json()
    assert [item["name"] for item in page["items"]] == ["Instance 4711"]
