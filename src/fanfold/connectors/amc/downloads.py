"""Fetches result files from their links to disk, without auth headers, which the storage refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import IO

import httpx

from fanfold.connectors.amc import failures
from fanfold.connectors.amc.traces import traced
from fanfold.connectors.amc.transport import Pause
from fanfold.kit.backoff import full_jitter
from fanfold.kit.clock import Clock
from fanfold.sdk.errors import Retryable, TargetUnavailable

Links = Callable[[], Awaitable[Sequence[str]]]

_TRIES = 3
_CHUNK_BYTES = 1 << 18
_STEP = "hand out a result file"
# What a link that has expired, or is no longer signed, is answered with.
_EXPIRED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class Downloader:
    """Downloads all files of one execution, asking for new links when the old ones have expired."""

    def __init__(self, http: httpx.AsyncClient, *, pause: Pause, clock: Clock) -> None:
        self._http = http
        self._pause = pause
        self._clock = clock

    async def fetch(self, links: Links, folder: Path) -> Sequence[Path]:
        """Write every file into *folder*, in the order of the links; return their paths."""
        urls = await links()
        files: list[Path] = []
        while len(files) < len(urls):
            path = folder / f"part-{len(files):04}.csv"
            urls = await self._fetch_one(urls, links, path=path, position=len(files))
            files.append(path)
        return files

    async def _fetch_one(
        self, urls: Sequence[str], links: Links, *, path: Path, position: int
    ) -> Sequence[str]:
        """Fetch the file at *position*; return the links that worked."""
        for attempt in range(1, _TRIES + 1):
            try:
                await self._stream(urls[position], path)
            except TargetUnavailable:
                if attempt == _TRIES:
                    raise
                wait = full_jitter(attempt, base=timedelta(milliseconds=500), cap=timedelta(seconds=5))
                await self._pause(wait.total_seconds())
                urls = await _renewed(links, len(urls))
            else:
                break
        return urls

    @asynccontextmanager
    async def _opened(self, url: str) -> AsyncGenerator[httpx.Response]:
        request = self._http.build_request("GET", url)
        sending = self._http.send(request, stream=True)
        # A link is a secret for ten minutes, wherever its storage put the signature.
        path = f"{request.url.scheme}://{request.url.host}/…"
        response = await traced(sending, request, step=_STEP, clock=self._clock, path=path)
        try:
            yield response
        finally:
            await response.aclose()

    async def _stream(self, url: str, path: Path) -> None:
        try:
            async with self._opened(url) as response:
                if response.status_code != HTTPStatus.OK:
                    await response.aread()
                    raise _refused(response)
                await _store(response, path)
        except httpx.HTTPError as error:
            raise failures.unreachable(error, step=_STEP) from None


async def _store(response: httpx.Response, path: Path) -> None:
    with path.open("wb") as file:
        async for chunk in response.aiter_bytes(_CHUNK_BYTES):
            await asyncio.to_thread(_append, file, chunk)


def _append(file: IO[bytes], chunk: bytes) -> None:
    file.write(chunk)


async def _renewed(links: Links, count: int) -> Sequence[str]:
    urls = await links()
    if len(urls) != count:
        raise Retryable(f"AMC named {count} result files first and {len(urls)} later.")
    return urls


def _refused(response: httpx.Response) -> TargetUnavailable:
    if response.status_code in _EXPIRED:
        return TargetUnavailable("The link to a result file has expired.", hint="A new one is asked for.")
    text = failures.error_text(response)
    return TargetUnavailable(f"A result file could not be fetched ({response.status_code}): {text}")


class LinkFilter(logging.Filter):
    """Cuts queries off the addresses that httpx logs: a download link is a secret for ten minutes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact in place; never drop a record."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                str(value.copy_with(query=None)) if isinstance(value, httpx.URL) else value
                for value in record.args
            )
        return True


LINK_FILTER = LinkFilter()
