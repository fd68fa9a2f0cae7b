"""Scripted faults: when they come, where, how often, and that the same seed gives the same ones."""

import json

import pytest

from amcsim.scenarios.library import load_scenario, read_scenario, shipped

NAMES = [scenario.name for scenario in shipped()]


async def _play(client, *steps, **fields):
    scenario = {"name": "test", "steps": list(steps), **fields}
    answer = await client.http.post("/_sim/scenarios", content=json.dumps(scenario))
    assert answer.status_code == 201, answer.text


async def _faults(client):
    faults = (await client.http.get("/_sim/faults")).json()["faults"]
    return [(fault["kind"], fault["instance_ids"]) for fault in faults if not fault["spent"]]


async def test_a_step_comes_at_its_moment_and_its_faults_end(client, clock):
    await _play(client, {"at_seconds": 10, "lasts_seconds": 5, "faults": [{"kind": "http_error"}]})
    clock.advance(seconds=9)
    assert (await client.call("GET", "/workflows")).status_code == 200
    clock.advance(seconds=1)
    assert (await client.call("GET", "/workflows")).status_code == 500
    clock.advance(seconds=5)
    assert (await client.call("GET", "/workflows")).status_code == 200


async def test_a_step_comes_after_so_many_calls_of_an_operation(client):
    await _play(
        client,
        {
            "after_calls": 3,
            "operations": ["listWorkflows"],
            "faults": [{"kind": "http_error", "operations": ["listWorkflows"]}],
        },
    )
    for _ in range(5):
        await client.call("GET", "/dataSources/dsp_clicks")
    assert [(await client.call("GET", "/workflows")).status_code for _ in range(4)] == [200, 200, 500, 500]


async def test_a_step_that_repeats_wanders_over_instances(client, clock):
    step = {"every_seconds": 10, "rounds": 3, "lasts_seconds": 10, "instances": {"share": 0.25}}
    await _play(client, step | {"faults": [{"kind": "slow"}]})
    seen = []
    for _ in range(4):
        seen.append([ids for _, ids in await _faults(client)])
        clock.advance(seconds=10)
        client.simulation.advance()
    assert [len(ids) for ids in seen] == [1, 1, 1, 0]
    assert all(len(ids[0]) == 3 for ids in seen[:3])
    assert len({tuple(ids[0]) for ids in seen[:3]}) > 1


async def test_the_same_seed_draws_the_same_instances_and_another_seed_others(build_client):
    drawn = []
    for seed in (1, 1, 2):
        client = await build_client()
        step = {"instances": {"share": 0.3}, "faults": [{"kind": "slow"}]}
        await _play(client, step, seed=seed)
        drawn.append(await _faults(client))
    assert drawn[0] == drawn[1] != drawn[2]


async def test_the_same_calls_meet_the_same_faults(build_client):
    statuses = []
    for _ in range(2):
        client = await build_client()
        await _play(client, {"faults": [{"kind": "http_error", "probability": 0.3}]})
        statuses.append([(await client.call("GET", "/workflows")).status_code for _ in range(60)])
    assert statuses[0] == statuses[1]
    assert 6 <= statuses[0].count(500) <= 32


async def test_instances_are_chosen_by_place_region_and_kind(client):
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    by_choice = {
        "ordinals": ([1, 99], [instances[1]["instanceId"]]),
        "regions": (["fe"], [one["instanceId"] for one in instances if one["region"] == "fe"]),
        "sandbox": (True, [one["instanceId"] for one in instances if one["sandbox"]]),
        "ids": ([instances[3]["instanceId"]], [instances[3]["instanceId"]]),
    }
    for name, (value, expected) in by_choice.items():
        await _play(client, {"instances": {name: value}, "faults": [{"kind": "slow"}]})
        assert await _faults(client) == [("slow", expected)]


async def test_limits_and_speed_of_a_scenario_are_put_back(client, clock):
    limits = {"running_per_instance": 2, "rates": ["reads=5/5"]}
    await _play(client, {"limits": limits, "lasts_seconds": 60}, {"speed": 50})
    assert (await client.http.get("/_sim/limits")).json()["rates"] == ["reads=5/5"]
    assert (await client.http.get("/_sim/speed")).json() == {"speed": 50}
    clock.advance(seconds=60)
    client.simulation.advance()
    assert (await client.http.get("/_sim/limits")).json()["running_per_instance"] == 10
    await client.http.delete("/_sim/scenarios/test")
    assert (await client.http.get("/_sim/speed")).json() == {"speed": 1}


async def test_stopping_undoes_what_a_scenario_did_and_nothing_else(client):
    await client.fault(kind="slow")
    await _play(client, {"faults": [{"kind": "stuck"}], "limits": {"running_per_account": 1}})
    playing = (await client.http.get("/_sim/scenarios")).json()["playing"]
    assert [(entry["name"], entry["steps_played"]) for entry in playing] == [("test", 1)]
    assert (await client.http.delete("/_sim/scenarios")).json() == {"stopped": ["test"]}
    assert await _faults(client) == [("slow", None)]
    assert (await client.http.get("/_sim/limits")).json()["running_per_account"] == 200
    assert (await client.http.delete("/_sim/scenarios/test")).status_code == 404


async def test_stopping_leaves_limits_and_speed_that_somebody_else_set(client):
    await _play(client, {"faults": [{"kind": "stuck"}]})
    await client.http.post("/_sim/limits", json={"running_per_instance": 3})
    await client.http.post("/_sim/speed", json={"speed": 7})
    await client.http.delete("/_sim/scenarios")
    assert (await client.http.get("/_sim/limits")).json()["running_per_instance"] == 3
    assert (await client.http.get("/_sim/speed")).json() == {"speed": 7}


async def test_a_long_scenario_forgets_the_faults_of_long_ago(client, clock):
    await client.fault(kind="slow", times=1)
    await _play(client, {"every_seconds": 10, "lasts_seconds": 5, "faults": [{"kind": "slow"}]})
    for _ in range(60):
        clock.advance(seconds=10)
        client.simulation.advance()
    faults = (await client.http.get("/_sim/faults")).json()["faults"]
    assert 20 <= len(faults) <= 23
    assert faults[0]["id"] == "fault-1"


async def test_a_later_step_can_clear_earlier_ones(client, clock):
    await _play(client, {"faults": [{"kind": "stuck"}]}, {"at_seconds": 5, "clear": True})
    assert await _faults(client) == [("stuck", None)]
    clock.advance(seconds=5)
    client.simulation.advance()
    assert await _faults(client) == []


async def test_a_jump_of_the_clock_plays_only_the_last_missed_round(client, clock):
    await _play(client, {"every_seconds": 1, "faults": [{"kind": "expire_tokens", "seconds_active": 1}]})
    clock.advance(seconds=100_000)
    client.simulation.advance()
    assert len((await client.http.get("/_sim/faults")).json()["faults"]) == 2


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        ([], "/steps"),
        ([{}], "a step has to do something"),
        ([{"faults": [{"kind": "explode"}]}], "/steps/0/faults"),
        ([{"faults": [{"kind": "slow", "instance_ids": ["a"]}]}], "name instances in the step"),
        ([{"speed": 2, "rounds": 2}], "rounds needs every_seconds"),
        ([{"limits": {"rates": ["reads"]}}], "/steps/0/limits/rates/0"),
        ([{"speed": 2, "instances": {"ids": ["amcnone"]}}], "Unknown instances: amcnone"),
    ],
)
async def test_a_wrong_scenario_is_refused_by_its_place(client, steps, word):
    answer = await client.http.post("/_sim/scenarios", json={"name": "wrong", "steps": steps})
    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert (await client.http.get("/_sim/scenarios")).json()["playing"] == []


@pytest.mark.parametrize("text", ["{no", "a: [", "[]", "just words", '{"name": "no-such"}'])
async def test_what_is_no_scenario_is_refused(client, text):
    assert (await client.http.post("/_sim/scenarios", content=text)).status_code == 400


async def test_a_scenario_may_be_yaml(client):
    text = "name: mine\nsteps:\n  - faults:\n      - {kind: slow, factor: 2}\n"
    assert (await client.http.post("/_sim/scenarios", content=text)).status_code == 201
    assert await _faults(client) == [("slow", None)]


def test_a_scenario_is_loaded_by_name_or_from_a_file(tmp_path):
    assert load_scenario("mixed").name == "mixed"
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"name": "own", "steps": [{"speed": 2}]}))
    assert load_scenario(str(path)).name == "own"
    with pytest.raises(ValueError, match=r"neither a file nor one of .*rush-hour"):
        load_scenario("nothing")
    path.write_text("name: [")
    with pytest.raises(ValueError, match="neither YAML nor JSON"):
        load_scenario(str(path))


def test_a_scenario_reads_the_same_in_both_ways():
    text = json.dumps({"name": "own", "steps": [{"speed": 2}]})
    assert read_scenario(text) == read_scenario("name: own\nsteps: [{speed: 2}]")


@pytest.mark.parametrize("name", NAMES)
async def test_every_shipped_scenario_plays_and_leaves_nothing_behind(build_client, clock, name):
    client = await build_client(scenario=name)
    assert (await client.http.get("/_sim/scenarios")).json()["playing"][0]["name"] == name
    for _ in range(30):
        clock.advance(seconds=20)
        client.simulation.advance()
    played = (await client.http.get("/_sim/scenarios")).json()
    assert played["playing"][0]["steps_played"] >= 1
    assert {entry["name"] for entry in played["shipped"]} == set(NAMES)
    await client.http.delete("/_sim/scenarios")
    assert (await client.http.get("/_sim/faults")).json() == {"faults": []}
    assert (await client.http.get("/_sim/limits")).json()["running_per_instance"] == 10


async def test_one_broken_instance_leaves_the_others_alone(build_client):
    client = await build_client(scenario="broken-instance")
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    assert (await client.finish(await client.submit()))["status"] == "SUCCEEDED"
    client.instance = instances[1]
    answer = await client.call("GET", "/workflows")
    assert (answer.status_code, "Terms and conditions" in answer.json()["details"]) == (403, True)
    client.instance = instances[2]
    assert (await client.finish(await client.submit()))["status"] == "REJECTED"


async def test_the_schema_of_scenarios_can_be_read(client):
    schema = (await client.http.get("/_sim/scenarios/schema")).json()
    assert {"name", "steps"} <= set(schema["properties"])
