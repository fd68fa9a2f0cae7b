"""What the endpoints of files and versions take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fanfold.access.text import Line
from fanfold.workflows.importing import Imported
from fanfold.workflows.schemas import FindingView, ProblemView

MOST_FILES = 500
LONGEST_FILE = 200_000


class FileForm(BaseModel):
    """A workflow as a file."""

    model_config = ConfigDict(extra="forbid", title="File")

    name: Annotated[Line, Field(examples=["reach.sql"])]
    text: Annotated[str, StringConstraints(max_length=LONGEST_FILE)]


class FilesForm(BaseModel):
    """Files to take in: all of them or none."""

    model_config = ConfigDict(extra="forbid", title="Files")

    files: Annotated[list[FileForm], Field(min_length=1, max_length=MOST_FILES)]
    dry_run: Annotated[bool, Field(description="only say what it would do")] = False


class ImportedView(BaseModel):
    """What became of a file, or would become of it."""

    name: str
    outcome: Literal["created", "updated", "unchanged", "refused"]
    key: str | None
    version: int | None
    difference: Annotated[str, Field(description="a unified diff from what is stored to the file")]
    problems: list[ProblemView]
    findings: list[FindingView]

    @classmethod
    def of(cls, imported: Imported) -> ImportedView:
        """Show *imported*."""
        return cls(
            name=imported.name,
            outcome=imported.outcome,
            key=imported.key,
            version=imported.version,
            difference=imported.difference,
            problems=[ProblemView.of(each) for each in imported.problems],
            findings=[FindingView.of(each) for each in imported.findings],
        )


class ImportReport(BaseModel):
    """What became of all files."""

    ok: Annotated[bool, Field(description="nothing refuses any of them")]
    files: list[ImportedView]


class RestoreForm(BaseModel):
    """Which version is to be said again."""

    model_config = ConfigDict(extra="forbid", title="Restore")

    version: Annotated[int, Field(ge=1, le=2_147_483_647)]


class DifferenceView(BaseModel):
    """What changed from one version to another."""

    model_config = ConfigDict(populate_by_name=True)

    before: Annotated[int, Field(alias="from")]
    after: Annotated[int, Field(alias="to")]
    text: Annotated[str, Field(description="a unified diff of the two files; empty when they are the same")]
