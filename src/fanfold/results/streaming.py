"""Makes a file of batches of rows, chunk by chunk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial

import pyarrow as pa

from fanfold.results.allocation import give_back
from fanfold.results.exporting import Way
from fanfold.results.outside import outside
from fanfold.results.selection import Selection


async def encoded(
    selection: Selection,
    how: Way,
    *,
    batches: AsyncGenerator[pa.RecordBatch] | None,
    threads: Executor,
) -> AsyncGenerator[bytes]:
    """Yield the file of *batches*, one without rows when there are none; closes them."""
    encoder = how.encoder(selection)
    try:
        if batches is not None:
            async with aclosing(batches):
                async for batch in batches:
                    if chunk := await outside(partial(encoder.encode, batch), threads=threads):
                        yield chunk
        if chunk := await outside(encoder.finish, threads=threads):
            yield chunk
    finally:
        encoder.close()
        give_back()


async def begun(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Return *chunks* after the first is made: what fails there fails before a response begins."""
    return _with_first(await anext(chunks, b""), chunks)


async def _with_first(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk
