"""Which parts can no longer be read, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fanfold.results.checksum import damage
from fanfold.results.errors import UnreadablePart
from fanfold.results.outside import outside
from fanfold.results.places import Held
from fanfold.results.scan import Piece


async def unreadable(pieces: Sequence[Piece], held: Held) -> list[UnreadablePart]:
    """Read the parts whole and return those that are gone or differ from what was written."""
    for part in (piece.part for piece in pieces if piece.part.uri in held.paths):
        reason = await outside(partial(damage, Path(held.paths[part.uri]), part))
        if reason is not None:
            held.lost[part.uri] = reason
    return lost(pieces, held)


def lost(pieces: Sequence[Piece], held: Held) -> list[UnreadablePart]:
    """Return those *pieces* that are known to be lost."""
    return [
        UnreadablePart(
            operation_id=piece.owner.operation_id,
            execution_id=piece.owner.execution_id,
            target_name=piece.owner.target_name,
            uri=piece.part.uri,
            reason=held.lost[piece.part.uri],
        )
        for piece in pieces
        if piece.part.uri in held.lost
    ]
