"""The result store: where the rows of all batches are, by one URL. Rows never go into PostgreSQL."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore.store

from fanfold.results.manifest import Manifest
from fanfold.results.places import LocalFolder, Place, RemoteStore
from fanfold.results.sink import ParquetSink

__all__ = ["ParquetSink", "ResultStore"]

COPY_BYTES = 4 * 1024**3
"""How much of a remote store is kept here for readers."""


class ResultStore:
    """Parts under `<batch>/<operation>/<attempt>-<n>.parquet`."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @classmethod
    def open(cls, url: str, *, spool: Path | None = None) -> ResultStore:
        """Open a folder's path, or a URL: `file://`, `s3://`, `gs://`, `az://`.

        *spool* is the local folder for what goes to and comes from a remote store; a temporary one by
        default.
        """
        parts = urlsplit(url)
        if parts.scheme in {"", "file"}:
            folder = Path(unquote(parts.path) if parts.scheme else url).absolute()
            folder.mkdir(parents=True, exist_ok=True)
            return cls(LocalFolder(folder))
        spool = spool or Path(tempfile.mkdtemp(prefix="fanfold-results-"))
        return cls(RemoteStore(obstore.store.from_url(url), url, spool=spool, copy_bytes=COPY_BYTES))

    def sink(self, *, batch_id: UUID, operation_id: UUID, attempt_id: int) -> ParquetSink:
        """Return the sink of one attempt; nothing is written before its first row."""
        return ParquetSink(self.place, f"{batch_id}/{operation_id}/{attempt_id}")

    async def keep_only(self, manifest: Manifest, *, batch_id: UUID, operation_id: UUID) -> None:
        """Remove what other attempts at the operation left, once *manifest* is recorded."""
        kept = {part.uri for part in manifest.parts}
        found = await self.place.names(f"{batch_id}/{operation_id}")
        await self.place.remove(uri for uri in found if uri not in kept)

    async def purge(self, batch_id: UUID) -> None:
        """Remove every row of a batch that was deleted."""
        await self.place.remove(await self.place.names(str(batch_id)))
