"""Reads a stream of JSON lines in blocks; what is no target is named by its line."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from fanfold.batches.creation.items import Wish
from fanfold.batches.creation.schemas import TargetForm
from fanfold.kit.pointers import pointer_to
from fanfold.sdk.errors import Problem

LONGEST_LINE = 256 * 1024
_SHOWN_PROBLEMS = 3
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Block:
    """Some lines of a stream: the targets in them, and those that are none."""

    wishes: list[tuple[int, Wish]] = field(default_factory=list[tuple[int, Wish]])
    """With the number of the line, 1 for the first."""
    problems: list[tuple[int, Problem]] = field(default_factory=list[tuple[int, Problem]])


async def blocks_of(parts: AsyncIterable[bytes], *, lines_at_once: int) -> AsyncIterator[Block]:
    """Yield the stream's targets, so many lines at a time; empty lines count and mean nothing."""
    number, waiting = 0, list[bytes]()
    rest = bytearray()
    async for part in parts:
        rest += part
        if b"\n" in part:
            *whole, last = rest.split(b"\n")
            waiting.extend(bytes(line) for line in whole)
            rest = last
        while len(waiting) >= lines_at_once:
            yield _read(waiting[:lines_at_once], after=number)
            number += lines_at_once
            del waiting[:lines_at_once]
        if len(rest) > LONGEST_LINE:
            break
    waiting.append(bytes(rest))
    yield _read(waiting, after=number)


def _read(lines: Sequence[bytes], *, after: int) -> Block:
    block = Block()
    for number, raw in enumerate(lines, start=after + 1):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if not line.strip():
            continue
        try:
            block.wishes.append((number, Wish(_target(line), pointer_of(number))))
        except ValidationError as error:
            block.problems.extend((number, problem) for problem in _problems(error, number))
    return block


def pointer_of(number: int) -> str:
    """Return where a line stands."""
    return f"/lines/{number}"


def at_line(number: int, message: str) -> str:
    """Return *message* with its line before it."""
    return f"Line {number}: {message}"


def _target(line: bytes) -> TargetForm:
    if len(line) > LONGEST_LINE:
        # A line that was cut off is no JSON; it is named as that, and what follows is not looked at.
        line = b""
    return TargetForm.model_validate_json(line)


def _problems(error: ValidationError, number: int) -> list[Problem]:
    found: list[Problem] = []
    for each in error.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN_PROBLEMS]:
        if each["type"] == "json_invalid":
            found.append(Problem(pointer_of(number), at_line(number, "this is not one JSON object.")))
            continue
        name = ".".join(map(str, each["loc"])) or "the target"
        place = f"{pointer_of(number)}{pointer_to(each['loc'])}"
        found.append(Problem(place, at_line(number, f"{name}: {each['msg']}.")))
    return found
