"""Which media types a call may send and accept."""

from __future__ import annotations

import re
from typing import Literal

from starlette.requests import Request

from amcsim.errors import NotAcceptable, UnsupportedMedia

_JSON = "application/json"
_MINOR = re.compile(r"\.v(\d+)\.\d+\+json$")
_ANYTHING = frozenset({"*/*", "application/*"})


def refuse_media(
    request: Request, media: str, *, mode: Literal["any", "json", "vendor"], accept_status: int
) -> None:
    """Raise UnsupportedMedia or NotAcceptable for a call of an operation that speaks *media*; a header that
    is absent suits everybody.
    """
    if mode == "any":
        return
    sent = _bare(request.headers.get("Content-Type", ""))
    if sent and request.method in {"PATCH", "POST", "PUT"} and not _suits(sent, media, mode):
        raise UnsupportedMedia(f"Content type '{sent}' is not supported")
    accepted = [_bare(part) for part in request.headers.get("Accept", "").split(",") if part.strip()]
    if accepted and not any(kind in _ANYTHING or _suits(kind, media, mode) for kind in accepted):
        raise NotAcceptable(
            f"The answer is '{media}', which the Accept header does not allow", status=accept_status
        )


def _bare(text: str) -> str:
    # a minor version is of the same operation
    return _MINOR.sub(r".v\1+json", text.partition(";")[0].strip().lower())


def _suits(kind: str, media: str, mode: Literal["json", "vendor"]) -> bool:
    if kind in {_JSON, media}:
        return True
    return mode == "json" and kind.startswith("application/") and kind.endswith("+json")
