from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from fanfold.access.current import CurrentUser
from fanfold.access.errors import KeyReused, KeyUnfinished, MustWait
from fanfold.access.idempotency import Answer, IdempotencyKeys, IdempotentRoute
from fanfold.access.model import Claim, User
from fanfold.access.rate import AdmittedSubmission, SubmissionRate
from fanfold.access.service import AccessService
from fanfold.db.database import Database, Role
from fanfold.kit.clock import ManualClock
from fanfold.sdk.errors import BadInput, Problem
from tests.api.bare_app import access_over, bare_app, client_of


class Thing(BaseModel):
    name: str


@pytest.fixture
def access(api_database: Database, clock: ManualClock) -> AccessService:
    return access_over(api_database, clock)


@pytest_asyncio.fixture
async def ada(access: AccessService) -> User:
    return await access.add_user("ada")


@pytest.fixture
def app(access: AccessService, api_database: Database) -> FastAPI:
    things = APIRouter(route_class=IdempotentRoute)
    numbers = count(1)

    @things.post("/things", status_code=201)
    async def make_thing(body: Thing, user: CurrentUser) -> dict[str, object]:
        if body.name == "bad":
            raise BadInput([Problem("/name", "bad")])
        return {"number": next(numbers), "name": body.name, "by": user.username}

    @things.post("/submissions")
    async def submit(body: Thing, _admitted: AdmittedSubmission) -> dict[str, str]:
        if body.name == "bad":
            raise BadInput([Problem("/name", "bad")])
        return {}

    return bare_app(
        [things],
        access=access,
        idempotency=IdempotencyKeys(api_database),
        submission_rate=SubmissionRate(api_database, allowed=10),
    )


@pytest_asyncio.fixture
async def client(app: FastAPI):
    async with client_of(app) as client:
        yield client


@pytest_asyncio.fixture
async def as_ada(app: FastAPI, access: AccessService, ada: User):
    async with client_of(app, token=access.issue_token(ada)) as client:
        yield client


async def test_the_same_key_and_body_get_the_same_answer(as_ada):
    headers = {"Idempotency-Key": "k1"}
    first = await as_ada.post("/things", json={"name": "x"}, headers=headers)
    again = await as_ada.post("/things", json={"name": "x"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() == {"number": 1, "name": "x", "by": "ada"}
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await as_ada.post("/things", json={"name": "x"})
    assert other.json()["number"] == 2


async def test_the_same_key_with_another_body_or_path_is_a_conflict(as_ada):
    headers = {"Idempotency-Key": "k1"}
    await as_ada.post("/things", json={"name": "x"}, headers=headers)
    body = await as_ada.post("/things", json={"name": "y"}, headers=headers)
    path = await as_ada.post("/submissions", json={"name": "x"}, headers=headers)
    assert (body.status_code, path.status_code) == (409, 409)
    assert body.json()["code"] == "idempotency_key_reused"


async def test_a_key_at_once_does_the_work_once(as_ada):
    headers = {"Idempotency-Key": "k1"}
    answers = await asyncio.gather(
        *(as_ada.post("/things", json={"name": "x"}, headers=headers) for _ in range(8))
    )
    done = [answer.json()["number"] for answer in answers if answer.status_code == 201]
    assert set(done) == {1}
    assert {answer.status_code for answer in answers} <= {201, 409}


async def test_a_refused_request_gives_its_key_back(as_ada):
    headers = {"Idempotency-Key": "k1"}
    assert (await as_ada.post("/things", json={"name": "bad"}, headers=headers)).status_code == 400
    assert (await as_ada.post("/things", json={"name": "good"}, headers=headers)).status_code == 201


async def test_another_users_key_is_another_key(as_ada, app, access):
    other = await access.add_user("mallory")
    headers = {"Idempotency-Key": "k1"}
    await as_ada.post("/things", json={"name": "x"}, headers=headers)
    async with client_of(app, token=access.issue_token(other)) as as_mallory:
        answer = await as_mallory.post("/things", json={"name": "x"}, headers=headers)
    assert answer.json()["by"] == "mallory"


@pytest.fixture
def keys(clean_url, clock):
    """Open keys over a database whose time the test moves."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[IdempotencyKeys]:
        database = await Database.open(clean_url, Role.API, size=3, moment=clock.now)
        yield IdempotencyKeys(database, lost_after=timedelta(seconds=60))
        await database.close()

    return opened


async def test_a_lost_request_holds_its_key_for_a_minute(keys, user_id, clock):
    asked = {"request_hash": b"x", "user_id": user_id}
    async with keys() as held:
        assert isinstance(await held.claim("k", **asked), Claim)
        clock.advance(timedelta(seconds=20))
        with pytest.raises(KeyUnfinished) as refused:
            await held.claim("k", **asked)
        assert refused.value.after_seconds == 40
        clock.advance(timedelta(seconds=40))
        with pytest.raises(KeyReused):
            await held.claim("k", request_hash=b"y", user_id=user_id)
        assert isinstance(await held.claim("k", **asked), Claim)
        with pytest.raises(KeyUnfinished):
            await held.claim("k", **asked)


async def test_of_many_that_find_a_lost_request_one_takes_its_place(keys, user_id, clock):
    asked = {"request_hash": b"x", "user_id": user_id}
    async with keys() as held:
        await held.claim("k", **asked)
        clock.advance(timedelta(seconds=61))
        found = await asyncio.gather(*(held.claim("k", **asked) for _ in range(6)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["Claim"] + ["KeyUnfinished"] * 5


async def test_who_was_taken_for_lost_cannot_give_the_key_back(keys, user_id, clock):
    asked = {"request_hash": b"x", "user_id": user_id}
    async with keys() as held:
        late = await held.claim("k", **asked)
        clock.advance(timedelta(seconds=61))
        current = await held.claim("k", **asked)
        await held.release(late, user_id=user_id)
        with pytest.raises(KeyUnfinished):
            await held.claim("k", **asked)
        await held.release(current, user_id=user_id)
        assert isinstance(await held.claim("k", **asked), Claim)


async def test_the_first_answer_stays(keys, user_id):
    asked = {"request_hash": b"x", "user_id": user_id}
    async with keys() as held:
        await held.claim("k", **asked)
        await held.keep("k", Answer(201, {"number": 1}), user_id=user_id)
        await held.keep("k", Answer(201, {"number": 2}), user_id=user_id)
        assert await held.claim("k", **asked) == Answer(201, {"number": 1})


@pytest.mark.parametrize("key", ["", "with space", "x" * 201])
async def test_a_malformed_key_is_bad_input(as_ada, key):
    answer = await as_ada.post("/things", json={"name": "x"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


async def test_a_key_without_a_user_is_refused(client):
    answer = await client.post("/things", json={"name": "x"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401


async def test_at_once_exactly_as_many_submissions_pass_as_allowed(as_ada):
    answers = await asyncio.gather(*(as_ada.post("/submissions", json={"name": "x"}) for _ in range(25)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 15
    late = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert late.json()["code"] == "too_many_submissions"


async def test_a_refused_submission_does_not_count(as_ada):
    for _ in range(12):
        assert (await as_ada.post("/submissions", json={"name": "bad"})).status_code == 400
    assert (await as_ada.post("/submissions", json={"name": "x"})).status_code == 200


async def test_another_users_submissions_do_not_count(as_ada, app, access):
    for _ in range(10):
        await as_ada.post("/submissions", json={"name": "x"})
    other = await access.add_user("mallory")
    async with client_of(app, token=access.issue_token(other)) as as_mallory:
        assert (await as_mallory.post("/submissions", json={"name": "x"})).status_code == 200


async def test_a_minute_later_submissions_pass_again(clean_url, user_id, clock):
    database = await Database.open(clean_url, Role.API, size=2, moment=clock.now)
    rate = SubmissionRate(database, allowed=2)
    await rate.admit(user_id)
    clock.advance(timedelta(seconds=20))
    await rate.admit(user_id)
    clock.advance(timedelta(seconds=30))
    with pytest.raises(MustWait) as refused:
        await rate.admit(user_id)
    assert refused.value.after_seconds == 10
    clock.advance(timedelta(seconds=10))
    await rate.admit(user_id)
    await database.close()
