"""Pointers are those of RFC 6901, section 5: its own examples, and back again."""

from __future__ import annotations

import pytest

from fanfold.kit.pointers import escaped, first_name, pointer_to


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ([], ""),
        (["foo"], "/foo"),
        (["foo", 0], "/foo/0"),
        ([""], "/"),
        (["a/b"], "/a~1b"),
        (["c%d"], "/c%d"),
        (["m~n"], "/m~0n"),
        (["~1", "/"], "/~01/~1"),
    ],
)
def test_a_pointer_takes_its_steps_one_after_the_other(steps: list[object], pointer: str):
    assert pointer_to(steps) == pointer
    assert first_name(pointer) == (str(steps[0]) if steps else "")


def test_a_step_is_escaped_by_itself():
    assert escaped("a~/b") == "a~0~1b"
    assert escaped(7) == "7"
