from __future__ import annotations

import pytest

from fanfold.workflows.keys import key_problems


@pytest.mark.parametrize("key", ["a", "Reach.v2", "time-to_purchase", "0", "x" * 100, "batch-1"])
def test_a_key_of_amcs_alphabet_will_do(key):
    assert key_problems(key) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a b",
        "a/b",
        "ä",
        "a\n",
        "a\0",
        "x" * 101,
        "batch",
        "CHECK",
        ".",
        "..",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    ],
)
def test_any_other_key_is_refused_once(key):
    (problem,) = key_problems(key)
    assert problem.pointer == "/key"
