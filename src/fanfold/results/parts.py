"""Writes one Parquet part: hashed while it is written, on the disk when it is closed."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fanfold.results.manifest import Part

ROW_GROUP_ROWS = 100_000
ROW_GROUP_BYTES = 16 * 1024 * 1024
PART_BYTES = 64 * 1024 * 1024


class PartWriter:
    """One part under way; blocking, so for threads only."""

    def __init__(self, path: Path, *, uri: str, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.uri = uri
        self.path = path
        self._rows = 0
        self._file = _HashedFile(path)
        # The stubs know files of text and bytes, not the protocol that Arrow asks for.
        target: Any = self._file
        try:
            self._writer = pq.ParquetWriter(target, schema, compression="zstd")
        except BaseException:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def full(self) -> bool:
        """Whether the next rows belong into another part."""
        return self._file.size >= PART_BYTES

    def write(self, rows: pa.Table) -> None:
        """Append *rows* as one row group."""
        self._writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
        self._rows += rows.num_rows

    def close(self) -> Part:
        """Finish the file, make it durable and describe it."""
        self._writer.close()
        self._file.settle()
        return Part(self.uri, self._rows, self._file.size, self._file.digest)

    def abandon(self) -> None:
        """Give up and remove the file."""
        self._file.deafen()
        self._writer.close()
        self._file.close()
        self.path.unlink(missing_ok=True)


class _HashedFile(io.RawIOBase):
    """A file to write once from front to back."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb", buffering=0)
        self._hash = hashlib.sha256()
        self._deaf = False
        self.size = 0

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written, hexadecimal."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, content: Any, /) -> int:
        view = memoryview(content).cast("B")
        if not self._deaf:
            rest = view
            while rest:
                rest = rest[self._raw.write(rest) :]
            self._hash.update(view)
        self.size += len(view)
        return len(view)

    def settle(self) -> None:
        """Make file and folder entry survive a power cut, then close."""
        os.fsync(self._raw.fileno())
        folder = os.open(Path(self._raw.name).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.close()

    def deafen(self) -> None:
        """Swallow what is written from here on: Parquet's writer cannot be dropped without its footer."""
        self._deaf = True

    def close(self) -> None:
        self._raw.close()
        super().close()
