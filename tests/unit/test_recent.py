"""What is kept for a moment, and when it is not."""

from __future__ import annotations

from fanfold.kit.recent import Recent


class Seconds:
    """A hand that moves when told."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_finding_is_kept_for_its_time_and_no_longer():
    seconds = Seconds()
    recent: Recent[str] = Recent(2.0, clock=seconds)
    assert recent.get("a", 1) is None
    recent.keep("a", 1, finding="found")
    seconds.at = 1.9
    assert recent.get("a", 1) == "found"
    seconds.at = 2.0
    assert recent.get("a", 1) is None


def test_a_finding_about_another_state_or_thing_is_none():
    recent: Recent[str] = Recent(clock=Seconds())
    recent.keep("a", 1, finding="found")
    assert recent.get("a", 2) is None
    assert recent.get("b", 1) is None


def test_the_oldest_findings_make_room():
    recent: Recent[int] = Recent(clock=Seconds())
    for number in range(10_001):
        recent.keep(number, None, finding=number)
    assert recent.get(0, None) is None
    assert recent.get(1, None) == 1
