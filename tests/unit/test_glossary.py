"""The glossary's verbs, states and reasons are the code's."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from fanfold.batches.lifecycle import AttemptState, BatchState, OperationState, Reason, Verb
from fanfold.batches.waiting import Cause

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()


def words(heading: str) -> list[str]:
    """The first column of the table below *heading*."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", GLOSSARY, flags=re.MULTILINE | re.DOTALL)
    assert section, f"docs/glossary.md has no section {heading!r}"
    return re.findall(r"^\| (?:`|\*\*)(.+?)(?:`|\*\*) \|", section[1], flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "enumeration"),
    [
        ("Verbs", Verb),
        ("Causes", Cause),
        ("Operation states", OperationState),
        ("Batch states", BatchState),
        ("Attempt states", AttemptState),
        ("Reasons", Reason),
    ],
)
def test_the_glossary_explains_exactly_the_words_of_the_code(heading: str, enumeration: type[StrEnum]):
    assert words(heading) == [member.value for member in enumeration]


def test_the_guide_says_of_every_cause_to_wait_what_helps():
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "limits-and-control.md").read_text()
    section = guide.split("## Why an operation waits")[1].split("## ")[0]
    named = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)))
    assert sorted(named) == sorted(cause.value for cause in Cause)


def test_no_word_is_explained_twice():
    things = words("Things")
    assert len(things) == len(set(things)) > 0
