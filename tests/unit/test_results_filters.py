from __future__ import annotations

import pytest

from fanfold.results.columns import ColumnType
from fanfold.results.filters import Field, Filter, Op, check, condition, ordering, parse_filters
from fanfold.sdk.errors import BadInput

FIELDS = {
    "cost": Field("c0", ColumnType.NUMBER),
    "-cost": Field("c1", ColumnType.NUMBER),
    "name": Field("c2", ColumnType.STRING),
}


def pointers(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        parse_filters(text)
    return [problem.pointer for problem in caught.value.problems]


@pytest.mark.parametrize("text", [None, "", "[]"])
def test_no_filter_is_no_condition(text: str | None):
    assert parse_filters(text) == ()
    assert condition((), FIELDS) == ("true", {})


def test_a_filter_is_read_from_json():
    text = '[{"column": "cost", "op": "gt", "value": 1}, {"column": "name", "op": "is_null"}]'
    assert parse_filters(text) == (Filter("cost", Op.GT, 1), Filter("name", Op.IS_NULL))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense", ["/filter"]),
        ("{}", ["/filter"]),
        ("[1]", ["/filter/0"]),
        ('[{"op": "eq"}, {"column": "a", "op": "like"}]', ["/filter/0/column", "/filter/1/op"]),
        ('[{"column": "a", "op": "eq", "value": 1, "or": []}]', ["/filter/0/or"]),
        (f"[{','.join(['{}'] * 51)}]", ["/filter"]),
        ("[" * 100_000, ["/filter"]),
    ],
)
def test_every_bad_condition_is_named(text: str, expected: list[str]):
    assert pointers(text) == expected


def test_values_are_bound_and_never_part_of_the_text():
    evil = "'; drop table x; --"
    text, values = condition([Filter("name", op, evil) for op in (Op.EQ, Op.NE, Op.CONTAINS)], FIELDS)
    assert evil not in text
    assert values == {"v0": evil, "v1": evil, "v2": evil}


def test_a_choice_binds_each_of_its_values():
    assert condition([Filter("cost", Op.IN, [1, 2.5])], FIELDS) == (
        "c0 in ($v0_0, $v0_1)",
        {"v0_0": 1, "v0_1": 2.5},
    )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", "c2 asc nulls last"),
        ("-name", "c2 desc nulls last"),
        ("cost", "c0 asc nulls last"),
        ("-cost", "c1 asc nulls last"),
        ("--cost", "c1 desc nulls last"),
    ],
)
def test_a_minus_means_descending_unless_it_belongs_to_the_name(sort: str, expected: str):
    check((), sort=sort, fields=FIELDS)
    assert ordering(sort, FIELDS) == expected


@pytest.mark.parametrize("value", [True, "1", None, float("inf"), 2**127, [1]])
def test_a_number_is_compared_with_numbers_only(value: object):
    with pytest.raises(BadInput, match="Give a number"):
        check([Filter("cost", Op.EQ, value)], sort=None, fields=FIELDS)


def test_half_a_character_is_no_text():
    with pytest.raises(BadInput) as caught:
        check(parse_filters(r'[{"column": "name", "op": "eq", "value": "\ud800"}]'), sort=None, fields=FIELDS)
    assert [problem.pointer for problem in caught.value.problems] == ["/filter/0/value"]
