"""The Idempotency-Key header: a POST that is sent again gets the first answer, and nothing is done twice.

Use it as a router's route class: `APIRouter(route_class=IdempotentRoute)`. Only success is remembered:
a refusal changed nothing, so its key may be used again. A key whose request was lost on the way goes to the
next one like it: a batch that was made is shown, anything else is done anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from fanfold.access import store
from fanfold.access.current import current_user
from fanfold.access.errors import KeyReused, KeyUnfinished
from fanfold.access.model import Claim
from fanfold.db.database import Database
from fanfold.kit.injection import Point, reach
from fanfold.sdk.errors import BadInput, Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LOST_AFTER = timedelta(minutes=1)
"""A request that is older and has no answer is taken for lost, unless told otherwise."""
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    status_code: int
    content: Any


class IdempotencyKeys:
    """Claims keys and keeps answers for 24 hours."""

    def __init__(self, database: Database, *, lost_after: timedelta = LOST_AFTER) -> None:
        self._database = database
        self._lost_after = lost_after

    async def claim(self, key: str, *, request_hash: bytes, user_id: UUID) -> Claim | Answer:
        """Return a claim to go on with, or the answer that was given before.

        Raises `KeyReused`, `KeyUnfinished`.
        """
        claim = Claim(key, uuid4())
        async with self._database.transaction(user_id=user_id) as transaction:
            if await store.claim_key(transaction, claim, request_hash=request_hash):
                return claim
            taken = await store.take_over_key(
                transaction, claim, request_hash=request_hash, patience=self._lost_after
            )
            if taken is not None:
                return taken
            known = await store.find_key(transaction, key)
        if known is None:
            raise KeyUnfinished(after=timedelta())
        if known.request_hash != request_hash:
            raise KeyReused
        if known.status_code is None:
            raise KeyUnfinished(after=self._lost_after - known.held_for)
        return Answer(known.status_code, known.response)

    async def keep(self, key: str, answer: Answer, *, user_id: UUID) -> None:
        """Store the first answer."""
        async with self._database.transaction(user_id=user_id) as transaction:
            await store.keep_answer(transaction, key, status_code=answer.status_code, response=answer.content)

    async def release(self, claim: Claim, *, user_id: UUID) -> None:
        """Give a key back whose request changed nothing."""
        async with self._database.transaction(user_id=user_id) as transaction:
            await store.release_key(transaction, claim)


async def claimed_key(request: Request) -> Claim | None:
    """Return the claim that this request works under."""
    return getattr(request.state, "claim", None)


ClaimedKey = Annotated[Claim | None, Depends(claimed_key)]
"""For routes that make batches: who makes one marks the claim, and shows the one that it names already."""


class IdempotentRoute(APIRoute):
    """A route whose POST honours the header."""

    def get_route_handler(self) -> Handler:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if request.method != "POST" or key is None:
                return await handle(request)
            return await _once(request, handle, key=_checked(key))

        return handle_once


async def _once(request: Request, handle: Handler, *, key: str) -> Response:
    keys: IdempotencyKeys = request.app.state.services.idempotency
    user = await current_user(request)
    claim = await keys.claim(key, request_hash=await _request_hash(request), user_id=user.id)
    if isinstance(claim, Answer):
        return JSONResponse(claim.content, claim.status_code, {REPLAYED: "true"})
    request.state.claim = claim
    reach(Point.AFTER_KEY_CLAIM)
    try:
        response = await handle(request)
    except store.CONNECTION_LOST:
        raise
    except Exception:
        await keys.release(claim, user_id=user.id)
        raise
    if response.status_code < 300:  # noqa: PLR2004 -- where success ends in HTTP
        await keys.keep(key, _answer(response), user_id=user.id)
    else:
        await keys.release(claim, user_id=user.id)
    return response


def _answer(response: Response) -> Answer:
    body = bytes(response.body)
    return Answer(response.status_code, json.loads(body) if body else None)


async def _request_hash(request: Request) -> bytes:
    digest = hashlib.sha256()
    for part in (request.url.path.encode(), request.url.query.encode(), await request.body()):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        message = "The Idempotency-Key must be 1 to 200 visible ASCII characters."
        raise BadInput([Problem("", message)])
    return key
