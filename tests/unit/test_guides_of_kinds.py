"""The guides of kinds show what the examples are, and what they say of templates and limits is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fanfold.kinds.http import Http
from fanfold.kinds.http.definition import HttpDefinition
from fanfold.kinds.http.templates import _FILTERS
from fanfold.kit.networks import OutboundRules

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs/guides"
EXAMPLE = ROOT / "examples/write-a-kind"
JSON = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_guide_prints_every_file_of_the_example_as_it_is():
    shown = dict(FILES.findall((GUIDES / "write-a-kind.md").read_text()))
    files = {
        str(path.relative_to(EXAMPLE)): path.read_text()
        for path in EXAMPLE.rglob("*")
        if path.suffix in {".py", ".toml"}
    }
    assert shown == files


def test_the_guide_s_batch_is_the_example_s():
    printed = JSON.findall((GUIDES / "python-kind.md").read_text())
    assert json.loads(printed[0]) == json.loads((ROOT / "examples/python-batch/batch.json").read_text())


def test_every_definition_that_the_guide_prints_is_sound():
    printed = JSON.findall((GUIDES / "http-kind.md").read_text())
    assert len(printed) == 3
    for text in printed:
        definition = {"url": "https://example.com/", **json.loads(text)}
        assert list(Http(OutboundRules()).inspect(definition)) == []


@pytest.mark.parametrize("name", ["stock", "rebuild"])
def test_the_examples_of_http_are_sound(name):
    batch = json.loads((ROOT / f"examples/http-batch/{name}.json").read_text())
    kind = Http(OutboundRules())
    assert list(kind.inspect(batch["definition"])) == []
    assert list(kind.check(batch["definition"], batch["parameters"])) == []


def test_the_guide_names_every_part_and_every_filter():
    text = (GUIDES / "http-kind.md").read_text()
    parts = set(HttpDefinition.model_fields) - {"repeatable", "poll", "success", "result", "summary"}
    assert {part for part in parts if f"`{part}`" not in text} == set()
    assert {name for name in _FILTERS if f"`{name}" not in text} == set()
