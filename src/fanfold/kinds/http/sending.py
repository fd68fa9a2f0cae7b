"""Sends one call and follows its redirects: each address anew, credentials and headers only at home."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

import httpx

from fanfold.kinds.http.answers import ACCEPTED_ENCODINGS, Answer, read_answer
from fanfold.kinds.http.definition import UNSAFE
from fanfold.kinds.http.failures import not_answered
from fanfold.kinds.http.remote import HttpRemote
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outbound import origin_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRAVELS = frozenset({"accept", "accept-language", "user-agent"})
"""Headers that another origin may see."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the way."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one call may go."""

    seconds: float
    redirects: int
    answer_bytes: int


async def send(remote: HttpRemote, hop: Hop, *, bounds: Bounds) -> Answer:
    """Return the answer that is no redirect any more. Raises the SDK's failures."""
    current = hop
    try:
        async with asyncio.timeout(bounds.seconds):
            for _ in range(bounds.redirects + 1):
                answer = await _once(remote, current, bounds=bounds)
                place = answer.headers.get("location")
                if answer.status not in _REDIRECTS or place is None or bounds.redirects == 0:
                    return answer
                current = _next(current, answer.status, place=place)
    except (httpx.HTTPError, TimeoutError) as error:
        # The driver's text may carry the address with its query, so it goes no further.
        raise not_answered(error, host=current.url.host) from None
    raise Permanent(f"{hop.url.host} redirected more than {bounds.redirects} times.")


async def _once(remote: HttpRemote, hop: Hop, *, bounds: Bounds) -> Answer:
    headers = {"Accept-Encoding": ACCEPTED_ENCODINGS, "User-Agent": "fanfold", **hop.headers}
    request = httpx.Request(
        hop.method,
        hop.url,
        headers=headers,
        content=hop.content or None,
        extensions={"timeout": httpx.Timeout(bounds.seconds).as_dict()},
    )
    response = await remote.send(request)
    return await read_answer(response, at_most=bounds.answer_bytes, url=hop.url)


def _next(hop: Hop, status: int, *, place: str) -> Hop:
    try:
        url = hop.url.join(place).copy_with(fragment=None)
    except httpx.InvalidURL:
        raise Permanent(f"{hop.url.host} redirects to an address that cannot be used.") from None
    if url.scheme not in {"http", "https"} or url.userinfo:
        raise Permanent(f"{hop.url.host} redirects to an address that cannot be used.")
    if hop.url.scheme == "https" and url.scheme == "http":
        raise Permanent(f"{hop.url.host} redirects from https to http, which is not followed.")
    return _elsewhere(_as_method(replace(hop, url=url), status), origin_of(hop.url) == origin_of(url))


def _as_method(hop: Hop, status: int) -> Hop:
    # RFC 9110, 15.4: 303 asks for GET; after 301 and 302 everybody turns POST into GET.
    becomes_get = status == HTTPStatus.SEE_OTHER and hop.method != "HEAD"
    if not becomes_get and not (status in {301, 302} and hop.method == "POST"):
        return hop
    headers = {name: value for name, value in hop.headers.items() if name.lower() != "content-type"}
    return replace(hop, method="GET", content=b"", headers=headers)


def _elsewhere(hop: Hop, at_home: bool) -> Hop:  # noqa: FBT001 -- an answer, no switch
    if at_home:
        return hop
    if hop.method in UNSAFE:
        raise Permanent(
            f"The {hop.method} was redirected to another host, {hop.url.host}, where it is not repeated.",
            hint="Write the address that it leads to into the definition.",
        )
    kept = {name: value for name, value in hop.headers.items() if name.lower() in TRAVELS}
    return replace(hop, headers=kept)
