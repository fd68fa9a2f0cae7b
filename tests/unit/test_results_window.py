from __future__ import annotations

from uuid import UUID

import pytest

from fanfold.results.manifest import Manifest, Part, ResultSet
from fanfold.results.scan import pieces_of, window


def result_set(number: int, *counts: int) -> ResultSet:
    parts = tuple(Part(f"{number}-{n}", count, 1, "") for n, count in enumerate(counts))
    return ResultSet(
        UUID(int=number), "exec", number, "key", None, "name", Manifest(parts, (), sum(counts), 1)
    )


PIECES = pieces_of([result_set(0, 10, 5), result_set(1), result_set(2, 1), result_set(3, 20)])


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (0, 5, [("0-0", 0, 5)]),
        (0, 10, [("0-0", 0, None)]),
        (9, 2, [("0-0", 9, None), ("0-1", 0, 1)]),
        (10, 6, [("0-1", 0, None), ("2-0", 0, None)]),
        (14, 100, [("0-1", 4, None), ("2-0", 0, None), ("3-0", 0, None)]),
        (35, 1, [("3-0", 19, None)]),
        (36, 10, []),
        (0, 0, []),
    ],
)
def test_a_page_needs_only_these_rows_of_these_parts(
    offset: int, limit: int, expected: list[tuple[str, int, int | None]]
):
    cut = window(PIECES, offset=offset, limit=limit)
    assert [(piece.part.uri, piece.first_row, piece.end_row) for piece in cut] == expected


def test_parts_are_numbered_through_the_batch():
    assert [(piece.number, piece.owner.ordinal) for piece in PIECES] == [(0, 0), (1, 0), (2, 2), (3, 3)]
