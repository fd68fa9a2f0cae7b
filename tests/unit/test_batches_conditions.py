"""What leaves a target out."""

from __future__ import annotations

from typing import Any

import pytest

from fanfold.batches.creation.conditions import Condition, Operator, make_condition, skip_reason
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem

TARGET = Target(
    "t",
    "T",
    attributes={"tier": "gold", "size": 5, "empty": None, "on": True, "owner": {"team": "x"}, "a.b": 1},
)


def condition(operator: str, value: Any = None, *, of: str = "tier") -> Condition:
    made = make_condition(
        of, of_target=True, operator=Operator(operator), value=value, reason=None, pointer="/c"
    )
    assert isinstance(made, Condition), made
    return made


@pytest.mark.parametrize(
    ("of", "operator", "value", "holds"),
    [
        ("tier", "eq", "gold", True),
        ("tier", "eq", "Gold", False),
        ("tier", "ne", "gold", False),
        ("nothing", "ne", "gold", True),
        ("nothing", "eq", None, True),
        ("on", "eq", 1, False),
        ("on", "eq", True, True),
        ("size", "eq", 5.0, True),
        ("size", "in", [4, 5], True),
        ("size", "not_in", [4, 5], False),
        ("nothing", "not_in", ["x"], True),
        ("nothing", "in", ["x"], False),
        ("size", "lt", 6, True),
        ("size", "lt", 5, False),
        ("size", "le", 5, True),
        ("size", "gt", 4.5, True),
        ("size", "ge", 6, False),
        ("size", "gt", "4", False),
        ("on", "gt", 0, False),
        ("tier", "lt", "silver", True),
        ("nothing", "lt", 6, False),
        ("tier", "matches", "ol", True),
        ("tier", "matches", "^ol", False),
        ("size", "matches", "5", False),
        ("nothing", "missing", None, True),
        ("empty", "missing", None, True),
        ("tier", "missing", None, False),
        ("owner.team", "eq", "x", True),
        ("owner.boss", "missing", None, True),
        ("tier.deeper", "missing", None, True),
        ("a.b", "eq", 1, True),
    ],
)
def test_an_operator_compares(of: str, operator: str, value: Any, *, holds: bool):
    assert condition(operator, value, of=of).holds(TARGET, {}) is holds


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("in", []),
        ("in", "gold"),
        ("not_in", None),
        ("lt", None),
        ("gt", True),
        ("ge", [1]),
        ("missing", 1),
        ("matches", ""),
        ("matches", 5),
        ("matches", "("),
        ("matches", "(?=look)"),
        ("matches", r"(a)\1"),
        ("matches", "x" * 1001),
    ],
    ids=str,
)
def test_a_value_that_makes_no_sense_is_refused(operator: str, value: Any):
    made = make_condition(
        "x", of_target=False, operator=Operator(operator), value=value, reason=None, pointer="/skip_when/2"
    )
    assert isinstance(made, Problem)
    assert made.pointer == "/skip_when/2/value"


def test_a_pattern_that_would_take_years_elsewhere_takes_no_time():
    long = Target("t", "T", attributes={"tier": "a" * 50_000 + "!"})
    assert not condition("matches", "^(a+)+$").holds(long, {})


def test_parameters_are_looked_at_as_they_are_merged():
    made = make_condition(
        "window", of_target=False, operator=Operator.GT, value=30, reason="Too long.", pointer=""
    )
    assert isinstance(made, Condition)
    assert skip_reason([made], TARGET, merged={"window": 31}) == "Too long."
    assert skip_reason([made], TARGET, merged={"window": 30}) is None


def test_the_first_condition_that_holds_gives_the_reason():
    conditions = [condition("eq", "iron"), condition("missing", of="boss"), condition("eq", "gold")]
    assert skip_reason(conditions, TARGET, merged={}) == "attribute boss is missing"
