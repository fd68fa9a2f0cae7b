"""Tries a kind out as the engine would use it: to its end, through crashes, against cancellation and failure.

    async def test_hello_behaves():
        rehearsal = Rehearsal(attempt=lambda: RecordingContext(parameters={"name": "Ada"}))
        assert await run_faults(Hello(), rehearsal) == []

Give it attempts on a remote side of your own; what it cannot try, because nothing was given, it leaves out.
"""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Failure
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome, Skipped, Snoozed
from fanfold.sdk.testing.context import RecordingContext, RecordingSink, drive
from fanfold.sdk.testing.hearing import leaks, listening

Attempt = Callable[[], RecordingContext]
_MOST_STEPS = 1_000
_CANCEL_SECONDS = 30.0
"""What the engine allows."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What to try a kind with. Every call of a function gives a fresh attempt of a new operation."""

    attempt: Attempt
    """One that ends well."""
    hanging: Attempt | None = None
    """One whose remote side never answers."""
    begun: Callable[[], Awaitable[object]] | None = None
    """Returns when the remote side of the hanging one was asked."""
    failing: Sequence[Attempt] = ()
    """Ones that must fail."""
    secrets: Sequence[str] = ()
    """Texts that may show nowhere."""
    remote_runs: Callable[[], int] | None = None
    """How many runs the remote side has begun so far."""
    between: Callable[[timedelta], object] | None = None
    """Told each snooze, e.g. to move a simulator's clock."""
    patience_seconds: float = 5.0
    """How long a cancelled attempt may take to stop."""


async def run_faults(kind: Kind, rehearsal: Rehearsal) -> list[str]:
    """Return which rules *kind* breaks when it runs."""
    with listening() as heard:
        faults = [fault async for fault in _all_faults(kind, rehearsal)]
        faults.extend(f"logs the secret {secret[:3]}…" for secret in leaks(heard.texts(), rehearsal.secrets))
    return faults


async def _all_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    for trial in (_whole_run_faults, _crash_faults, _cancel_faults, _failure_faults, _empty_faults):
        async for fault in trial(kind, rehearsal):
            yield fault


async def _whole_run_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    context = rehearsal.attempt()
    try:
        outcome = await drive(kind, context, between=rehearsal.between)
    except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
        yield f"fails on sound input: {type(error).__name__}: {error}"
        return
    for fault in (*_outcome_faults(outcome), *_state_faults(context)):
        yield fault
    shown = [repr(outcome), *(repr(saved) for saved in context.saved)]
    for secret in leaks(shown, rehearsal.secrets):
        yield f"shows the secret {secret[:3]}… in its outcome or its state"


def _outcome_faults(outcome: Outcome) -> list[str]:
    faults: list[str] = []
    if isinstance(outcome, Completed):
        try:
            json.dumps(dict(outcome.summary), allow_nan=False)
        except (TypeError, ValueError) as error:
            faults.append(f"returns a summary that is no JSON: {error}")
    if pickle.loads(pickle.dumps(outcome)) != outcome:  # noqa: S301 -- our own bytes
        faults.append("returns an outcome that changes when it is pickled")
    return faults


def _state_faults(context: RecordingContext) -> list[str]:
    faults: list[str] = []
    for saved in context.saved:
        try:
            if _stored(saved.state) != dict(saved.state):
                faults.append(f"saves a state that reads otherwise from JSON: {saved.state}")
        except (TypeError, ValueError) as error:
            faults.append(f"saves a state that is no JSON: {error}")
    return faults


async def _crash_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    """Let the worker die around each save; the next must come to the same end, and begin nothing twice."""
    expected = rehearsal.attempt()
    try:
        ended = await drive(kind, expected, between=rehearsal.between)
    except Exception:  # noqa: BLE001 -- told already by the whole run
        return
    for number in range(1, len(expected.saved) + 1):
        for death in (_Death(number, stored=False), _Death(number, stored=True)):
            before = rehearsal.remote_runs() if rehearsal.remote_runs else 0
            context = await _until(death, kind, rehearsal=rehearsal)
            if context is None:
                yield f"saves its state at other moments when it runs again: no save {number}"
                return
            try:
                again = await drive(kind, context, between=rehearsal.between)
            except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
                yield f"does not go on after a crash {death}: {type(error).__name__}: {error}"
                continue
            if type(again) is not type(ended) or _rows(context) != _rows(expected):
                yield f"comes to another end after a crash {death}: {again}"
            begun = rehearsal.remote_runs() - before if rehearsal.remote_runs else 1
            if begun != 1:
                yield f"begins {begun} remote runs instead of 1 with a crash {death}"


@dataclass(frozen=True, slots=True)
class _Death:
    """When the worker dies: at its nth save, before or after it was stored."""

    number: int
    stored: bool

    def __str__(self) -> str:
        return f"{'behind' if self.stored else 'before'} save {self.number}"


class _WorkerDied(BaseException):
    """Not an `Exception`, so that no kind outlives it."""


class _Dying:
    """A context whose worker dies."""

    def __init__(self, inner: RecordingContext, death: _Death) -> None:
        self._inner = inner
        self._death = death
        self._saves = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def save(self, state: Mapping[str, Any], *, remote_ref: str | None = None) -> None:
        self._saves += 1
        if self._saves == self._death.number and not self._death.stored:
            raise _WorkerDied
        await self._inner.save(state, remote_ref=remote_ref)
        if self._saves == self._death.number:
            raise _WorkerDied


async def _until(death: _Death, kind: Kind, *, rehearsal: Rehearsal) -> RecordingContext | None:
    """Return the attempt that another worker takes up; None when the kind ended before it died."""
    inner = rehearsal.attempt()
    dying = cast("Context", _Dying(inner, death))
    try:
        for _ in range(_MOST_STEPS):
            outcome = await kind.run(dying)
            if not isinstance(outcome, Snoozed):
                return None
            inner.state = _stored(outcome.state)
            inner.clock.advance(outcome.after)
            if rehearsal.between is not None:
                rehearsal.between(outcome.after)
    except _WorkerDied:
        state = _stored(inner.state or {}) or None
        return replace(inner, state=state, sink=RecordingSink(), attempt_number=2)
    return None


async def _cancel_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    context = (rehearsal.hanging or rehearsal.attempt)()
    running = asyncio.ensure_future(kind.run(context))
    if rehearsal.hanging is not None and rehearsal.begun is not None:
        await rehearsal.begun()
    else:
        await asyncio.sleep(0)
    context.cancelled.set()
    running.cancel()
    await asyncio.wait([running], timeout=rehearsal.patience_seconds)
    if not running.done():
        yield f"does not stop within {rehearsal.patience_seconds:g} s when it is cancelled"
        return
    if rehearsal.hanging is not None and not running.cancelled() and running.exception() is None:
        yield "goes on as if nothing were when it is cancelled"
    for turn in ("", " a second time"):
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                await kind.cancel(context)
        except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
            yield f"cannot be cancelled{turn}: {type(error).__name__}: {error}"


async def _failure_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    for number, attempt in enumerate(rehearsal.failing, start=1):
        try:
            outcome = await drive(kind, attempt(), between=rehearsal.between)
        except Failure as failure:
            if not failure.message.strip():
                yield f"fails without a word in case {number}"
            shown = [failure.message, failure.hint or "", repr(failure)]
            for secret in leaks(shown, rehearsal.secrets):
                yield f"shows the secret {secret[:3]}… in the error of case {number}"
        except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
            yield f"raises {type(error).__name__} in case {number}, which belongs to no family of failures"
        else:
            yield f"ends well in case {number}, where it must fail: {outcome}"


async def _empty_faults(kind: Kind, rehearsal: Rehearsal) -> AsyncIterator[str]:
    """Without any input a kind may work or say what is missing; it may not stumble."""
    del rehearsal
    context: Context = RecordingContext(target=Target("bare", "Bare"))
    try:
        outcome = await kind.run(context)
    except Failure:
        return
    except Exception as error:  # noqa: BLE001 -- whatever a stranger's kind raises is a finding
        yield f"raises {type(error).__name__} on empty input; say what is missing with Permanent"
        return
    if type(outcome) not in {Completed, Skipped, Snoozed}:
        yield f"returns {outcome!r} on empty input, which is no outcome"


def _stored(state: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(dict(state)))


def _rows(context: RecordingContext) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in context.sink.rows)
