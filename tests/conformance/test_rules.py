"""The rules notice what breaks them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import pyarrow as pa
import pytest
from pydantic import BaseModel, Field

from fanfold.sdk.connector import Connector
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent, Problem
from fanfold.sdk.kind import Finding, Kind, Limit
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import (
    RecordingContext,
    RecordingSink,
    Rehearsal,
    connection_faults,
    connector_faults,
    drive,
    kind_faults,
    run_faults,
)
from fanfold.sdk.testing.rehearsal import _cancel_faults


class Nothing(BaseModel):
    pass


class Opaque(BaseModel):
    depth: int = 0


class Careless(Kind):
    name: ClassVar[str] = "Careless Kind"
    title: ClassVar[str] = " "
    parameters: ClassVar[type[BaseModel]] = Opaque

    def __init__(self, must_have):
        self.must_have = must_have
        self.asked = 0

    async def run(self, context):
        return Completed({"target": context.target.name})

    def check(self, definition, parameters):
        del definition, parameters
        return [Problem("/x", "no")]

    def inspect(self, definition):
        del definition
        return [Finding("rule", "fatal", "?"), Finding("rule", "error", "never")]

    def limits(self, target):
        del target
        self.asked += 1
        return [Limit("global", 0), Limit("global", self.asked)]


class Secretive(BaseModel):
    password: str = Field(description="In plain text.")


class Leaky(Connector):
    name: ClassVar[str] = "leaky"
    title: ClassVar[str] = "Leaky"
    config: ClassVar[type[BaseModel]] = Secretive
    secrets: ClassVar[type[BaseModel]] = Secretive

    def open(self, config, secrets):
        raise NotImplementedError

    async def probe(self, client):
        pass


def test_a_careless_kind_is_told_everything():
    faults = "\n".join(kind_faults(Careless(1), targets=[Target("t", "T")]))

    for words in (
        "lower-case words",
        "title is empty",
        "no description",
        "refuses sound parameters: no",
        "severity 'fatal'",
        "refuses a sound definition: never",
        "names a limit key twice",
        "look like `noun:id`",
        "other limits for T when asked again",
        "cannot be made without arguments",
    ):
        assert words in faults


def test_a_leaky_connector_is_told_everything():
    values = {"password": "hunter2hunter2"}

    faults = "\n".join(connector_faults(Leaky(), config=values, secrets=values))

    assert "no SecretStr" in faults
    assert "shows in a repr" in faults
    assert "configuration and secret at once" in faults


class Restless(Kind):
    name: ClassVar[str] = "restless"
    title: ClassVar[str] = "Restless"
    parameters: ClassVar[type[BaseModel]] = Nothing

    async def run(self, context):
        return Snoozed(context.deadline - context.clock.now(), {})


async def test_driving_a_kind_that_never_ends_ends():
    with pytest.raises(TimeoutError, match="restless still snoozes"):
        await drive(Restless(), RecordingContext())


async def test_the_recording_sink_refuses_a_second_schema():
    sink = RecordingSink()
    await sink.write(pa.RecordBatch.from_pydict({"a": [1]}))

    with pytest.raises(ValueError, match="schema changed"):
        await sink.write(pa.RecordBatch.from_pydict({"a": ["x"]}))


class Wild(Kind):
    """Breaks what can be broken."""

    name: ClassVar[str] = "wild"
    title: ClassVar[str] = "Wild"
    parameters: ClassVar[type[BaseModel]] = Nothing

    def __init__(self):
        self.begun = 0
        self.asked = 0
        self.never_pickled = lambda: None

    async def run(self, context):
        how = context.parameters["how"]
        if how == "stubborn":
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return Completed()
        if how == "leak":
            raise Permanent("the token is hunter2hunter2")
        if how == "stumble":
            raise LookupError("no family")
        self.begun += 1
        logging.getLogger("wild").info("begun", extra={"token": "hunter2hunter2"})
        await context.save({"since": 1, 2: "two"})
        await context.save({"begun": self.begun})
        return Completed({"run": self.begun, "object": object()})

    async def cancel(self, _context):
        raise RuntimeError("cannot stop")

    def check(self, definition, parameters):
        del definition
        self.asked += 1
        return [Problem(f"/{self.asked}", parameters.get("x", "?"))]

    def inspect(self, definition):
        return [Finding(definition["rule"], "warning", "?")]


async def test_a_wild_kind_is_told_everything():
    kind = Wild()

    def attempt(how):
        return lambda: RecordingContext(parameters={"how": how})

    def faults_with(**given):
        return run_faults(kind, Rehearsal(**{"attempt": attempt("run"), "patience_seconds": 0.5, **given}))

    faults = await faults_with(
        hanging=attempt("stubborn"),
        begun=lambda: asyncio.sleep(0),
        failing=[attempt("leak"), attempt("stumble"), attempt("run")],
        secrets=["hunter2hunter2"],
        remote_runs=lambda: kind.begun,
    )
    faults += kind_faults(kind, targets=[Target("t", "T")], parameters={"x": "y"}, definition={"rule": "r"})

    for words in (
        "summary that is no JSON",
        "reads otherwise from JSON",
        "begins 2 remote runs instead of 1 with a crash before save 2",
        "begins 2 remote runs instead of 1 with a crash behind save 2",
        "goes on as if nothing were",
        "cannot be cancelled: RuntimeError",
        "cannot be cancelled a second time",
        "shows the secret hun… in the error of case 1",
        "raises LookupError in case 2",
        "ends well in case 3",
        "raises KeyError on empty input",
        "logs the secret hun…",
        "says other things about empty parameters",
        "cannot be pickled",
    ):
        assert any(words in fault for fault in faults), (words, faults)


async def test_a_kind_that_does_not_stop_is_told_so():
    stuck = asyncio.Event()

    class Deaf(Wild):
        async def run(self, _context):
            while not stuck.is_set():
                with suppress(asyncio.CancelledError):
                    await stuck.wait()
            return Completed()

    rehearsal = Rehearsal(
        attempt=lambda: RecordingContext(state={"done": True}),
        hanging=RecordingContext,
        begun=lambda: asyncio.sleep(0),
        patience_seconds=0.05,
    )
    trial = asyncio.ensure_future(anext(_cancel_faults(Deaf(), rehearsal)))

    assert await trial == "does not stop within 0.05 s when it is cancelled"
    stuck.set()


async def test_a_client_that_shows_its_secret_is_told_so():
    class Open(Leaky):
        @asynccontextmanager
        async def open(self, _config, secrets):
            yield secrets.model_copy()

    values = {"password": "hunter2hunter2"}

    assert await connection_faults(Open(), config=values, secrets=values) == [
        "shows the secret hun… in its client or its log"
    ]
    assert "cannot be opened" in (await connection_faults(Leaky(), config=values, secrets=values))[0]
