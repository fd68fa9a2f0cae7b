"""Targets on their way into a draft: a stream that can be sent again from its start."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol, runtime_checkable

from fanfold.client.errors import BadInput
from fanfold.client.submission import CSV_SUFFIXES, TargetLike, target_body

JSON_LINES = "application/x-ndjson"
CSV = "text/csv"
_PIECE = 256 * 1024
_HELD_BYTES = 8 * 1024 * 1024
"""What is kept of a stream in memory before it goes to a file: it may have to be sent again."""


@runtime_checkable
class Readable(Protocol):
    """A binary file, or a pipe."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""
        ...


Source = Iterable[TargetLike] | AsyncIterable[TargetLike] | Readable | Path
"""Targets, or a file of them: CSV with a header line where its name says so, JSON lines otherwise."""


class Replayable:
    """Pieces that come once, and as often as they are asked for."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._kept: IO[bytes] = SpooledTemporaryFile(max_size=_HELD_BYTES)  # noqa: SIM115 -- closed by `close`

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield what came before, then what comes."""
        self._kept.seek(0)
        while piece := await asyncio.to_thread(self._kept.read, _PIECE):
            yield piece
        async for piece in self._pieces:
            await asyncio.to_thread(self._kept.write, piece)
            yield piece

    def close(self) -> None:
        """Forget what came."""
        self._kept.close()


def content_type_of(source: Source) -> str:
    """Return as what *source* is sent."""
    is_csv = isinstance(source, Path) and source.suffix.lower() in CSV_SUFFIXES
    return CSV if is_csv else JSON_LINES


def pieces_of(source: Source) -> AsyncIterator[bytes]:
    """Return *source* in pieces of bytes. Raises `BadInput` for a file that cannot be opened."""
    match source:
        case Path():
            return _file_at(source)
        case Readable():
            return _read(source)
        case AsyncIterable():
            return _joined(source)
        case _:
            return _joined(_each(source))


async def _file_at(path: Path) -> AsyncIterator[bytes]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise BadInput(400, f"{path} cannot be read: {error.strerror}.") from error
    with file:
        async for piece in _read(file):
            yield piece


async def _read(file: Readable) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, _PIECE):
        yield piece


async def _each(targets: Iterable[TargetLike]) -> AsyncIterator[TargetLike]:
    for target in targets:
        yield target


async def _joined(targets: AsyncIterable[TargetLike]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for target in targets:
        held += json.dumps(target_body(target), default=str).encode() + b"\n"
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
