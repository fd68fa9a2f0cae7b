"""Reads an answer's body with a bound on what it may unpack to."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from fanfold.sdk.errors import Permanent

_LONGEST_PAUSE = timedelta(days=1)
ACCEPTED_ENCODINGS = "gzip"
_AUTO_HEADER = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole or cut at the bound."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    """There was more than was asked for."""
    url: httpx.URL
    """Where it came from, after redirects."""

    def json(self) -> Any:
        """Return the body's JSON. Raises `Permanent` when it is none."""
        return json_of(self.body)

    def retry_after(self, now: datetime) -> timedelta | None:
        """Return the pause that a `Retry-After` header names (RFC 9110: seconds or a date)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return min(timedelta(seconds=int(value[:9])), _LONGEST_PAUSE)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        return min(max(timedelta(), moment.replace(tzinfo=moment.tzinfo or UTC) - now), _LONGEST_PAUSE)


def json_of(body: bytes) -> Any:
    """Return the JSON. Raises `Permanent` when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Permanent(
            "The answer is no JSON, and the definition looks into it.",
            hint="Check the address and the headers, e.g. Accept; or take the paths out.",
        ) from None


async def read_answer(response: httpx.Response, *, at_most: int, url: httpx.URL) -> Answer:
    """Read up to *at_most* unpacked bytes and close the answer. Raises `Permanent`, or what httpx raises."""
    try:
        body, cut = await _read(response, at_most=at_most)
    finally:
        await response.aclose()
    return Answer(response.status_code, response.headers, body, cut, url)


async def _read(response: httpx.Response, *, at_most: int) -> tuple[bytes, bool]:
    unpack = _unpacker(response)
    parts: list[bytes] = []
    left = at_most
    async for packed in response.aiter_raw():
        part = unpack(packed, left + 1)
        if len(part) > left:
            parts.append(part[:left])
            return b"".join(parts), True
        parts.append(part)
        left -= len(part)
    return b"".join(parts), False


def _unpacker(response: httpx.Response) -> Any:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return _as_it_is
    if encoding not in {"gzip", "x-gzip"}:
        raise Permanent(f"The answer is packed as {encoding[:40]!r}, which was not asked for.")
    # Bounded at each step: a small packed answer may unpack to gigabytes.
    unpacking = zlib.decompressobj(_AUTO_HEADER)

    def unpacked(packed: bytes, most: int) -> bytes:
        try:
            return unpacking.decompress(packed, most)
        except zlib.error:
            raise Permanent("The answer is packed, and cannot be unpacked.") from None

    return unpacked


def _as_it_is(packed: bytes, most: int) -> bytes:
    return packed[:most]
