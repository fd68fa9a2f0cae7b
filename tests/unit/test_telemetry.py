"""Logs: one JSON object a line, and no secret in it."""

from __future__ import annotations

import ast
import io
import json
import logging
from pathlib import Path

import pytest

import fanfold
from fanfold.telemetry.events import EVENTS
from fanfold.telemetry.logs import configure_logging
from fanfold.telemetry.redaction import REDACTED, clean
from fanfold.telemetry.sentry import configure_sentry, is_installed

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@pytest.fixture
def lines():
    """Call it to read what was logged so far; the root logger is put back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging("INFO", "auto", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_record_is_one_line_of_json_with_its_fields(lines):
    logging.getLogger("fanfold.x").info("batch.submit", extra={"batch_id": "batch_1", "count": 2})
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("batch.submit", "info", "fanfold.x")
    assert (line["batch_id"], line["count"]) == ("batch_1", 2)
    assert line["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_left_out(lines):
    logging.getLogger("fanfold.x").debug("noise")
    assert lines() == []


def test_fields_with_secret_names_are_redacted_at_every_depth(lines):
    logging.getLogger("x").info("e", extra={"token": "t", "request": {"headers": [{"Authorization": "a"}]}})
    (line,) = lines()
    assert line["token"] == REDACTED
    assert line["request"] == {"headers": [{"Authorization": REDACTED}]}


def test_a_secret_in_a_traceback_is_redacted(lines):
    try:
        int("Atzr|abcdef")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = lines()
    assert "Atzr|abcdef" not in line["exception"]
    assert "ValueError" in line["exception"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("postgresql://fanfold:hush@/fanfold?host=/tmp", "hush"),
        ("refresh with Atzr|IwEBI/x+y=", "Atzr|IwEBI/x+y="),
        ("access Atza|IwEBI", "Atza|IwEBI"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9"),
        ("GET /ui/sign-in?code=one-time", "one-time"),
        ("https://bucket/part?X-Amz-Signature=abc123&x=1", "abc123"),
    ],
)
def test_a_text_that_looks_like_a_secret_is_redacted(text, secret):
    assert secret not in clean(text)
    assert REDACTED in clean(text)


@pytest.mark.parametrize("text", ["3 operations failed", "https://example.org/a?page=2", "basic checks"])
def test_plain_texts_stay(text):
    assert clean(text) == text


def test_sentry_without_its_package_is_said_and_nothing_else_happens(lines):
    assert not is_installed()
    assert configure_sentry("https://key@sentry.example/1", release="1") is False
    (line,) = lines()
    assert line["event"] == "sentry.not_installed"


def test_every_event_that_the_code_logs_is_listed_and_none_besides():
    logged = {
        name
        for path in Path(fanfold.__path__[0]).rglob("*.py")
        for name in event_names(ast.parse(path.read_text()))
    }
    assert logged == set(EVENTS), "list it in fanfold.telemetry.events"


def event_names(module: ast.Module) -> set[str]:
    calls = (
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    logging_calls = (call for call in calls if call.func.attr in LEVELS)
    words = (
        argument.value
        for call in logging_calls
        for argument in call.args
        if isinstance(argument, ast.Constant)
    )
    return {word for word in words if isinstance(word, str)}
