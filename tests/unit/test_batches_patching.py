"""A patch of what an operation runs with: RFC 7396 against the merged parameters, kept as overrides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.batches.patching import merge_patch, merged, patched

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


# RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_rfc_shows(target: Any, patch: Any, result: Any):
    assert merge_patch(target, patch) == result


def without_nulls_of(base: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None or name not in base}


@given(OBJECTS, OBJECTS, OBJECTS)
def test_the_patched_overrides_make_the_patched_parameters(
    base: dict[str, Any], own: dict[str, Any], patch: dict[str, Any]
):
    wanted = merge_patch(merged(base, own), patch)
    found = merged(base, patched(base, own, patch=patch))
    assert without_nulls_of(base, found) == without_nulls_of(base, wanted)


@given(OBJECTS, OBJECTS, OBJECTS)
def test_a_patch_twice_is_a_patch_once_and_changes_nothing_that_it_was_given(
    base: dict[str, Any], own: dict[str, Any], patch: dict[str, Any]
):
    before = repr((base, own, patch))
    once = patched(base, own, patch=patch)
    assert patched(base, once, patch=patch) == once
    assert repr((base, own, patch)) == before


def test_what_equals_the_batch_s_own_value_is_no_override():
    assert patched({"days": 7}, {"days": 30}, patch={"days": 7}) == {}


def test_a_truth_is_no_number():
    assert patched({"days": 1}, None, patch={"days": True}) == {"days": True}


def test_a_parameter_of_the_batch_that_is_removed_stays_as_null():
    assert patched({"days": 7}, {"brand": "x"}, patch={"days": None, "brand": None}) == {"days": None}
