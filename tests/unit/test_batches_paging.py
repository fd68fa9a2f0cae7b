from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.access.polling import is_current
from fanfold.batches.paging import (
    BATCH_ORDERS,
    Page,
    batch_cursor,
    operation_cursor,
    ordered,
    read_batch_cursor,
    read_operation_cursor,
    total_of,
)
from fanfold.db.statements import parse
from fanfold.sdk.errors import BadInput

STATEMENT = parse("list", "-- Lists.\nselect * from batches b where b.user_id = :user_id")


def test_a_cursor_says_where_it_was_made():
    moment, identifier = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC), uuid4()
    assert read_batch_cursor(batch_cursor(moment, identifier)) == (moment, identifier)
    assert read_operation_cursor(operation_cursor(99_999)) == 99_999


@given(st.text())
def test_any_text_is_read_as_a_cursor_or_refused(text: str):
    for read in (read_batch_cursor, read_operation_cursor):
        with suppress(BadInput):
            read(text)


@pytest.mark.parametrize("text", ["", "%%%", "YQ", "é"])
def test_what_is_no_cursor_is_refused_by_name(text: str):
    for read in (read_batch_cursor, read_operation_cursor):
        with pytest.raises(BadInput) as refusal:
            read(text)
        assert refusal.value.problems[0].pointer == "/cursor"


@given(st.text(min_size=1).filter(lambda text: text not in BATCH_ORDERS))
def test_no_other_text_gets_into_a_statement(sort: str):
    with pytest.raises(BadInput) as refusal:
        ordered(STATEMENT, Page(sort=sort), orders=BATCH_ORDERS)
    assert refusal.value.problems[0].pointer == "/sort"


def test_a_page_is_ordered_and_cut_by_parameters():
    statement = ordered(STATEMENT, Page(sort="name"), orders=BATCH_ORDERS)
    assert statement.sql.endswith("order by lower(b.name), b.created_at desc, b.id limit $2 offset $3")
    assert statement.parameters == ("user_id", "limit", "offset")


@pytest.mark.parametrize("number", [10**30, -(10**30)])
def test_a_made_up_cursor_stays_in_the_range_of_the_database(number: int):
    assert -1 <= read_operation_cursor(operation_cursor(number)) < 2**31


def test_every_order_ends_on_something_unique():
    for order in BATCH_ORDERS.values():
        assert order.endswith(("b.id", "b.id desc"))


@pytest.mark.parametrize(
    ("page", "count", "more", "total"),
    [
        (Page(limit=10), 3, False, 3),
        (Page(limit=10, offset=20), 3, False, 23),
        (Page(limit=10), 0, False, 0),
        (Page(limit=10), 10, False, 10),
        (Page(limit=10), 11, True, None),
        (Page(limit=10, offset=20), 0, False, None),
        (Page(limit=10, cursor="x"), 3, False, None),
    ],
)
def test_the_last_page_tells_the_total(page: Page, count: int, more: bool, total: int | None):  # noqa: FBT001 -- a case
    assert total_of(page, count, more=more) == total


@pytest.mark.parametrize(
    ("header", "current"),
    [
        (None, False),
        ('W/"abc"', True),
        ('"abc"', True),
        ('"x", W/"abc"', True),
        ("*", True),
        ('"x"', False),
        ("abc", False),
    ],
)
def test_a_client_is_current_if_it_names_the_tag(header: str | None, current: bool):  # noqa: FBT001 -- a case
    assert is_current(header, 'W/"abc"') is current
