"""What a draft is filled with: JSON lines as a stream, or a CSV file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from fanfold.sdk.errors import BadInput, Problem

MOST_CSV_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent, read piece by piece."""

    is_csv: bool
    parts: AsyncIterator[bytes]

    async def whole(self) -> bytes:
        """Return all of it, up to what a CSV file may have. Raises `BadInput`."""
        held = bytearray()
        async for part in self.parts:
            held += part
            if len(held) > MOST_CSV_BYTES:
                most = MOST_CSV_BYTES // (1024 * 1024)
                message = (
                    f"The CSV is larger than {most} MiB: send it as JSON lines, which may be any length."
                )
                raise BadInput([Problem("", message)])
        return bytes(held)
