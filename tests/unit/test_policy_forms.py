"""What a user writes down about how a batch runs, and the policy that comes of it."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError

from fanfold.batches.policy import (
    AfterStatus,
    FailureBudget,
    LockMode,
    Policy,
    QuietHours,
    Waves,
    refuse_bad_policy,
)
from fanfold.batches.policy_forms import BudgetForm, PolicyChange, PolicyForm, QuietHoursForm, RateForm
from fanfold.sdk.errors import BadInput
from fanfold.sdk.kind import Rate


def test_what_is_left_out_stays_as_it_is():
    policy = Policy(
        max_parallel=9,
        rate=Rate(5, timedelta(seconds=1)),
        budget=FailureBudget(3),
        batch_timeout=timedelta(hours=1),
        lock=LockMode.SHARED,
    )
    assert PolicyChange().applied_to(policy) == policy
    assert PolicyForm().policy(policy) == policy


def test_null_takes_a_bound_away():
    policy = Policy(
        rate=Rate(5, timedelta(seconds=1)),
        budget=FailureBudget(3),
        batch_timeout=timedelta(hours=1),
        quiet_hours=(QuietHours(time(22), time(6)),),
    )
    form = PolicyChange(rate=None, budget=None, quiet_hours=None, batch_timeout_seconds=None)
    assert form.applied_to(policy) == Policy()


def test_a_whole_form_says_all_of_a_policy():
    predecessor = uuid4()
    form = PolicyForm.model_validate(
        {
            "max_parallel": 7,
            "max_retries": 0,
            "backoff_seconds": 0.5,
            "attempt_timeout_seconds": 60,
            "operation_timeout_seconds": 120,
            "batch_timeout_seconds": 3600,
            "priority": -5,
            "stop_on_error": True,
            "budget": {"count": 2, "percent": 10, "strict": True},
            "rate": {"count": 10, "per_seconds": 60},
            "sequential": True,
            "waves": {"sizes": [1, 5], "tolerated": 1},
            "lock": "exclusive",
            "quiet_hours": [{"start": "22:00", "end": "06:30", "timezone": "Europe/Berlin", "days": [5, 1]}],
            "after": {"batch": "batch_12345678", "status": "finished"},
        }
    )
    policy = form.policy(Policy(), after=predecessor)
    assert policy == Policy(
        max_parallel=7,
        max_attempts=1,
        backoff_base=timedelta(seconds=0.5),
        attempt_timeout=timedelta(minutes=1),
        operation_timeout=timedelta(minutes=2),
        priority=-5,
        batch_timeout=timedelta(hours=1),
        stop_on_error=True,
        budget=FailureBudget(2, 10, strict=True),
        rate=Rate(10, timedelta(minutes=1)),
        sequential=True,
        waves=Waves((1, 5), 1),
        lock=LockMode.EXCLUSIVE,
        quiet_hours=(QuietHours(time(22), time(6, 30), "Europe/Berlin", (1, 5)),),
        after=predecessor,
        after_status=AfterStatus.FINISHED,
    )
    refuse_bad_policy(policy)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"max_parallel": 0}, ("max_parallel",)),
        ({"max_attempts": -1}, ("max_attempts",)),
        ({"max_retries": -1}, ("max_retries",)),
        ({"attempt_timeout_seconds": 0}, ("attempt_timeout_seconds",)),
        ({"batch_timeout_seconds": "NaN"}, ("batch_timeout_seconds",)),
        ({"priority": 1001}, ("priority",)),
        ({"budget": {"percent": 101}}, ("budget", "percent")),
        ({"budget": {"count": -1}}, ("budget", "count")),
        ({"rate": {"count": 0}}, ("rate", "count")),
        ({"waves": {"sizes": []}}, ("waves", "sizes")),
        ({"quiet_hours": [{"start": "25:00", "end": "06:00"}]}, ("quiet_hours", 0, "start")),
        ({"quiet_hours": [{"start": "22:00", "end": "06:00", "days": [8]}]}, ("quiet_hours", 0, "days", 0)),
        ({"lock": "tight"}, ("lock",)),
        ({"max_attempts": 3, "max_retries": 2}, ()),
        ({"surprise": 1}, ("surprise",)),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_by_name(given: dict[str, object], where: tuple[object, ...]):
    with pytest.raises(ValidationError) as refused:
        PolicyForm.model_validate(given)
    assert [problem["loc"] for problem in refused.value.errors()] == [where]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"budget": {"strict": True}}, "/budget/strict"),
        (
            {"quiet_hours": [{"start": "22:00", "end": "06:00", "timezone": "Mars/Olympus"}]},
            "/quiet_hours/0/timezone",
        ),
    ],
    ids=str,
)
def test_what_only_the_whole_can_tell_the_policy_refuses(given: dict[str, object], pointer: str):
    with pytest.raises(BadInput) as refused:
        refuse_bad_policy(PolicyChange.model_validate(given).applied_to(Policy()))
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_a_policy_is_shown_as_it_was_written():
    rate = {"count": 10, "per_seconds": 60.0}
    assert RateForm.of(RateForm.model_validate(rate).rate()).model_dump() == rate
    budget = {"count": 1, "percent": 5.0, "strict": True}
    assert BudgetForm.of(BudgetForm.model_validate(budget).budget()).model_dump() == budget
    period = {"start": "22:00", "end": "06:00", "timezone": "UTC", "days": []}
    assert QuietHoursForm.of(QuietHoursForm.model_validate(period).period()).model_dump() == period
