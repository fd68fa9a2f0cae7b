"""Files that an answer is saved as: their formats, and a file that is complete or absent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Literal, cast, get_args

FileForm = Literal["csv", "jsonl", "xlsx", "parquet", "arrow"]
"""What a file with all rows is written as; `arrow` is a stream of record batches."""

_ENDINGS: Mapping[str, FileForm] = {"ndjson": "jsonl", "arrows": "arrow", "pq": "parquet"}


def form_of(path: Path) -> FileForm | None:
    """Return what a file's name says that it is, None when it says nothing of ours."""
    ending = path.suffix.lower().removeprefix(".")
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return cast("FileForm", ending) if ending in get_args(FileForm) else None


def form_for(path: Path | str, form: FileForm | None) -> FileForm:
    """Return *form*, or what the name of *path* says. Raises `ValueError` if neither says it."""
    chosen = form or form_of(Path(path))
    if chosen is None:
        raise ValueError(f"{Path(path).name} does not say what file it is: give the form.")
    return chosen


async def saved(pieces: AsyncGenerator[bytes], path: Path | str) -> Path:
    """Write *pieces* to *path*, which is complete or absent."""
    final = Path(path)
    partial = final.with_name(f"{final.name}.part")
    try:
        async with aclosing(pieces):
            with partial.open("wb") as file:
                async for piece in pieces:
                    file.write(piece)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial.rename(final)
