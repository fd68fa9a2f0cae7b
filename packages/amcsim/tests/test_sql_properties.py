"""Random expressions and random crowds, next to an evaluator of their own that knows nothing of SQL."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amcsim.catalogue import available
from amcsim.sql.binding import bound_types
from amcsim.sql.compile import compile_query
from amcsim.sql.holes import Bindings
from amcsim.sql.options import SqlOptions
from amcsim.sql.privacy import PrivacyRequest, visible
from amcsim.sql.problem import SqlProblem
from amcsim.world.build import build_schema

TABLE = "amazon_attributed_events_by_traffic_time"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
BINDINGS = Bindings(values={}, window=(NOW - timedelta(days=31), NOW), now=NOW)


@pytest.fixture(scope="module")
def schema():
    connection = build_schema()
    connection.execute("SET schema = 'amc'")
    yield connection
    connection.close()


@dataclass(frozen=True)
class Known:
    """An expression and what AMC makes of it."""

    sql: str
    value: Any


def prepared_of(connection, sql):
    prepared = compile_query(sql, available(()), types={}, options=SqlOptions())
    return replace(prepared, types=bound_types(connection, prepared.bind(BINDINGS).sql, text=sql))


numbers = st.one_of(
    st.integers(-20, 20).map(lambda n: Known(f"({n})", n)), st.just(Known("CAST(NULL AS INTEGER)", None))
)
texts = st.text("ab.", max_size=5).map(lambda text: Known(f"'{text}'", text))
days = st.dates(date(1999, 1, 1), date(2035, 1, 1))
moments = st.datetimes(datetime(1999, 1, 1), datetime(2035, 1, 1))  # noqa: DTZ001 -- AMC's have no zone
lists = st.lists(st.none() | st.integers(0, 4), min_size=1, max_size=6)


def _combined(inner):
    two, three = st.tuples(inner, inner), st.tuples(inner, inner, inner)
    return st.one_of(
        two.map(lambda pair: Known(f"({pair[0].sql} + {pair[1].sql})", _lifted(lambda a, b: a + b, *pair))),
        two.map(lambda pair: Known(f"({pair[0].sql} - {pair[1].sql})", _lifted(lambda a, b: a - b, *pair))),
        two.map(lambda pair: Known(f"({pair[0].sql} / {pair[1].sql})", _lifted(_quotient, *pair))),
        three.map(lambda all_: Known(f"GREATEST({_listed(all_)})", _lifted(max, *all_))),
        three.map(lambda all_: Known(f"LEAST({_listed(all_)})", _lifted(min, *all_))),
        three.map(lambda all_: Known(f"COALESCE({_listed(all_)})", _first_of(all_))),
        two.map(lambda pair: Known(f"NVL({_listed(pair)})", _first_of(pair))),
        three.map(
            lambda all_: Known(f"NVL2({_listed(all_)})", all_[2 if all_[0].value is None else 1].value)
        ),
        three.map(
            lambda all_: Known(
                f"IF({all_[0].sql} > 0, {all_[1].sql}, {all_[2].sql})",
                all_[1 if all_[0].value is not None and all_[0].value > 0 else 2].value,
            )
        ),
    )


def _listed(parts):
    return ", ".join(part.sql for part in parts)


def _lifted(function, *parts):
    return None if any(part.value is None for part in parts) else function(*(part.value for part in parts))


def _first_of(parts):
    return next((part.value for part in parts if part.value is not None), None)


def _quotient(dividend, divisor):
    return None if divisor == 0 else dividend / divisor


def _distinct(items):
    return [item for place, item in enumerate(items) if item not in items[:place]]


def _array(items):
    return f"ARRAY[{', '.join('NULL' if item is None else str(item) for item in items)}]"


def _seconds(first, last):
    return math.trunc((last - first) / timedelta(seconds=1))


arithmetic = st.recursive(numbers, _combined, max_leaves=12)
calendars = st.one_of(
    days.map(lambda day: Known(f"DAYOFWEEK(CAST('{day}' AS DATE))", day.isoweekday() % 7 + 1)),
    days.map(lambda day: Known(f"EXTRACT(DOW FROM CAST('{day}' AS DATE))", day.isoweekday() % 7 + 1)),
    days.map(lambda day: Known(f"WEEK(CAST('{day}' AS DATE))", day.isocalendar().week)),
    st.tuples(moments, moments).map(
        lambda pair: Known(
            f"SECONDS_BETWEEN(CAST('{pair[0]}' AS TIMESTAMP), CAST('{pair[1]}' AS TIMESTAMP))",
            _seconds(*pair),
        )
    ),
)
arrays = st.tuples(lists, lists, st.integers(0, 4)).flatmap(
    lambda given: st.sampled_from(
        [
            Known(f"ARRAY_DISTINCT({_array(given[0])})", _distinct(given[0])),
            Known(f"ARRAY_UNION({_array(given[0])}, {_array(given[1])})", _distinct(given[0] + given[1])),
            Known(
                f"ARRAY_INTERSECT({_array(given[0])}, {_array(given[1])})",
                [item for item in _distinct(given[0]) if item in given[1]],
            ),
            Known(
                f"ARRAY_COMPLEMENT({_array(given[0])}, {_array(given[1])})",
                [item for item in _distinct(given[0]) if item not in given[1]],
            ),
            Known(
                f"ARRAY_REMOVE({_array(given[0])}, {given[2]})",
                [item for item in given[0] if item != given[2]],
            ),
            Known(f"CARDINALITY({_array(given[0])})", len(given[0])),
            Known(
                f"ARRAY_SORT({_array(given[0])})",
                sorted(given[0], key=lambda item: (item is None, item or 0)),
            ),
            Known(f"ARRAY_CAT({_array(given[0])}, {_array(given[1])})", given[0] + given[1]),
        ]
    )
)
strings = st.tuples(texts, texts, st.integers(1, 5)).flatmap(
    lambda given: st.sampled_from(
        [
            Known(f"CHARINDEX({given[1].sql}, {given[0].sql})", given[0].value.find(given[1].value) + 1),
            Known(f"STRPOS({given[0].sql}, {given[1].sql})", given[0].value.find(given[1].value) + 1),
            Known(f"CONCAT({given[0].sql}, NULL, {given[1].sql})", given[0].value + given[1].value),
            Known(f"{given[0].sql} SIMILAR TO '^[ab]+$'", set(given[0].value) in ({"a"}, {"b"}, {"a", "b"})),
            Known(f"LEFT({given[0].sql}, {given[2]})", given[0].value[: given[2]]),
            Known(f"LENGTH({given[0].sql})", len(given[0].value)),
        ]
    )
)


@settings(max_examples=120, deadline=None)
@given(known=st.lists(st.one_of(arithmetic, calendars, arrays, strings), min_size=1, max_size=6))
def test_an_expression_is_what_an_evaluator_of_its_own_says(schema, known):
    items = ", ".join(f"{one.sql} AS c{place}" for place, one in enumerate(known))
    (row,) = schema.execute(prepared_of(schema, f"SELECT {items}").bind(BINDINGS).sql).fetchall()
    for one, found in zip(known, row, strict=True):
        same = found == pytest.approx(one.value) if isinstance(one.value, float) else found == one.value
        assert same, one.sql


crowds = st.lists(
    st.tuples(
        st.none() | st.integers(0, 6),
        st.sampled_from(["Phone", "TV"]),
        st.sampled_from(["10", "20", None]),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    max_size=60,
)
BY_DEVICE = (
    "SELECT device_type AS d, page_type AS p, SUM(impressions) AS i, SUM(clicks) AS c, COUNT(*) AS n"
    f" FROM {TABLE} GROUP BY 1, 2"
)
THROUGH_USERS = (
    "WITH u AS (SELECT user_id, device_type AS d, page_type AS p, SUM(impressions) AS i, SUM(clicks) AS c,"
    f" COUNT(*) AS n FROM {TABLE} GROUP BY 1, 2, 3)"
    " SELECT d, p, SUM(i) AS i, SUM(c) AS c, SUM(n) AS n FROM u GROUP BY 1, 2"
)


def _judged(crowd):
    """Return by device and page: the sums, and how many users the thinnest of them has."""
    groups = defaultdict(list)
    for event in crowd:
        groups[event[1:3]].append(event)
    for group, events in groups.items():
        behind = [{e[0] for e in events if e[place]} - {None} for place in (3, 4)]
        everyone = {e[0] for e in events} - {None}
        users = min(len(crowd) for crowd in [everyone, *behind] if crowd or crowd is everyone)
        yield group, (sum(e[3] for e in events), sum(e[4] for e in events), len(events)), users


@settings(max_examples=40, deadline=None)
@given(crowd=crowds, sql=st.sampled_from([BY_DEVICE, THROUGH_USERS]))
def test_thin_rows_go_or_lose_values_as_worked_out_by_hand(schema, crowd, sql):
    schema.execute("BEGIN")
    rows = ", ".join(
        f"({'NULL' if user is None else user}, {'NULL' if user is None else repr(str(user))}, '{device}',"
        f" {'NULL' if page is None else repr(page)}, {seen}, {clicked}, '2026-01-15')"
        for user, device, page, seen, clicked in crowd
    )
    names = "__users, user_id, device_type, page_type, impressions, clicks, traffic_event_dt_utc"
    if rows:
        schema.execute(f"INSERT INTO amc.{TABLE} ({names}) VALUES {rows}")
    compiled = prepared_of(schema, sql).bind(BINDINGS)
    dropped = schema.execute(visible(compiled, PrivacyRequest())).fetchall()
    emptied = schema.execute(visible(compiled, PrivacyRequest(discriminator_column="thin"))).fetchall()
    schema.execute("ROLLBACK")

    judged = list(_judged(crowd))
    assert Counter(dropped) == Counter((*group, *sums) for group, sums, users in judged if users >= 2)
    # both columns are LOW and need two; whoever nobody stands behind shows not even a sum
    merged = Counter()
    for _, sums, users in judged:
        if users == 1:
            merged.update(dict(zip("icn", sums, strict=True)))
    kept = {(*group, *sums, False) for group, sums, users in judged if users >= 2}
    if any(users == 1 for _, _, users in judged):
        kept.add((None, None, merged["i"], merged["c"], merged["n"], True))
    elif any(users == 0 for _, _, users in judged):
        kept.add((None, None, None, None, None, True))
    assert set(emptied) == kept
    assert len(emptied) == len(kept)


TEXT = """
WITH u ( a , n ) AS ( SELECT campaign , SUM ( impressions ) FROM dsp_impressions WHERE user_id IS NOT NULL
GROUP BY 1 UNION ALL SELECT campaign , CASE WHEN COUNT ( * ) > 1 THEN 1 ELSE 0 END FROM dsp_clicks
GROUP BY campaign ) SELECT a , ARRAY_SORT ( COLLECT ( DISTINCT n ) ) AS ns , LEAST ( SUM ( n ) , 7 ) AS n ,
RANK ( ) OVER ( ORDER BY SUM ( n ) DESC ) AS place FROM u INNER JOIN ( SELECT 1 AS one ) AS o
ON o.one > 0 GROUP BY a HAVING SUM ( n ) > 0
"""
WHOLE = TEXT.split()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_broken_text_is_refused_in_words_and_a_whole_one_runs(schema, data):
    words = list(WHOLE)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(words) - 1))
        other = data.draw(st.sampled_from([*WHOLE, "", "[1]", "VALUES", "'", "INTERVAL", "EXPLODE"]))
        words[place] = data.draw(st.sampled_from([other, f"{words[place]} {other}"]))
    sql = " ".join(words)
    try:
        compiled = prepared_of(schema, sql).bind(BINDINGS)
    except SqlProblem:
        assert words != WHOLE
    else:
        schema.execute(visible(compiled, PrivacyRequest(discriminator_column="__")))
