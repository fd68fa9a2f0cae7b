import httpx
import pytest


def _fields(client, **changes):
    return {"grant_type": "refresh_token", **client.instance["credentials"], **changes}


@pytest.mark.parametrize("form", ["data", "json"])
async def test_a_refresh_token_buys_an_access_token_by_form_and_by_json(client, form):
    answer = await client.http.post("/auth/o2/token", **{form: _fields(client)})
    body = answer.json()
    assert answer.status_code == 200
    assert body["access_token"].startswith("Atza|")
    assert body["refresh_token"] == client.instance["credentials"]["refresh_token"]
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "somebody"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_token_request_is_refused_as_oauth_says(client, changes, status, error):
    answer = await client.http.post("/auth/o2/token", data=_fields(client, **changes))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


async def test_a_token_request_that_is_not_json_is_refused(client):
    answer = await client.http.post(
        "/auth/o2/token", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_access_token_ends_after_its_hour(client, clock):
    clock.advance(seconds=3599)
    assert (await client.http.get("/amc/accounts")).status_code == 200
    clock.advance(seconds=1)
    answer = await client.call("GET", "/workflows")
    assert answer.status_code == 401
    assert answer.json() == {"code": "401", "details": "Access token has expired."}
    accounts = (await client.http.get("/amc/accounts")).json()
    assert (accounts["message"], set(accounts)) == ("Access token has expired.", {"message", "requestId"})


async def test_an_unknown_or_missing_token_is_refused(client):
    for header in ("Bearer Atza|made-up", "Basic abc", ""):
        answer = await client.http.get("/amc/accounts", headers={"Authorization": header})
        assert answer.status_code == 401


async def test_expired_tokens_work_again_after_a_refresh(client):
    await client.fault(kind="expire_tokens")
    assert (await client.call("GET", "/workflows")).status_code == 401
    await client.sign_in()
    assert (await client.call("GET", "/workflows")).status_code == 200


async def test_any_login_is_accepted_when_asked_for(build_client):
    client = await build_client(accept_any_login=True)
    mine = {"client_id": "mine", "client_secret": "any", "refresh_token": "any"}
    answer = await client.http.post("/auth/o2/token", data={"grant_type": "refresh_token", **mine})
    token = answer.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Amazon-Advertising-API-ClientId": "mine"}
    accounts: httpx.Response = await client.http.get("/amc/accounts", headers=headers)
    assert len(accounts.json()["amcAccounts"]) == 4


CONSENT = {
    "response_type": "code",
    "scope": "advertising::campaign_management",
    "redirect_uri": "https://app.test/back?tab=1",
    "state": "s1",
}


async def _code(client, **changes):
    query = CONSENT | {"client_id": client.instance["credentials"]["client_id"]} | changes
    return await client.http.get("/ap/oa", params=query)


async def _redeem(client, code, **changes):
    return await client.http.post(
        "/auth/o2/token",
        data=_fields(client, grant_type="authorization_code", code=code)
        | {"redirect_uri": CONSENT["redirect_uri"]}
        | changes,
    )


async def test_consent_gives_a_code_that_buys_both_tokens_once(client):
    sent_back = httpx.URL((await _code(client)).headers["location"])
    assert (sent_back.host, sent_back.params["state"], sent_back.params["tab"]) == ("app.test", "s1", "1")
    answer = await _redeem(client, sent_back.params["code"])
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] == client.instance["credentials"]["refresh_token"]
    assert answer.headers["cache-control"] == "no-store"
    again = await _redeem(client, sent_back.params["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_ends_after_five_minutes_and_is_bound_to_its_address(client, clock):
    code = httpx.URL((await _code(client)).headers["location"]).params["code"]
    other = await _redeem(client, code, redirect_uri="https://other.test/")
    assert other.json()["error"] == "invalid_grant"
    code = httpx.URL((await _code(client)).headers["location"]).params["code"]
    clock.advance(seconds=300)
    assert (await _redeem(client, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_consent_is_refused(client, changes, error):
    assert (await _code(client, **changes)).json()["error"] == error


@pytest.mark.parametrize("name", ["grant_type", "refresh_token"])
async def test_a_missing_parameter_is_named(client, name):
    fields = _fields(client)
    del fields[name]
    answer = await client.http.post("/auth/o2/token", data=fields)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["error_description"].endswith(name)


async def test_a_login_can_be_refused_while_its_tokens_stay_good(client):
    await client.fault(kind="refuse_login", times=1)
    refused = await client.http.post("/auth/o2/token", data=_fields(client))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await client.call("GET", "/workflows")).status_code == 200
    assert (await client.http.post("/auth/o2/token", data=_fields(client))).status_code == 200
