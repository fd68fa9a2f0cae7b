from __future__ import annotations

from uuid import UUID

import pytest

from fanfold.sdk.errors import Problem
from fanfold.workflows.parameters import parameter_problems, read_overrides

A = UUID("00000000-0000-0000-0000-00000000000a")
B = UUID("00000000-0000-0000-0000-00000000000b")
C = UUID("00000000-0000-0000-0000-00000000000c")


def check(parameters):
    """Wants a positive `n`, knows nothing else, and dislikes more than five parameters as a whole."""
    problems = [
        Problem(f"/{name.replace('/', '~1')}", f"unknown {name}")
        for name in parameters
        if name not in {"n", "a/b"}
    ]
    if "n" not in parameters:
        problems.append(Problem("/n", "n is missing"))
    elif not isinstance(parameters["n"], int):
        problems.append(Problem("/n", f"n is {parameters['n']}"))
    if len(parameters) > 5:
        problems.append(Problem("", "too many"))
    return problems


def problems_of(base, overrides=None, *, instances=(A, B, C), most_bytes=10_240):
    found = parameter_problems(
        check,
        base,
        overrides=read_overrides(overrides or {}, instances=instances),
        instances=instances,
        most_bytes=most_bytes,
    )
    return [(problem.pointer, problem.message) for problem in found]


def test_good_parameters_have_no_problems():
    assert problems_of({"n": 1}, {str(A): {"n": 2}}) == []


def test_a_shared_problem_is_named_once_for_all_instances():
    assert problems_of({"n": "x", "odd": 1}) == [
        ("/parameters/odd", "unknown odd"),
        ("/parameters/n", "n is x"),
    ]


def test_a_problem_of_an_override_stands_under_its_instance():
    found = problems_of({"n": 1}, {str(A): {"n": "x"}, str(B): {"odd": 1}})
    assert found == [
        (f"/instance_parameters/{A}/n", "n is x"),
        (f"/instance_parameters/{B}/odd", "unknown odd"),
    ]


def test_a_shared_problem_that_an_override_mends_still_stands_for_the_others():
    assert problems_of({"n": "x"}, {str(A): {"n": 1}}) == [("/parameters/n", "n is x")]


def test_what_every_instance_overrides_may_be_missing_from_the_shared_ones():
    assert problems_of({}, {str(A): {"n": 1}, str(B): {"n": 2}}, instances=(A, B)) == []


def test_what_is_missing_everywhere_is_named_once():
    assert problems_of({}, {str(A): {}, str(B): {"a/b": 1}}) == [("/parameters/n", "n is missing")]


def test_a_name_with_a_slash_is_escaped_and_recognised():
    found = problems_of({"n": 1}, {str(A): {"x/y": 1}})
    assert found == [(f"/instance_parameters/{A}/x~1y", "unknown x/y")]


def test_shared_parameters_are_checked_even_when_the_list_is_empty():
    assert problems_of({"n": "x"}, instances=()) == [("/parameters/n", "n is x")]


def test_a_problem_of_the_whole_stands_where_it_comes_from():
    four = {"n": 1, "a/b": 1}
    many = {f"p{index}": 1 for index in range(6)}
    shared = [pointer for pointer, message in problems_of(four | many) if message == "too many"]
    own = [pointer for pointer, message in problems_of(four, {str(A): many}) if message == "too many"]
    assert (shared, own) == (["/parameters"], [f"/instance_parameters/{A}"])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("x", "'x' is not an instance's UUID."),
        ("", "'' is not an instance's UUID."),
        (str(UUID(int=99)), f"{UUID(int=99)} is not among the instances of this batch."),
    ],
)
def test_an_override_of_what_is_not_chosen_is_refused(key, message):
    assert problems_of({"n": 1}, {key: {}}) == [(f"/instance_parameters/{key}", message)]


def test_an_override_key_is_escaped_in_its_pointer():
    assert problems_of({"n": 1}, {"a/b~c": {}})[0][0] == "/instance_parameters/a~1b~0c"


def test_an_instance_cannot_be_overridden_twice():
    found = problems_of({"n": 1}, {str(A): {}, str(A).upper(): {}})
    assert [pointer for pointer, _ in found] == [f"/instance_parameters/{str(A).upper()}"]


@pytest.mark.parametrize("values", [None, 1, "x", [1]])
def test_an_override_must_be_an_object(values):
    found = problems_of({"n": 1}, {str(A): values})
    assert found == [(f"/instance_parameters/{A}", "The parameters of an instance must be an object.")]


def test_large_parameters_are_refused_with_their_size():
    found = problems_of({"n": 1}, {str(A): {"a/b": "é" * 20}}, most_bytes=30)
    message = "The parameters take 50 bytes as JSON; at most 30 are allowed."
    assert found == [(f"/instance_parameters/{A}", message)]
    assert problems_of({"n": 1, "a/b": "x" * 10_240})[0][0] == "/parameters"


def test_shared_and_own_values_count_together():
    found = problems_of({"n": 1}, {str(A): {"a/b": "x" * 20}}, most_bytes=32)
    message = "The parameters take 36 bytes as JSON; at most 32 are allowed."
    assert found == [(f"/instance_parameters/{A}", message)]


def test_exactly_as_large_as_allowed_passes():
    assert problems_of({"n": 1, "a/b": "x" * 20}, most_bytes=36) == []
    assert len(problems_of({"n": 1, "a/b": "x" * 21}, most_bytes=36)) == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a\0b", "NUL bytes or broken Unicode"),
        ("\ud800", "NUL bytes or broken Unicode"),
        (float("nan"), "NaN or infinite"),
        (float("inf"), "NaN or infinite"),
        ({"deep": {"\0": 1}}, "NUL bytes"),
    ],
    ids=["nul", "surrogate", "nan", "infinity", "key"],
)
def test_what_cannot_be_stored_is_refused_and_never_shown_to_the_kind(value, message):
    (shared,) = problems_of({"n": value})
    assert shared[0] == "/parameters"
    assert message in shared[1]
    (own,) = problems_of({"n": 1}, {str(A): {"n": value}})
    assert own[0] == f"/instance_parameters/{A}"


def test_deep_nesting_is_refused_without_recursion():
    value: object = 1
    for _ in range(100_000):
        value = [value]
    (found,) = problems_of({"n": value})
    assert "deeper than 32" in found[1]
