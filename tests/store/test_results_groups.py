from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from fanfold.results.charting import OTHER, Chart, ChartAsked
from fanfold.results.filters import Filter, Op
from fanfold.results.grouping import Grouping, Groups
from fanfold.results.reader import ResultReader
from fanfold.sdk.errors import BadInput
from tests.store.result_batches import ResultBatch, asked, rows


async def groups(reader: ResultReader, batch: ResultBatch, grouping: Grouping, **kept: Any) -> Groups:
    return await reader.groups(batch.id, grouping, user_id=batch.user_id, rows=asked(**kept))


async def chart(reader: ResultReader, batch: ResultBatch, wanted: ChartAsked, **kept: Any) -> Chart:
    drawn = await reader.chart(batch.id, wanted, user_id=batch.user_id, rows=asked(**kept))
    assert drawn is not None
    return drawn


def table(found: Groups) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in found.rows]


async def two_shops(batch: ResultBatch) -> None:
    days = [date(2026, 1, 5), date(2026, 1, 20), date(2026, 2, 3), None]
    await batch.add("EU", rows(brand=["a", "b", "a", None], cost=[1.0, 2.0, 3.0, 4.0], day=days))
    await batch.add(
        "US", rows(brand=["a", "c"], cost=[10.0, None], day=[date(2026, 2, 28), date(2025, 1, 1)])
    )


async def test_groups_carry_every_aggregate(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    found = await groups(
        reader,
        batch,
        Grouping(
            ("brand",),
            (
                "count",
                "count:cost",
                "sum:cost",
                "avg:cost",
                "min:cost",
                "max:day",
                "median:cost",
                "distinct:day",
            ),
        ),
    )
    assert [(each.name, each.type) for each in found.columns] == [
        ("brand", "string"),
        ("count", "number"),
        ("count:cost", "number"),
        ("sum:cost", "number"),
        ("avg:cost", "number"),
        ("min:cost", "number"),
        ("max:day", "date"),
        ("median:cost", "number"),
        ("distinct:day", "number"),
    ]
    assert table(found) == [
        ("a", 3, 3, 14.0, 14.0 / 3, 1.0, "2026-02-28", 3.0, 3),
        ("b", 1, 1, 2.0, 2.0, 2.0, "2026-01-20", 2.0, 1),
        ("c", 1, 0, None, None, None, "2025-01-01", None, 1),
        (None, 1, 1, 4.0, 4.0, 4.0, None, 4.0, 0),
    ]
    assert found.total_rows == 4


async def test_groups_sort_by_an_aggregate_page_and_filter(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    by_cost = Grouping(("_instance_name", "brand"), ("sum:cost",), sort="-sum:cost", limit=2)
    found = await groups(reader, batch, by_cost)
    assert (table(found), found.total_rows) == ([("US", "a", 10.0), ("EU", "a", 4.0)], 5)
    only = [Filter("_instance_name", Op.EQ, "EU"), Filter("cost", Op.GT, 1)]
    kept = await groups(reader, batch, by_cost, filters=only)
    assert table(kept) == [("EU", None, 4.0), ("EU", "a", 3.0)]
    beyond = await groups(reader, batch, Grouping(("brand",), offset=100))
    assert (beyond.rows, beyond.total_rows) == ([], 4)


async def test_without_a_key_there_is_one_row_about_all(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    found = await groups(reader, batch, Grouping(aggregates=("count", "sum:cost", "approx_distinct:brand")))
    assert table(found) == [(6, 20.0, 3)]


async def test_times_are_grouped_by_stretches(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    found = await groups(reader, batch, Grouping(("day:month",)))
    assert table(found) == [("2025-01-01", 1), ("2026-01-01", 2), ("2026-02-01", 2), (None, 1)]
    assert found.columns[0].type == "date"
    moments = [datetime(2026, 1, 1, 10, 59, tzinfo=UTC), datetime(2026, 1, 1, 10, 1, tzinfo=UTC)]
    await batch.add("Times", rows(seen=pa.array(moments, pa.timestamp("us", "UTC"))))
    hours = await groups(reader, batch, Grouping(("seen:hour",)), filters=[Filter("seen", Op.NOT_NULL)])
    assert table(hours) == [("2026-01-01T10:00:00Z", 2)]


async def test_a_pivot_turns_values_into_columns(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    found = await groups(reader, batch, Grouping(("brand",), ("sum:cost",), pivot="_instance_name"))
    assert [(each.name, each.aggregate, each.pivot) for each in found.columns] == [
        ("brand", None, None),
        ("EU", "sum:cost", "EU"),
        ("US", "sum:cost", "US"),
    ]
    assert table(found) == [("a", 4.0, 10.0), ("b", 2.0, None), ("c", None, None), (None, 4.0, None)]
    several = await groups(reader, batch, Grouping((), ("count", "max:cost"), pivot="brand", limit=5))
    assert several.rows[0]["a max:cost"] == 10.0
    assert several.rows[0]["(null) count"] == 1


async def test_a_pivot_of_many_values_keeps_the_rest_in_one_column(
    reader: ResultReader, batch: ResultBatch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fanfold.results.grouping.MOST_PIVOTED", 2)
    await batch.add("A", rows(word=["x", "x", "x", "y", "y", "z", "'); drop", "count"]))
    found = await groups(reader, batch, Grouping((), ("count",), pivot="word"))
    assert [(each.name, each.is_other) for each in found.columns] == [
        ("x", False),
        ("y", False),
        ("(others)", True),
    ]
    assert table(found) == [(3, 2, 3)]


NAMES = ["a,b", "day:month", 'q"uote', "'; drop table x; --", "$names", "sum:cost"]


async def test_names_are_only_names(reader: ResultReader, batch: ResultBatch):
    await batch.add("A", pa.RecordBatch.from_arrays([pa.array([1, 1])] * len(NAMES), names=NAMES))
    for name in NAMES:
        found = await groups(reader, batch, Grouping((name,), (f"sum:{name}",), sort=f"-sum:{name}"))
        assert found.rows == [{name: 1, f"sum:{name}": 2}]


@pytest.mark.parametrize(
    ("grouping", "pointers"),
    [
        (Grouping(("x", "brand", "y")), ["/group_by", "/group_by"]),
        (Grouping(("day:century",)), ["/group_by"]),
        (Grouping(("brand:month",)), ["/group_by"]),
        (Grouping((), ("sum", "avg:brand", "nothing:cost", "max:gone")), ["/aggregate"] * 4),
        (Grouping((), ()), ["/aggregate"]),
        (Grouping(("brand",), sort="cost"), ["/sort"]),
        (Grouping(("brand",), pivot="gone"), ["/pivot"]),
    ],
)
async def test_what_cannot_be_asked_is_named(
    reader: ResultReader, batch: ResultBatch, grouping: Grouping, pointers: list[str]
):
    await two_shops(batch)
    with pytest.raises(BadInput) as caught:
        await groups(reader, batch, grouping)
    assert [problem.pointer for problem in caught.value.problems] == pointers


async def test_a_chart_has_the_largest_categories_and_the_rest(reader: ResultReader, batch: ResultBatch):
    words = [letter for number, letter in enumerate("abcdef", start=1) for _ in range(number)]
    await batch.add("A", rows(word=words, n=range(len(words))))
    drawn = await chart(reader, batch, ChartAsked("word", "count", points=3))
    assert drawn.categories == ["f", "e", "d", OTHER]
    assert drawn.has_other
    assert [(each.name, each.values) for each in drawn.series] == [(None, [6, 5, 4, 6])]
    average = await chart(reader, batch, ChartAsked("word", "avg:n", points=1))
    # Of all rows that are in no category of their own, not of the averages of theirs.
    assert average.series[0].values == [17.5, sum(range(15)) / 15]


async def test_a_chart_parts_its_series(reader: ResultReader, batch: ResultBatch):
    await two_shops(batch)
    drawn = await chart(reader, batch, ChartAsked("day:month", "sum:cost", "_instance_name", most_series=1))
    assert drawn.categories == ["2025-01-01", "2026-01-01", "2026-02-01", None]
    assert not drawn.has_other
    assert [(each.name, each.values, each.is_other) for each in drawn.series] == [
        ("EU", [None, 3.0, 3.0, 4.0], False),
        (OTHER, [None, None, 10.0, None], True),
    ]


async def test_a_chart_of_time_takes_the_shortest_stretch_that_fits(reader: ResultReader, batch: ResultBatch):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(hours=number) for number in range(240)]
    await batch.add("A", rows(at=pa.array(moments, pa.timestamp("us", "UTC"))))
    daily = await chart(reader, batch, ChartAsked("at", points=20))
    assert (daily.bucket, daily.categories[0], daily.series[0].values) == ("day", "2026-01-01", [24] * 10)
    hourly = await chart(reader, batch, ChartAsked("at:hour", points=500))
    assert (hourly.bucket, len(hourly.categories)) == ("hour", 240)
    assert (await chart(reader, batch, ChartAsked("at:minute", points=20))).bucket == "day"


async def test_a_chart_of_many_numbers_has_round_bins(reader: ResultReader, batch: ResultBatch):
    await batch.add("A", rows(n=range(1000)))
    drawn = await chart(reader, batch, ChartAsked("n", points=10))
    assert (drawn.bin_width, drawn.categories) == (100.0, [100.0 * number for number in range(10)])
    assert drawn.series[0].values == [100] * 10
    few = await chart(reader, batch, ChartAsked("n", points=10), filters=[Filter("n", Op.LT, 3)])
    assert (few.bin_width, few.categories) == (None, [0, 1, 2])


async def test_a_chart_of_nothing_is_empty(reader: ResultReader, batch: ResultBatch):
    assert await reader.chart(batch.id, ChartAsked("n"), user_id=batch.user_id) is None
    await batch.add("A", rows(n=[1]))
    drawn = await chart(reader, batch, ChartAsked("n"), filters=[Filter("n", Op.GT, 5)])
    assert (drawn.categories, drawn.series) == ([], [])
