"""The kind `python`: which functions run, where, with what, and what their answers become."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context

import pytest
from pydantic import ValidationError

from fanfold.kinds.python import Python
from fanfold.kinds.python.apart import FunctionCrashed
from fanfold.kinds.python.functions import Functions
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent, Problem, Throttled
from fanfold.sdk.outcome import Completed, Skipped, Snoozed
from fanfold.sdk.testing import RecordingContext, drive
from tests.conformance import stranger_functions


@dataclass(frozen=True)
class Attribute:
    """Loads as an entry point does, and crosses processes."""

    name: str

    def __call__(self):
        return getattr(stranger_functions, self.name)


def missing_module():
    import fanfold_nowhere  # noqa: PLC0415 -- it is not there

    return fanfold_nowhere


NAMES = [
    "multiply", "where", "numbers", "numbers_in_the_loop", "arrow", "outcome", "nothing", "throttled",
    "awkward", "plain_error", "odd", "uneven", "inner_validation", "asks_too_much", "unreadable",
    "NOT_A_FUNCTION",
]  # fmt: skip
FUNCTIONS = Functions({"broken": missing_module, **{name: Attribute(name) for name in NAMES}})
KIND = Python(FUNCTIONS)
SEVEN = Target("t", "Seven", attributes={"number": 7})


def attempt(function, parameters=None, **definition):
    return RecordingContext(
        definition={"function": function, **definition}, parameters=parameters or {}, target=SEVEN
    )


async def test_a_dictionary_is_the_summary():
    outcome = await KIND.run(attempt("multiply", {"factor": 6}))

    assert outcome == Completed({"product": 42, "pid": os.getpid()})
    assert await KIND.run(attempt("nothing")) == Completed()


async def test_a_function_that_computes_runs_in_another_process():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        class Processes(RecordingContext):
            async def compute(self, function, /, *args, **kwargs):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(pool, partial(function, *args, **kwargs))

        def apart(function, parameters=None):
            return Processes(definition={"function": function}, parameters=parameters or {}, target=SEVEN)

        outcome = await KIND.run(apart("multiply", {"factor": 6}))
        assert outcome.summary["product"] == 42
        assert outcome.summary["pid"] != os.getpid()

        rows = apart("numbers", {"count": 3})
        assert await KIND.run(rows) == Completed({"rows": 3})
        assert rows.sink.rows[2] == {"target": "Seven", "number": 2, "note": None}

        with pytest.raises(Throttled) as caught:
            await KIND.run(apart("throttled"))
        assert (caught.value.key, caught.value.after) == ("shop:1", timedelta(seconds=9))
        with pytest.raises(FunctionCrashed, match="Awkward: code 7"):
            await KIND.run(apart("awkward"))
        with pytest.raises(LookupError, match="nowhere"):
            await KIND.run(apart("plain_error"))
        # None of this broke the pool.
        assert await KIND.run(apart("nothing")) == Completed()


async def test_a_function_that_waits_runs_in_a_thread():
    assert await KIND.run(attempt("where")) == Completed({"thread": False, "id": "exec_00000001"})
    context = attempt("numbers", {"count": 2}, run_in="thread")
    assert await KIND.run(context) == Completed({"rows": 2})


async def test_rows_come_in_batches_of_one_schema():
    context = attempt("numbers_in_the_loop", {"count": 25_000})

    assert await KIND.run(context) == Completed({"rows": 25_000})
    assert [batch.num_rows for batch in context.sink.batches] == [10_000, 10_000, 5_000]


async def test_arrow_and_outcomes_pass_through():
    table = attempt("arrow")
    assert await KIND.run(table) == Completed({"rows": 2})
    assert table.sink.rows == [{"a": 1, "b": "x"}, {"a": 2, "b": "Seven"}]

    waiting = attempt("outcome")
    assert await KIND.run(waiting) == Snoozed(timedelta(seconds=5), {"seen": True})
    assert await drive(KIND, waiting) == Skipped("nothing new")


@pytest.mark.parametrize(
    ("function", "parameters", "words"),
    [
        ("odd", {}, "no JSON"),
        ("odd", {"value": "text"}, "returned str"),
        ("odd", {"value": 3}, "returned int"),
        ("odd", {"value": {"x": "y" * 70_000}}, "larger than"),
        ("odd", {"value": {"x": float("nan")}}, "no JSON"),
        ("uneven", {"rows": [1]}, "Row 1 is int"),
        ("uneven", {"rows": [{"a": 1}] * 10_000 + [{"b": 1}]}, "Row 10001 has the column 'b'"),
        ("uneven", {"rows": [{"a": 1}] * 10_000 + [{"a": "x"}]}, "do not have the types"),
        ("uneven", {"rows": [{"a": 1}, {"a": "x"}]}, "no single type"),
        ("multiply", {"factor": 0}, "/factor"),
        ("multiply", {"factor": 1, "more": 2}, "/more"),
        ("missing", {}, "There is no function 'missing'; installed are: NOT_A_FUNCTION, arrow"),
        ("asks_too_much", {}, "asks for 'colour'"),
        ("unreadable", {}, "signature"),
        ("NOT_A_FUNCTION", {}, "is no function"),
        ("broken", {}, "cannot be imported"),
    ],
)
async def test_what_cannot_be_used_is_named(function, parameters, words):
    with pytest.raises(Permanent) as caught:
        await KIND.run(attempt(function, parameters))
    assert words in caught.value.message


async def test_a_function_s_own_validation_is_not_taken_for_bad_parameters():
    with pytest.raises(ValidationError):
        await KIND.run(attempt("inner_validation"))


def test_parameters_are_checked_before_anything_runs():
    definition = {"function": "multiply"}

    assert KIND.check(definition, {"factor": 2}) == ()
    assert [problem.pointer for problem in KIND.check(definition, {"factor": "many"})] == ["/factor"]
    assert KIND.check(definition, {}) == [Problem("/factor", "Field required")]
    assert KIND.check({"function": "nothing"}, {"any": 1}) == ()
    assert KIND.parameters_schema("multiply")["properties"]["factor"]["minimum"] == 1


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({}, "/function"),
        ({"function": "os.system"}, "There is no function 'os.system'"),
        ({"function": "broken"}, "cannot be imported"),
        ({"function": "multiply", "module": "os"}, "/module"),
        ({"function": "multiply", "run_in": "cloud"}, "/run_in"),
    ],
)
def test_a_definition_that_cannot_run_is_refused(definition, words):
    (finding,) = KIND.inspect(definition)
    assert finding.severity == "error"
    assert words in finding.message


def test_only_installed_functions_are_offered():
    assert "echo" in Functions().names()
    assert Functions().find("os:system") is None
