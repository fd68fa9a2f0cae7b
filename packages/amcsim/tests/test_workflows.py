import pytest

SQL = "SELECT campaign, SUM(impressions) AS n FROM dsp_impressions GROUP BY campaign"


def _workflow(**changes):
    return {
        "workflowId": "reach.v1",
        "sqlQuery": SQL,
        "inputParameters": [{"name": "b", "dataType": "STRING"}],
        **changes,
    }


async def test_a_workflow_is_created_read_replaced_listed_and_deleted(client):
    assert (await client.call("POST", "/workflows", json=_workflow())).json() == {}
    read = (await client.call("GET", "/workflows/reach.v1")).json()
    assert (read["workflowId"], read["sqlQuery"]) == ("reach.v1", SQL)
    replaced = await client.call(
        "PUT", "/workflows/reach.v1", json=_workflow(inputParameters=[], note="kept")
    )
    assert replaced.json() == {}
    listed = (await client.call("GET", "/workflows")).json()["workflows"]
    assert listed == [{"workflowId": "reach.v1", "sqlQuery": SQL, "inputParameters": [], "note": "kept"}]
    assert (await client.call("DELETE", "/workflows/reach.v1")).status_code == 200
    assert (await client.call("GET", "/workflows/reach.v1")).status_code == 404


async def test_a_second_workflow_of_the_same_id_is_refused_by_its_known_text(client):
    await client.call("POST", "/workflows", json=_workflow())
    answer = await client.call("POST", "/workflows", json=_workflow())
    assert answer.json() == {"code": "400", "details": "Workflow with ID reach.v1 already exists."}


async def test_replacing_an_unknown_workflow_is_not_found_so_that_put_then_post_works(client):
    assert (await client.call("PUT", "/workflows/reach.v1", json=_workflow())).status_code == 404
    assert (await client.call("POST", "/workflows", json=_workflow())).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"workflowId": "with space"},
        {"workflowId": None},
        {"sqlQuery": None},
        {"inputParameters": [{"name": "b", "dataType": "COLOUR"}]},
        {"inputParameters": [{"name": str(number)} for number in range(101)]},
    ],
)
async def test_a_wrong_workflow_is_refused(client, changes):
    answer = await client.call("POST", "/workflows", json=_workflow(**changes))
    assert answer.status_code == 400
    assert answer.json()["details"]


async def test_the_body_of_a_replacement_must_carry_the_id_of_its_path(client):
    await client.call("POST", "/workflows", json=_workflow())
    answer = await client.call("PUT", "/workflows/reach.v1", json=_workflow(workflowId="other"))
    assert answer.status_code == 400


async def test_single_items_are_wrapped_when_asked_for(build_client):
    client = await build_client(wrapped_bodies=True)
    await client.call("POST", "/workflows", json=_workflow())
    assert set((await client.call("GET", "/workflows/reach.v1")).json()) == {"workflow"}
    created = await client.call("POST", "/workflowExecutions", json={"workflowId": "reach.v1"})
    assert set(created.json()) == {"workflowExecution"}
    assert set((await client.call("GET", "/dataSources/dsp_clicks")).json()) == {"dataSource"}


async def test_eager_compilation_refuses_at_once_when_asked_for(build_client):
    client = await build_client(compile_mode="sync")
    wrong = _workflow(sqlQuery="SELECT campaign FROM dsp_impressions WHERE campaign = CUSTOM_PARAMETER('x')")
    saved = await client.call("POST", "/workflows", json=wrong)
    assert saved.status_code == 400
    assert saved.json()["details"].startswith(
        "Was unable to compile workflow reach.v1 because it was found to be invalid: "
    )
    run = await client.call("POST", "/workflowExecutions", json={"workflow": wrong})
    assert run.status_code == 400
    assert (await client.stats())["submissions"] == 0
