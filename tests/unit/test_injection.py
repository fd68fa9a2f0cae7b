"""An injection strikes at its passage, once; a plan that could never strike is refused."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from fanfold.kit import injection
from fanfold.kit.injection import BadInjection, Injections, Point

SOURCE = Path(injection.__file__).parents[1]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[signal.Signals]:
    signals: list[signal.Signals] = []
    monkeypatch.setattr(
        os, "kill", lambda pid, number: signals.append(number) if pid == os.getpid() else None
    )
    return signals


def test_it_strikes_at_the_passage_that_was_asked_for_and_at_no_other(sent):
    injections = Injections.parse("after_claim:kill:3,before_run:stop:1")
    for _ in range(5):
        injections.reach(Point.AFTER_CLAIM)
        injections.reach(Point.AFTER_SAVE)
    assert sent == [signal.SIGKILL]
    injections.reach(Point.BEFORE_RUN)
    assert sent == [signal.SIGKILL, signal.SIGSTOP]


@pytest.mark.parametrize(
    "text", ["after_lunch:kill:1", "after_claim:maim:1", "after_claim:kill", "x", "a:b:c"]
)
def test_a_plan_that_could_never_strike_is_refused(text):
    with pytest.raises(BadInjection, match="FANFOLD_INJECT"):
        Injections.parse(text)


def test_nothing_is_armed_without_the_variable(sent):
    assert not injection.ARMED
    for point in Point:
        injection.reach(point)
    assert sent == []


@pytest.mark.parametrize("point", Point)
def test_every_point_has_its_place_in_the_code(point):
    code = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    assert len(re.findall(rf"Point\.{point.name}\b", code)) == 1
