"""The rules notice what breaks them."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import pytest
from pydantic import BaseModel, Field

from fanfold.sdk.connector import Connector
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding, Kind, Limit
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import RecordingContext, RecordingSink, connector_faults, drive, kind_faults


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
