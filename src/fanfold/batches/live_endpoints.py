"""The live streams: one job's, and all jobs' of the caller."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from fanfold.access.current import CurrentUser
from fanfold.batches.endpoints import JobId, Reader
from fanfold.batches.stream import BatchSource
from fanfold.batches.user_stream import UserSource
from fanfold.db.database import Database
from fanfold.timeline.feed import Viewer
from fanfold.timeline.live import LiveStreams

router = APIRouter(prefix="/batch", tags=["batches"])

_STUCK_SECONDS = 60
"""A connection that takes nothing for so long is given up; who comes back is told what was missed."""
_STREAMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


async def last_event(last_event_id: Annotated[str | None, Header()] = None) -> int | None:
    """Read after which event a stream is resumed; what cannot be the id of an event stands for none."""
    return int(last_event_id) if last_event_id and _EVENT_ID.fullmatch(last_event_id) else None


_EVENT_ID = re.compile(r"[0-9]{1,18}")
LastEvent = Annotated[int | None, Depends(last_event)]


class EventStream(StreamingResponse):
    """Sends a viewer's frames and closes it whatever becomes of the connection."""

    media_type = "text/event-stream"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer.frames(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._viewer = viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the stream ends, the viewer goes away, or takes nothing any more."""

        async def send_in_time(message: Any) -> None:
            async with asyncio.timeout(_STUCK_SECONDS):
                await send(message)

        try:
            with suppress(ClientDisconnect, TimeoutError):
                await super().__call__(scope, receive, send_in_time)
        finally:
            self._viewer.close()


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse, responses=_STREAMS)
async def stream_job_events(
    *, job_id: JobId, request: Request, user: CurrentUser, reader: Reader, last_event_id: LastEvent
) -> Response:
    """Stream a job's life: `snapshot`, then at most one `delta` a second, `end` at last.

    Each event has an id; the header `Last-Event-ID` resumes after one.
    """
    batch = await reader.get(job_id, user_id=user.id)
    live, database = _services(request)
    viewer = await live.open(
        batch.id,
        lambda: BatchSource(database, batch.id, user_id=user.id),
        user_id=user.id,
        last_event_id=last_event_id,
    )
    return EventStream(viewer)


@router.get("/events", response_class=StreamingResponse, responses=_STREAMS)
async def stream_events(*, request: Request, user: CurrentUser, last_event_id: LastEvent) -> Response:
    """Stream the life of all of the caller's jobs: `snapshot`, then at most one `delta` a second.

    A delta names each job that was submitted, started, moved on, ended or was deleted.
    Each event has an id; the header `Last-Event-ID` resumes after one.
    """
    live, database = _services(request)
    viewer = await live.open(
        user.id,
        lambda: UserSource(database, user_id=user.id),
        user_id=user.id,
        last_event_id=last_event_id,
    )
    return EventStream(viewer)


def _services(request: Request) -> tuple[LiveStreams, Database]:
    services = request.app.state.services
    return services.live, services.database
