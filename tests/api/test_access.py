from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import jwt
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI

from fanfold.access.current import CurrentUser
from fanfold.access.endpoints import router as auth_router
from fanfold.access.model import Lifetimes, User
from fanfold.access.service import AccessService
from fanfold.db.database import Database, Role
from fanfold.db.statements import parse
from fanfold.kit.clock import ManualClock
from tests.api.bare_app import SECRET, access_over, bare_app, client_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def access(api_database: Database, clock: ManualClock) -> AccessService:
    return access_over(api_database, clock, lifetimes=Lifetimes(link=timedelta(minutes=15)))


@pytest_asyncio.fixture
async def ada(access: AccessService) -> User:
    return await access.add_user("ada", password=PASSWORD)


@pytest.fixture
def app(access: AccessService, api_database: Database) -> FastAPI:
    things = APIRouter()

    @things.post("/things", status_code=201)
    async def make_thing(user: CurrentUser) -> str:
        return user.username

    return bare_app([auth_router, things], access=access)


@pytest_asyncio.fixture
async def client(app: FastAPI):
    async with client_of(app) as client:
        yield client


@pytest_asyncio.fixture
async def as_ada(app: FastAPI, access: AccessService, ada: User):
    async with client_of(app, token=access.issue_token(ada)) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, password: str = PASSWORD, username: str = "ada"):
    return await client.post("/auth/login", json={"username": username, "password": password})


async def test_a_sign_in_opens_a_session_that_the_page_cannot_read(client, ada):
    answer = await sign_in(client)
    assert answer.status_code == 200
    assert answer.json()["user"] == {
        "id": str(ada.id),
        "username": "ada",
        "display_name": "ada",
        "role": "member",
    }
    cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies["fanfold_session"]
    assert "SameSite=lax" in cookies["fanfold_session"]
    assert "HttpOnly" not in cookies["fanfold_csrf"]
    me = await client.get("/auth/me")
    assert me.json()["username"] == "ada"


async def test_the_username_is_folded(client, ada):
    assert (await sign_in(client, username=" ADA ")).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("ada", ""), ("", "")]
)
async def test_wrong_names_and_passwords_get_one_answer(client, ada, username, password):
    answer = await sign_in(client, password, username)
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_credentials"
    assert answer.json()["detail"] == "The username or the password is wrong."
    assert "set-cookie" not in answer.headers


async def test_a_user_without_a_password_cannot_sign_in_with_an_empty_one(client, access):
    await access.ensure_admin()
    assert (await sign_in(client, "", "admin")).status_code == 401


async def test_the_admin_is_made_once(access):
    first, *others = await asyncio.gather(*(access.ensure_admin("a long password") for _ in range(4)))
    assert first.role == "admin"
    assert {user.id for user in others} == {first.id}


async def test_a_nul_byte_in_a_username_is_bad_input(client):
    assert (await sign_in(client, username="a\0da")).status_code == 400


async def test_guessing_is_slowed_and_says_how_long(client, ada, clock):
    for _ in range(10):
        assert (await sign_in(client, "wrong")).status_code == 401
    answer = await sign_in(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"
    clock.advance(timedelta(minutes=5))
    assert (await sign_in(client)).status_code == 200


async def test_guesses_at_once_count_as_many(client, ada):
    answers = await asyncio.gather(*(sign_in(client, "wrong") for _ in range(15)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 5


async def test_a_link_lets_in_once(client, access, ada):
    code = await access.create_sign_in_link(ada)
    first, second = await asyncio.gather(*(client.post("/auth/link", json={"code": code}) for _ in range(2)))
    assert sorted([first.status_code, second.status_code]) == [200, 401]
    third = await client.post("/auth/link", json={"code": code})
    assert third.json()["code"] == "link_used"


async def test_a_link_expires(client_with_clock, access, ada, clock):
    code = await access.create_sign_in_link(ada)
    clock.advance(timedelta(minutes=15))
    answer = await client_with_clock.post("/auth/link", json={"code": code})
    assert answer.status_code == 401


@pytest_asyncio.fixture
async def client_with_clock(clean_url: str, clock: ManualClock, access: AccessService):
    database = await Database.open(clean_url, Role.API, size=2, moment=clock.now)
    access._database = database
    async with client_of(bare_app([auth_router], access=access)) as client:
        yield client
    await database.close()


async def test_a_token_is_for_bearers(client, ada):
    answer = await client.post("/auth/token", json={"username": "ada", "password": PASSWORD})
    token = answer.json()
    assert token["token_type"] == "bearer"
    assert token["expires_in"] == 24 * 3600
    me = await client.get("/auth/me", headers={"Authorization": f"bearer {token['access_token']}"})
    assert me.json()["id"] == str(ada.id)


async def test_a_token_ends(app, access, ada, clock):
    token = access.issue_token(ada, timedelta(hours=1))
    async with client_of(app, token=token) as client:
        assert (await client.get("/auth/me")).status_code == 200
        clock.advance(timedelta(hours=1))
        assert (await client.get("/auth/me")).status_code == 401


async def test_a_removed_user_is_out_at_once(as_ada, service_database):
    async with service_database.transaction() as transaction:
        await transaction.execute(parse("disable", "-- test\nupdate users set disabled_at = now()"))
    assert (await as_ada.get("/auth/me")).status_code == 401


def forged(ada: User, clock: ManualClock, **changes: object) -> dict[str, object]:
    now = int(clock.now().timestamp())
    claims = {"sub": str(ada.id), "iss": "fanfold", "aud": "fanfold-api", "iat": now, "exp": now + 600}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "fanfold-browser"},
        {"aud": None},
        {"iss": "somebody"},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 0},
        {"iat": None},
        {"iat": 2**40},
        {"sub": "not a uuid"},
        {"sub": None},
        {"sub": "00000000-0000-0000-0000-000000000000"},
    ],
    ids=str,
)
async def test_a_token_with_wrong_claims_is_refused(client, ada, clock, changes):
    token = jwt.encode(forged(ada, clock, **changes), SECRET, algorithm="HS256")
    answer = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_token_of_right_claims_is_accepted(client, ada, clock):
    token = jwt.encode(forged(ada, clock), SECRET, algorithm="HS256")
    answer = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_another_algorithm_is_refused_whatever_the_header_says(client, ada, clock):
    claims = forged(ada, clock)
    unsigned = jwt.encode(claims, None, algorithm="none")
    other_hash = jwt.encode(claims, SECRET * 2, algorithm="HS512")
    other_secret = jwt.encode(claims, SECRET[::-1], algorithm="HS256")
    for token in (unsigned, other_hash, other_secret, unsigned.rpartition(".")[0], "x", "..", "é.é.é"):
        value = f"Bearer {token}".encode()
        answer = await client.get("/auth/me", headers={b"Authorization": value})
        assert answer.status_code == 401, token


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Token x"])
async def test_another_authorization_is_refused(client, value):
    assert (await client.get("/auth/me", headers={"Authorization": value})).status_code == 401


async def test_a_session_cookie_is_no_bearer_token_and_a_token_no_session(client, access, ada):
    session = access.open_session(ada)
    as_bearer = await client.get("/auth/me", headers={"Authorization": f"Bearer {session.cookie}"})
    assert as_bearer.status_code == 401
    client.cookies.set("fanfold_session", access.issue_token(ada))
    assert (await client.get("/auth/me")).status_code == 401


async def test_a_bad_token_does_not_fall_back_on_the_cookie(client, ada):
    await sign_in(client)
    assert (await client.get("/auth/me", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_an_unsafe_request_of_a_session_needs_the_pages_token(client, ada, service_database):
    await sign_in(client)
    csrf = client.cookies["fanfold_csrf"]
    assert (await client.post("/things")).status_code == 403
    wrong = await client.post("/things", headers={"X-CSRF-Token": csrf[::-1]})
    assert wrong.status_code == 403
    odd = await client.post("/things", headers={b"X-CSRF-Token": "é".encode()})
    assert odd.status_code == 403
    right = await client.post("/things", headers={"X-CSRF-Token": csrf})
    assert right.status_code == 201
    assert await audited(service_database) == [
        ("access.signed_in", "user:ada"),
        *[("access.denied", "csrf")] * 3,
    ]


async def test_a_planted_csrf_cookie_does_not_help(client, ada):
    await sign_in(client)
    client.cookies.set("fanfold_csrf", "planted", domain="fanfold.test", path="/")
    answer = await client.post("/things", headers={"X-CSRF-Token": "planted"})
    assert answer.status_code == 403


async def test_signing_out_takes_the_cookies(client, ada):
    await sign_in(client)
    assert (await client.post("/auth/logout")).status_code == 204
    assert (await client.get("/auth/me")).status_code == 401


async def test_sign_ins_and_refusals_are_written_down(client, access, ada, service_database):
    await sign_in(client, "wrong")
    await sign_in(client, username="nobody")
    await sign_in(client)
    await client.post("/auth/link", json={"code": "no such code"})
    assert await audited(service_database) == [
        ("access.sign_in_refused", "user:ada"),
        ("access.sign_in_refused", "user:nobody"),
        ("access.signed_in", "user:ada"),
        ("access.sign_in_refused", "user:(link)"),
    ]


async def audited(database: Database) -> list[tuple[str, str]]:
    async with database.transaction() as transaction:
        rows = await transaction.fetch(
            parse("audit", "-- test\nselect action, object from audit order by id")
        )
    return [(row["action"], row["object"]) for row in rows]
