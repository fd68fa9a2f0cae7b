"""The kind itself."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Permanent, Problem, TargetUnavailable
from fanfold.sdk.kind import Kind, Limit
from fanfold.sdk.outcome import Completed, Outcome, Skipped
from fanfold_csv_profile.counting import Column, count_columns

_SCHEMA = pa.schema(
    [
        pa.field("column", pa.string()),
        pa.field("filled", pa.int64()),
        pa.field("empty", pa.int64()),
        pa.field("distinct", pa.int64()),
    ]
)
_READERS_PER_FOLDER = 4


class CsvProfileParameters(BaseModel):
    """What users set; the descriptions stand in the form."""

    model_config = ConfigDict(extra="forbid")

    delimiter: str = Field(default=",", min_length=1, max_length=1, description="Stands between columns.")
    must_have: list[str] = Field(default=[], description="Columns that every file must have.")


class CsvProfile(Kind):
    """Counts what is in a CSV file: one row per column."""

    name: ClassVar[str] = "csv.profile"
    title: ClassVar[str] = "CSV profile"
    description: ClassVar[str] = "Filled, empty and distinct values of each column of a CSV file."
    parameters: ClassVar[type[BaseModel]] = CsvProfileParameters

    async def run(self, context: Context) -> Outcome:
        """Read the target's file and write one row per column."""
        problems = self.check(context.definition, context.parameters)
        if problems:
            raise Permanent(problems[0].message, hint="Correct the parameters and retry.")
        asked = CsvProfileParameters.model_validate(dict(context.parameters))
        path = _path_of(context.target)
        columns = await _counted(context, path, delimiter=asked.delimiter)
        if not columns:
            return Skipped(f"{path.name} is empty.")
        missing = sorted(set(asked.must_have) - {column.name for column in columns})
        if missing:
            raise Permanent(f"{path.name} has no column {missing[0]!r}.", hint="Send the whole file again.")
        rows = [
            {
                "column": column.name,
                "filled": column.filled,
                "empty": column.empty,
                "distinct": len(column.values),
            }
            for column in columns
        ]
        await context.sink.write(pa.RecordBatch.from_pylist(rows, schema=_SCHEMA))
        return Completed({"columns": len(columns), "rows": columns[0].filled + columns[0].empty})

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        """Name every parameter that is wrong, before anything runs."""
        del definition
        try:
            CsvProfileParameters.model_validate(dict(parameters))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return [Problem("/" + "/".join(map(str, one["loc"])), one["msg"]) for one in found]
        return ()

    def limits(self, target: Target) -> Sequence[Limit]:
        """Read few files of one folder at a time, whoever asks."""
        path = target.attributes.get("path")
        return [Limit(f"csv.folder:{Path(path).parent}", _READERS_PER_FOLDER)] if path else []


def _path_of(target: Target) -> Path:
    path = target.attributes.get("path")
    if not path:
        raise Permanent(f"{target.name} has no attribute 'path'.", hint="Name its file and submit again.")
    return Path(path)


async def _counted(context: Context, path: Path, *, delimiter: str) -> list[Column]:
    try:
        return await context.compute(count_columns, path, delimiter)
    except FileNotFoundError:
        raise TargetUnavailable(f"{path.name} is not there (yet).", hint="It is tried again.") from None
    except OSError as error:
        raise TargetUnavailable(f"{path.name} cannot be read: {error.strerror}.") from None
    except (ValueError, csv.Error) as error:
        raise Permanent(f"{path.name} is no CSV file: {error}.", hint="Check the delimiter.") from None
