"""The workflows of a user: written, versioned, checked on every save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.kit.ids import uuid7
from fanfold.results.aggregate_sql import SqlProblem
from fanfold.results.sandbox import Sandbox
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Finding
from fanfold.targets.selection import parse_uuid
from fanfold.workflows import store
from fanfold.workflows.differences import draft_at
from fanfold.workflows.errors import VersionNotFound, WorkflowNotFound
from fanfold.workflows.inspection import Inspector, refusals
from fanfold.workflows.keys import key_problems, may_name_a_workflow
from fanfold.workflows.model import Draft, LibraryCopy, Parameter, Version, Workflow

_ALL = 1_000_000


class WorkflowService:
    """What users do with workflows; a *reference* is a workflow's UUID or its user's own key."""

    def __init__(self, database: Database, *, catalog: Catalog, sandbox: Sandbox | None = None) -> None:
        self._database = database
        self._sandbox = sandbox or Sandbox()
        self._inspector = Inspector(catalog)

    async def search(
        self, q: str = "", *, user_id: UUID, limit: int = 50, offset: int = 0
    ) -> tuple[list[Workflow], int]:
        """Return a page of those in whose key, name, description or tags all words occur, and the total."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.search(transaction, q.split(), limit=limit, offset=offset)

    async def get(self, reference: str, *, user_id: UUID) -> Workflow:
        """Return one. Raises `WorkflowNotFound`."""
        if not may_name_a_workflow(reference):
            raise WorkflowNotFound(reference)
        return await store.get(
            self._database, user_id, reference=reference, workflow_id=parse_uuid(reference)
        )

    async def library_copies(self, *, user_id: UUID) -> Mapping[str, Sequence[LibraryCopy]]:
        """Return the user's copies of library workflows by the key of the original, the oldest first."""
        copies: defaultdict[str, list[LibraryCopy]] = defaultdict(list)
        async with self._database.transaction(user_id=user_id) as transaction:
            for copy in await store.library_copies(transaction):
                copies[copy.library_key].append(copy)
        return copies

    async def versions(self, reference: str, *, user_id: UUID) -> list[Version]:
        """Return all versions, the newest first. Raises `WorkflowNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await _find(transaction, reference)
            return await store.versions(transaction, found.id)

    async def version(self, reference: str, number: int, *, user_id: UUID) -> Version:
        """Return one version. Raises `WorkflowNotFound`, `VersionNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await _version(transaction, await _find(transaction, reference), number)

    async def find(self, key: str, *, user_id: UUID) -> Workflow | None:
        """Return the workflow of a key, None if there is none."""
        try:
            return await self.get(key, user_id=user_id)
        except WorkflowNotFound:
            return None

    async def chosen(self, references: Sequence[str], *, user_id: UUID) -> list[Workflow]:
        """Return these workflows, or all when none is named. Raises `WorkflowNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            if references:
                return [await _find(transaction, each) for each in dict.fromkeys(references)]
            found, _total = await store.search(transaction, [], limit=_ALL, offset=0)
            return found

    async def create(self, draft: Draft, *, user_id: UUID, origin: str | None = None) -> Workflow:
        """Store a workflow as version 1. Raises `BadInput` naming every problem, `WorkflowKeyTaken`."""
        await self._refuse_bad(draft)
        workflow_id = uuid7()
        async with self._database.transaction(user_id=user_id) as transaction:
            await store.add(transaction, workflow_id, draft=draft, origin=origin)
            return await store.find(transaction, draft.key, workflow_id=workflow_id)

    async def replace(self, reference: str, draft: Draft, *, user_id: UUID) -> Workflow:
        """Store a new version. Raises as `create` does, and `WorkflowNotFound`."""
        await self._refuse_bad(draft)
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await _find(transaction, reference)
            await store.replace(transaction, found.id, draft=draft)
            return await store.find(transaction, draft.key, workflow_id=found.id)

    async def restore(self, reference: str, number: int, *, user_id: UUID) -> Workflow:
        """Store what a version said as a new version. Raises as `replace` does, and `VersionNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await _find(transaction, reference)
            version = await _version(transaction, found, number)
        draft = draft_at(found, version)
        return await self.replace(str(found.id), draft, user_id=user_id)

    async def save_all(self, drafts: Sequence[Draft], *, user_id: UUID) -> list[Workflow]:
        """Store checked drafts under their keys, all or none: new workflows, or new versions of old ones."""
        saved: list[Workflow] = []
        async with self._database.transaction(user_id=user_id) as transaction:
            for draft in drafts:
                try:
                    known = await store.find(transaction, draft.key, workflow_id=None)
                    await store.replace(transaction, known.id, draft=draft)
                except WorkflowNotFound:
                    await store.add(transaction, uuid7(), draft=draft)
                saved.append(await store.find(transaction, draft.key, workflow_id=None))
        return saved

    async def delete(self, reference: str, *, user_id: UUID) -> None:
        """Remove a workflow with its versions; its batches stay. Raises `WorkflowNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await _find(transaction, reference)
            await store.delete(transaction, found.id)

    async def check(self, sql_query: str, parameters: Sequence[Parameter]) -> Sequence[Finding]:
        """Return what is to be said about a query; errors among it would refuse a save."""
        return await self._inspector.inspect(sql_query, parameters=parameters)

    async def check_aggregate(self, sql: str | None) -> Sequence[SqlProblem]:
        """Return what is wrong with an aggregation, as far as it can be known without rows."""
        return await self._sandbox.check(sql) if sql else ()

    async def _refuse_bad(self, draft: Draft) -> None:
        findings = await self.check(draft.sql_query, draft.parameters)
        problems = [
            *key_problems(draft.key),
            *refusals(findings, pointer="/sql_query"),
            *(Problem("/aggregate", str(each)) for each in await self.check_aggregate(draft.aggregate)),
        ]
        if problems:
            raise BadInput(problems)


async def _find(transaction: Transaction, reference: str) -> Workflow:
    if not may_name_a_workflow(reference):
        raise WorkflowNotFound(reference)
    return await store.find(transaction, reference, workflow_id=parse_uuid(reference))


async def _version(transaction: Transaction, workflow: Workflow, number: int) -> Version:
    for version in await store.versions(transaction, workflow.id):
        if version.version == number:
            return version
    raise VersionNotFound(workflow.draft.key, number)
