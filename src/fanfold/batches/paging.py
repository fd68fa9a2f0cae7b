"""Pages of lists: the orders that are allowed, and the cursor that makes deep pages as cheap as the first."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from fanfold.db.statements import Statement
from fanfold.sdk.errors import BadInput, Problem

BATCH_ORDERS: Mapping[str, str] = {
    "-created_at": "b.created_at desc, b.id",
    "created_at": "b.created_at, b.id desc",
    "name": "lower(b.name), b.created_at desc, b.id",
    "-name": "lower(b.name) desc, b.created_at desc, b.id",
    "status": "b.status, b.created_at desc, b.id",
    "-status": "b.status desc, b.created_at desc, b.id",
    "started_at": "b.started_at nulls last, b.id",
    "-started_at": "b.started_at desc nulls last, b.id",
    "finished_at": "b.finished_at nulls last, b.id",
    "-finished_at": "b.finished_at desc nulls last, b.id",
    "total_operations": "b.total_count, b.created_at desc, b.id",
    "-total_operations": "b.total_count desc, b.created_at desc, b.id",
    "row_count": "b.row_count, b.created_at desc, b.id",
    "-row_count": "b.row_count desc, b.created_at desc, b.id",
}
OPERATION_ORDERS: Mapping[str, str] = {
    "ordinal": "o.ordinal",
    "-ordinal": "o.ordinal desc",
    "target_name": "lower(o.target ->> 'name'), o.ordinal",
    "-target_name": "lower(o.target ->> 'name') desc, o.ordinal",
    "status": "o.status, o.ordinal",
    "-status": "o.status desc, o.ordinal",
    "started_at": "o.started_at nulls last, o.ordinal",
    "-started_at": "o.started_at desc nulls last, o.ordinal",
    "finished_at": "o.finished_at nulls last, o.ordinal",
    "-finished_at": "o.finished_at desc nulls last, o.ordinal",
    "duration_ms": "o.finished_at - o.started_at nulls last, o.ordinal",
    "-duration_ms": "o.finished_at - o.started_at desc nulls last, o.ordinal",
    "row_count": "o.row_count nulls last, o.ordinal",
    "-row_count": "o.row_count desc nulls last, o.ordinal",
    "attempt_count": "o.attempt_count, o.ordinal",
    "-attempt_count": "o.attempt_count desc, o.ordinal",
}
_BY_CURSOR = {"-created_at", "ordinal"}
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_LAST_ID = UUID(int=2**128 - 1)
_BEFORE_ALL = -1
_LAST_ORDINAL = 2**31 - 1
_LAST_EVENT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    limit: int = 50
    offset: int = 0
    sort: str | None = None
    """A key of the list's orders; None is its default."""
    cursor: str | None = None
    """The `next_cursor` of the page before; needs the default order and no offset."""


def ordered(statement: Statement, page: Page, *, orders: Mapping[str, str]) -> Statement:
    """Return the statement with the page's order, limit and offset; raise `BadInput` for an unknown order."""
    sort = page.sort or next(iter(orders))
    if sort not in orders:
        message = f"A list cannot be sorted by {sort!r}; choose from {', '.join(orders)}."
        raise BadInput([Problem("/sort", message)])
    if page.cursor is not None and (sort not in _BY_CURSOR or page.offset):
        raise BadInput([Problem("/cursor", "A cursor goes with the default order and without an offset.")])
    count = len(statement.parameters)
    # Only text of this module gets into the statement; what a client sends stays a parameter.
    sql = f"{statement.sql} order by {orders[sort]} limit ${count + 1} offset ${count + 2}"
    return replace(statement, sql=sql, parameters=(*statement.parameters, "limit", "offset"))


def total_of(page: Page, count: int, *, more: bool) -> int | None:
    """Return the list's total if a page of *count* items tells it: the last page, with no *more*, does."""
    if page.cursor is not None or more or (not count and page.offset):
        return None
    return page.offset + count


def batch_cursor(created_at: datetime, identifier: UUID) -> str:
    """Return the cursor that continues after a batch."""
    return _encode(f"{created_at.isoformat()} {identifier}")


def read_batch_cursor(cursor: str | None) -> tuple[datetime, UUID]:
    """Return where a page of batches begins; raise `BadInput` for a cursor that is none."""
    if cursor is None:
        return _END_OF_TIME, _LAST_ID
    try:
        moment, _, identifier = _decode(cursor).partition(" ")
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(identifier)
    except (ValueError, OverflowError) as error:
        raise _bad_cursor() from error


def operation_cursor(ordinal: int) -> str:
    """Return the cursor that continues after an operation."""
    return _encode(str(ordinal))


def read_operation_cursor(cursor: str | None) -> int:
    """Return the ordinal after which a page of operations begins; raise `BadInput` for a bad cursor."""
    if cursor is None:
        return _BEFORE_ALL
    try:
        return max(_BEFORE_ALL, min(int(_decode(cursor)), _LAST_ORDINAL))
    except ValueError as error:
        raise _bad_cursor() from error


def event_cursor(event_id: int) -> str:
    """Return the cursor that continues before an event."""
    return _encode(str(event_id))


def read_event_cursor(cursor: str | None) -> int:
    """Return the event before which a page of a timeline begins; raise `BadInput` for a bad cursor."""
    if cursor is None:
        return _LAST_EVENT
    try:
        return max(0, min(int(_decode(cursor)), _LAST_EVENT))
    except ValueError as error:
        raise _bad_cursor() from error


def number_cursor(number: int) -> str:
    """Return the cursor that continues after a number."""
    return _encode(str(number))


def read_number_cursor(cursor: str | None) -> int:
    """Return the number after which a page begins, -1 for the first; raise `BadInput` for a bad cursor."""
    if cursor is None:
        return _BEFORE_ALL
    try:
        return max(_BEFORE_ALL, min(int(_decode(cursor)), _LAST_EVENT))
    except ValueError as error:
        raise _bad_cursor() from error


def sorted_cursor(page: Page, count: int) -> str | None:
    """Return the cursor that continues after a full page of a list in another than its default order."""
    if count < page.limit or page.sort is None:
        return None
    return _encode(f"{page.offset + count}@{page.sort}")


def resumed(page: Page) -> Page:
    """Return the page that a `sorted_cursor` stands for; any other page as it is."""
    if page.cursor is None or page.sort is None or page.sort in _BY_CURSOR or page.offset:
        return page
    try:
        offset, _, sort = _decode(page.cursor).partition("@")
        if sort != page.sort:
            return page
        return replace(page, offset=max(0, min(int(offset), _LAST_ORDINAL)), cursor=None)
    except ValueError as error:
        raise _bad_cursor() from error


def _encode(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(cursor) from error


def _bad_cursor() -> BadInput:
    return BadInput([Problem("/cursor", "This is not a cursor that a list has given.")])
