"""Saved workflows of an instance: looked at, and stored under an id of ours.

All of it may be done twice, because the id is ours: so an answer that is lost is simply asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast
from urllib.parse import quote

from fanfold.connectors.amc.failures import NotThere
from fanfold.connectors.amc.transport import Call, Transport
from fanfold.sdk.errors import Permanent


class Calling(Protocol):
    """Makes the calls for one instance."""

    def __call__(self, method: str, *, path: str, step: str) -> Call:
        """Return the call of a method and a path; *step* completes "AMC refused to …"."""
        ...


# What AMC says of an id that it does not know, or knows already; its status is 404, 400 or 405 (AMC reporting
# API declares the first only, and clients have seen the others).
_UNKNOWN = ("does not exist", "(405)")
_TAKEN = "already exists"


async def find(transport: Transport, workflow_id: str, *, calling: Calling) -> Mapping[str, Any] | None:
    """Return the saved workflow, None when the instance has none of this id; AMC may wrap it."""
    try:
        body = await transport.read(calling("GET", path=path_of(workflow_id), step="show the workflow"))
    except NotThere:
        return None
    wrapped = body.get("workflow")
    return cast("Mapping[str, Any]", wrapped) if isinstance(wrapped, Mapping) else body


async def save(transport: Transport, workflow_id: str, *, calling: Calling) -> None:
    """Replace the whole workflow, or create it where there is none."""
    replacing = calling("PUT", path=path_of(workflow_id), step="save the workflow")
    try:
        await transport.read(replacing)
    except Permanent as failure:
        if not isinstance(failure, NotThere) and not _says(failure, *_UNKNOWN):
            raise
        await _create(transport, replacing, calling=calling)


async def _create(transport: Transport, replacing: Call, *, calling: Calling) -> None:
    try:
        await transport.read(calling("POST", path="/workflows", step="save the workflow"))
    except Permanent as failure:
        if not _says(failure, _TAKEN):
            raise
        # Somebody was quicker, or the answer to an earlier try was lost.
        await transport.read(replacing)


def path_of(workflow_id: str) -> str:
    """Return the path below the instance."""
    return f"/workflows/{quote(workflow_id, safe='')}"


def _says(failure: Permanent, *words: str) -> bool:
    return any(word in failure.message for word in words)
