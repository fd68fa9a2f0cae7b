"""Reads targets from a table: a CSV file, or the rows of a query. The columns' names say what they are.

`key` (or else the first column), `name`, `connection`, `instance_id` and `priority` are the target's own;
`parameters.x` are parameters, all others are attributes. Cells of a file are text and stay text, whatever a
spreadsheet would make of them; `parameters.x:json` reads a cell as JSON. Empty cells are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from fanfold.batches.creation.items import Wish
from fanfold.batches.creation.schemas import TargetForm
from fanfold.sdk.errors import Problem

_OWN = frozenset({"key", "name", "connection", "instance_id", "priority"})
_GROUPS = ("parameters", "attributes")
_JSON = ":json"
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t|"
MOST_COLUMNS = 200
_SHOWN_PROBLEMS = 3


@dataclass(slots=True)
class Table:
    """The targets of a table with the line of each, and what is wrong with it."""

    wishes: list[tuple[int, Wish]] = field(default_factory=list[tuple[int, Wish]])
    problems: list[Problem] = field(default_factory=list[Problem])


def read_csv(raw: bytes | str, *, pointer: str) -> Table:
    """Return the targets of a CSV text; its first line names the columns. Lines are those of the file."""
    table = Table()
    try:
        text = _decoded(raw) if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = bytes(raw[: error.start]).count(b"\n") + 1 if isinstance(raw, bytes) else 1
        message = f"Line {line} is not UTF-8: save the file as UTF-8 (or as Unicode text)."
        table.problems.append(Problem(pointer, message))
        return table
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), None)
        if header is None:
            table.problems.append(Problem(pointer, "The CSV is empty: its first line names the columns."))
            return table
        lines = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
        _fill(table, header, lines, pointer=pointer)
    except csv.Error as error:
        message = f"Line {reader.line_num} is broken: {error}."
        table.problems.append(Problem(f"{pointer}/lines/{reader.line_num}", message))
    return table


def read_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, pointer: str) -> Table:
    """Return the targets of a query's rows; values keep their types."""
    table = Table()
    _fill(table, columns, enumerate(rows, start=1), pointer=pointer, noun="Row")
    return table


def _decoded(raw: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if raw.startswith(mark)), "utf-8")
    return raw.decode(encoding)


def _delimiter(text: str) -> str:
    header = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=header.count) if any(sign in header for sign in _DELIMITERS) else ","


def _fill(
    table: Table,
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[Any]]],
    *,
    pointer: str,
    noun: str = "Line",
) -> None:
    names = [name.strip() for name in header]
    table.problems.extend(Problem(pointer, message) for message in _header_problems(names))
    if table.problems:
        return
    if "key" not in names and "instance_id" not in names:
        names[0] = "key"
    for number, row in rows:
        place = f"{pointer}/{noun.lower()}s/{number}"
        if len(row) != len(names):
            message = f"{noun} {number} has {len(row)} cells; the header has {len(names)}."
            table.problems.append(Problem(place, message))
            continue
        try:
            form = TargetForm.model_validate(_shaped(names, row))
            table.wishes.append((number, Wish(form, place)))
        except ValidationError as error:
            table.problems.extend(_problems(error, place, said=f"{noun} {number}"))
        except orjson.JSONDecodeError:
            message = f"{noun} {number}: a cell of a {_JSON} column is not JSON; quotes inside are doubled."
            table.problems.append(Problem(place, message))


def _header_problems(names: Sequence[str]) -> Iterator[str]:
    if len(names) > MOST_COLUMNS:
        yield f"{len(names)} columns are more than the {MOST_COLUMNS} that a table may have."
    if any(not name for name in names):
        yield "Every column needs a name in the first line."
    again = sorted({name for name in names if names.count(name) > 1 and name})
    if again:
        yield f"These columns are there twice: {', '.join(again)}."


def _shaped(names: Sequence[str], row: Sequence[Any]) -> Mapping[str, Any]:
    own: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
    for name, cell in zip(names, row, strict=True):
        value = cell.strip() if isinstance(cell, str) else cell
        if value is None or value == "":
            continue
        if name in _OWN:
            own[name] = str(value) if name == "key" else value
            continue
        group, _, inner = name.partition(".")
        place, label = (groups[group], inner) if group in groups and inner else (groups["attributes"], name)
        if label.endswith(_JSON) and isinstance(value, str):
            label, value = label.removesuffix(_JSON), orjson.loads(value)
        place[label] = value
    return {**own, **{group: values for group, values in groups.items() if values}}


def _problems(error: ValidationError, place: str, *, said: str) -> Iterator[Problem]:
    for each in error.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN_PROBLEMS]:
        name = ".".join(map(str, each["loc"])) or "the target"
        yield Problem(place, f"{said}: {name}: {each['msg']}.")
