"""Takes in many files at once: each is read and checked, and either all of them are saved or none is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError

from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Finding
from fanfold.workflows.differences import difference, file_of
from fanfold.workflows.files import WorkflowFileInvalid, read_workflow
from fanfold.workflows.headers import plain
from fanfold.workflows.inspection import refusals
from fanfold.workflows.keys import key_problems
from fanfold.workflows.model import Draft, Workflow
from fanfold.workflows.schemas import WorkflowEdit
from fanfold.workflows.service import WorkflowService

Outcome = Literal["created", "updated", "unchanged", "refused"]
# The oldest moment that a zip archive can say, so that equal workflows make equal archives.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file, or would become of it."""

    name: str
    outcome: Outcome
    key: str | None = None
    version: int | None = None
    """The version that says it; None when it is refused or nothing was saved."""
    difference: str = ""
    """From what is stored to the file; empty for a new workflow."""
    problems: Sequence[Problem] = ()
    findings: Sequence[Finding] = ()


@dataclass(slots=True)
class _Read:
    name: str
    pointer: str
    draft: Draft | None = None
    stored: Workflow | None = None
    problems: list[Problem] = field(default_factory=list[Problem])
    findings: Sequence[Finding] = ()


class WorkflowImporter:
    """Reads files and saves what they say under their keys."""

    def __init__(self, workflows: WorkflowService) -> None:
        self._workflows = workflows

    async def import_files(
        self, files: Sequence[tuple[str, str]], *, user_id: UUID, dry_run: bool = False
    ) -> list[Imported]:
        """Save *files*, each a name and a text, or only say what saving them would do.

        Raises `BadInput` naming everything that is wrong in any of them; then none is saved.
        """
        found = [await self._read(*file, index=i, user_id=user_id) for i, file in enumerate(files)]
        _refuse_twice(found)
        problems = [problem for each in found for problem in each.problems]
        if problems and not dry_run:
            raise BadInput(problems)
        saved: dict[str, Workflow] = {}
        if not dry_run:
            drafts = [each.draft for each in found if each.draft is not None and _changes(each)]
            saved = {each.draft.key: each for each in await self._workflows.save_all(drafts, user_id=user_id)}
        return [_imported(each, saved, dry_run=dry_run) for each in found]

    async def _read(self, name: str, text: str, *, index: int, user_id: UUID) -> _Read:
        read = _Read(name, f"/files/{index}")
        try:
            draft = plain(read_workflow(text.replace("\r\n", "\n"), name=name).draft)
            draft = WorkflowEdit.model_validate(_as_form(draft)).draft()
        except WorkflowFileInvalid as error:
            read.problems.append(Problem(read.pointer, f"{error}."))
            return read
        except ValidationError as error:
            read.problems.extend(_form_problems(error, read))
            return read
        read.draft, read.findings = draft, await self._workflows.check(draft.sql_query, draft.parameters)
        wrong = [*key_problems(draft.key), *refusals(read.findings, pointer=read.pointer)]
        wrong += [
            Problem(read.pointer, f"aggregate: {each}")
            for each in await self._workflows.check_aggregate(draft.aggregate)
        ]
        read.problems.extend(Problem(read.pointer, f"{name}: {problem.message}") for problem in wrong)
        if not wrong:
            read.stored = await self._workflows.find(draft.key, user_id=user_id)
        return read


def archive(drafts: Iterable[Draft]) -> bytes:
    """Return a zip archive with a file for each workflow; equal workflows make equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as writer:
        for draft in sorted(drafts, key=lambda each: each.key):
            entry = zipfile.ZipInfo(f"{draft.key}.sql", date_time=_NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            writer.writestr(entry, file_of(draft))
    return target.getvalue()


def _as_form(draft: Draft) -> dict[str, Any]:
    return {
        "key": draft.key,
        "name": draft.name,
        "description": draft.description,
        "sql_query": draft.sql_query,
        "parameters": [parameter.as_json() for parameter in draft.parameters],
        "tags": list(draft.tags),
        "aggregate": draft.aggregate or "",
    }


def _form_problems(error: ValidationError, read: _Read) -> list[Problem]:
    return [
        Problem(read.pointer, f"{read.name}: {'.'.join(map(str, each['loc']))}: {each['msg']}.")
        for each in error.errors(include_url=False, include_context=False)
    ]


def _refuse_twice(found: Sequence[_Read]) -> None:
    first: dict[str, str] = {}
    for read in found:
        if read.draft is None:
            continue
        if (other := first.setdefault(read.draft.key, read.name)) != read.name:
            message = f"{read.name}: {other} has the key {read.draft.key!r} too."
            read.problems.append(Problem(read.pointer, message))


def _changes(read: _Read) -> bool:
    return read.stored is None or read.stored.draft != read.draft


def _imported(read: _Read, saved: dict[str, Workflow], *, dry_run: bool) -> Imported:
    if read.problems or read.draft is None:
        return Imported(read.name, "refused", problems=read.problems, findings=read.findings)
    key, stored = read.draft.key, read.stored
    if stored is None:
        outcome, shown = "created", ""
    elif _changes(read):
        outcome = "updated"
        shown = difference(stored.draft, read.draft, names=(f"{key} version {stored.version}", read.name))
    else:
        outcome, shown = "unchanged", ""
    now = saved.get(key, stored)
    version = None if now is None or (dry_run and outcome != "unchanged") else now.version
    return Imported(read.name, outcome, key, version, shown, findings=read.findings)
