from __future__ import annotations

import pytest

from fanfold.access.text import json_problem, line_problem, paragraph_problem


@pytest.mark.parametrize("text", ["", "Acme", "Éclair – 12 instances", "日本", "👩‍🚀", "a\u00a0b"])
def test_what_a_screen_can_show_is_a_line(text):
    assert line_problem(text) is None
    assert paragraph_problem(text) is None
    assert json_problem(text) is None


@pytest.mark.parametrize("text", ["a\0", "\x1b[31m", "a\x7f", "\ud800", "\x85"])
def test_what_it_cannot_show_is_neither_line_nor_paragraph(text):
    assert line_problem(text) is not None
    assert paragraph_problem(text) is not None


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\r\nb"])
def test_a_paragraph_may_have_several_lines(text):
    assert line_problem(text) is not None
    assert paragraph_problem(text) is None
    assert json_problem(text) is None


@pytest.mark.parametrize("value", [None, True, 1, 1.5, 2**64 - 1, [], {}, {"a": [1, {"b": None}]}])
def test_ordinary_json_can_be_stored(value):
    assert json_problem(value) is None


@pytest.mark.parametrize(
    "value", ["\0", "\udfff", ["\0"], {"a": {"\0": 1}}, {"\ud800": 1}, float("nan"), [float("-inf")], 2**64]
)
def test_what_postgresql_cannot_store_is_named(value):
    assert json_problem(value) is not None


def test_nesting_has_an_end():
    value: object = 1
    for _ in range(32):
        value = [value]
    assert json_problem(value) is None
    assert json_problem([value]) == "must not be nested deeper than 32 levels"
