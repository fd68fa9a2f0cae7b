"""Functions as strangers write them, for the kind `python`."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Permanent, Throttled
from fanfold.sdk.outcome import Skipped, Snoozed


class Times(BaseModel):
    """What `multiply` takes."""

    model_config = ConfigDict(extra="forbid")

    factor: int = Field(ge=1, description="Multiply by this.")


def multiply(target: Target, parameters: Times):
    return {"product": target.attributes["number"] * parameters.factor, "pid": os.getpid()}


def where(parameters: dict[str, Any], context: Context):
    return {"thread": threading.current_thread() is threading.main_thread(), "id": context.execution_id}


def numbers(target: Target, parameters: dict[str, Any]):
    for number in range(parameters["count"]):
        yield {"target": target.name, "number": number, "note": None}


async def numbers_in_the_loop(parameters: dict[str, Any]):
    for number in range(parameters["count"]):
        yield {"number": number}


async def arrow(target: Target):
    return pa.table({"a": [1, 2], "b": ["x", target.name]})


async def outcome(context: Context):
    return Skipped("nothing new") if context.state else Snoozed(timedelta(seconds=5), {"seen": True})


def nothing():
    return None


def throttled():
    raise Throttled("Slow down.", key="shop:1", after=timedelta(seconds=9), hint="Wait.")


class Awkward(Exception):
    def __init__(self, *, code: int) -> None:
        super().__init__(f"code {code}")


def awkward():
    raise Awkward(code=7)


def plain_error():
    raise LookupError("nowhere")


def odd(parameters: dict[str, Any]):
    return parameters["value"] if "value" in parameters else {"not JSON": object()}


def uneven(parameters: dict[str, Any]):
    return parameters["rows"]


def inner_validation():
    return Times.model_validate({"factor": 0})


def asks_too_much(target: Target, colour: str):
    raise Permanent(f"{target.name} {colour}")


def unreadable(target: "Nowhere"):  # noqa: F821, UP037 -- a name that cannot be resolved
    del target


NOT_A_FUNCTION = 3
