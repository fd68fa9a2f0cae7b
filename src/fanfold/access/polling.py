"""Routes that are asked again and again: one answer for all who ask the same now, a 304 for who holds it.

Use it as a router's route class; a router whose answers are streamed must not.
"""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel

from fanfold.access.current import named_user
from fanfold.access.idempotency import Handler, IdempotentRoute
from fanfold.kit.sharing import Shared

_NOT_MODIFIED = 304


class PolledRoute(IdempotentRoute):
    """A route whose GET is read, checked and rendered once for all who ask the same at the same time."""

    def get_route_handler(self) -> Handler:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_together(request: Request) -> Response:
            if request.method != "GET":
                return await handle(request)
            answers: Shared[Response] = request.app.state.services.answers
            scope = request.scope
            question = (await named_user(request), scope["path"], scope["query_string"])
            return _unless_held(request, await answers.get(question, lambda: handle(request)))

        return handle_together


def answered(model: BaseModel, revision: str | None = None) -> Response:
    """Return *model* as JSON; *revision* is a word that changes when it does."""
    body = model.__pydantic_serializer__.to_json(model)
    if revision is None:
        return Response(body, media_type="application/json")
    # Weak: estimates move with the clock while what they estimate stays.
    headers = {"ETag": f'W/"{revision}"', "Cache-Control": "private, no-cache"}
    return Response(body, media_type="application/json", headers=headers)


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether the client already holds what the tag stands for (RFC 9110, section 13)."""
    if if_none_match is None:
        return False
    opaque = etag.removeprefix("W/")
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return opaque in known or "*" in known


def _unless_held(request: Request, response: Response) -> Response:
    etag = response.headers.get("etag")
    if etag is None or not is_current(request.headers.get("if-none-match"), etag):
        return response
    headers = {"ETag": etag, "Cache-Control": response.headers["cache-control"]}
    return Response(status_code=_NOT_MODIFIED, headers=headers)
