"""Fills a draft: from a stream in blocks, each a transaction of its own, or from a list whole."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fanfold.batches import store
from fanfold.batches.creation.errors import FillStopped
from fanfold.batches.creation.items import ItemMaker, Wish, look_up
from fanfold.batches.creation.lines import Block, at_line, blocks_of
from fanfold.batches.creation.planning import CreationLimits
from fanfold.batches.lifecycle import Verb
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.rows import frozen_target
from fanfold.batches.service import refuse_illegal
from fanfold.batches.store import sql
from fanfold.batches.submitting import common_keys, insert_operations, limits_of
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Limit

LINES_AT_ONCE = 4_000
MOST_PROBLEMS = 100

Numbered = tuple[int, Wish]
Trouble = list[tuple[int, Problem]]


@dataclass(slots=True)
class Tally:
    """What became of what was sent."""

    added: int = 0
    known: int = 0
    total: int = 0
    """In the batch now."""


class Filler:
    """Adds targets to drafts, for the acting user."""

    def __init__(self, database: Database, *, catalog: Catalog, limits: CreationLimits | None = None) -> None:
        self._database = database
        self._catalog = catalog
        self._limits = limits or CreationLimits()

    async def stream(
        self, reference: str, parts: AsyncIterable[bytes], *, user_id: UUID
    ) -> tuple[Batch, Tally]:
        """Add the targets of a stream of JSON lines; send it again to go on where it broke off.

        Raises `FillStopped` naming what is wrong, `BatchNotFound`, `IllegalTransition`.
        """
        batch = await self._draft(reference, user_id=user_id)
        fill = _Fill(
            self._database, self._maker(batch), catalog=self._catalog, limits=self._limits, batch=batch
        )
        trouble: Trouble = []
        async for block in blocks_of(parts, lines_at_once=LINES_AT_ONCE):
            # After the first bad line nothing is stored, but the others are still looked for.
            found = block.problems if trouble else await fill.add(block)
            trouble.extend(found)
            if len(trouble) >= MOST_PROBLEMS:
                break
        if trouble:
            trouble.sort(key=lambda entry: entry[0])
            problems = [problem for _, problem in trouble[:MOST_PROBLEMS]]
            tally = fill.tally
            raise FillStopped(problems, line=trouble[0][0], added=tally.added, known=tally.known)
        return batch, fill.tally

    async def whole(
        self, reference: str, wishes: Sequence[Numbered], *, user_id: UUID
    ) -> tuple[Batch, Tally]:
        """Add targets all or none. Raises `BadInput` naming each bad one."""
        batch = await self._draft(reference, user_id=user_id)
        fill = _Fill(
            self._database, self._maker(batch), catalog=self._catalog, limits=self._limits, batch=batch
        )
        trouble = await fill.add(Block(wishes=list(wishes)), all_or_none=True)
        if trouble:
            raise BadInput([problem for _, problem in trouble])
        return batch, fill.tally

    async def _draft(self, reference: str, *, user_id: UUID) -> Batch:
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference)
        refuse_illegal(batch, Verb.FILL)
        return batch

    def _maker(self, batch: Batch) -> ItemMaker:
        return ItemMaker(
            self._catalog.kind(batch.kind),
            batch.definition,
            parameters=batch.parameters,
            most_bytes=self._limits.max_parameters_bytes,
        )


class _Fill:
    """One stream into one draft."""

    def __init__(
        self, database: Database, maker: ItemMaker, *, catalog: Catalog, limits: CreationLimits, batch: Batch
    ) -> None:
        self._database = database
        self._maker = maker
        self._kind = catalog.kind(batch.kind)
        self._limits = limits
        self._batch = batch
        self._lines = array("I")
        """By ordinal: the line that this stream said it on; 0 for none. Four bytes an operation."""
        self.tally = Tally(total=batch.counts.total)

    async def add(self, block: Block, *, all_or_none: bool = False) -> Trouble:
        """Store a block as far as it is good, and return what is wrong with the rest."""
        user_id = self._batch.user_id
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, str(self._batch.id), lock=True)
            refuse_illegal(batch, Verb.FILL)
            trouble = list(block.problems)
            items = await self._items(transaction, block.wishes, trouble=trouble)
            new = await self._unknown(transaction, batch, items, trouble=trouble)
            room = max(0, self._limits.max_operations - batch.counts.total)
            trouble.extend(
                (number, Problem(f"/lines/{number}", at_line(number, self._too_many())))
                for number, _ in new[room : room + 1]
            )
            limits = self._limits_of(new, trouble=trouble)
            first_bad = min((number for number, _ in trouble), default=None)
            if first_bad is not None:
                kept = 0 if all_or_none else first_bad
                new = [entry for entry in new if entry[0] < kept]
                limits = self._limits_of(new, trouble=trouble) if not limits else limits[: len(new)]
            await self._store(transaction, batch, new, limits=limits)
            known = [number for number, _ in items if first_bad is None or number < first_bad]
        self.tally.added += len(new)
        self.tally.known += len(known) - len(new)
        self.tally.total = batch.counts.total + len(new)
        return trouble

    def _too_many(self) -> str:
        return f"a batch may have {self._limits.max_operations:,} operations, and this is one more."

    async def _items(
        self, transaction: Transaction, wishes: Sequence[Numbered], *, trouble: Trouble
    ) -> list[tuple[int, Item]]:
        known = await look_up(transaction, [wish for _, wish in wishes])
        seen: dict[str, int] = {}
        items: list[tuple[int, Item]] = []
        for number, wish in wishes:
            if (first := seen.setdefault(wish.key, number)) != number:
                trouble.append((number, _repeated(number, wish.key, first=first)))
                continue
            target = known.target(wish)
            made = [target] if isinstance(target, Problem) else self._maker.make(wish, target)
            if isinstance(made, Item):
                items.append((number, made))
            else:
                trouble.extend(
                    (number, Problem(problem.pointer, at_line(number, problem.message))) for problem in made
                )
        return items

    async def _unknown(
        self, transaction: Transaction, batch: Batch, items: Sequence[tuple[int, Item]], *, trouble: Trouble
    ) -> list[tuple[int, Item]]:
        if batch.counts.total == 0:
            return list(items)
        keys = [item.target.key for _, item in items]
        rows = await transaction.fetch(sql("known_operations"), batch_id=batch.id, keys=keys)
        stored = {row["item_key"]: row for row in rows}
        new: list[tuple[int, Item]] = []
        for number, item in items:
            row = stored.get(item.target.key)
            if row is None:
                new.append((number, item))
            elif first := self._said_on(row["ordinal"], number):
                trouble.append((number, _repeated(number, item.target.key, first=first)))
            elif not _is_same(item, row):
                message = f"{item.target.key} is in the batch already, with other content."
                trouble.append((number, Problem(f"/lines/{number}", at_line(number, message))))
        return new

    def _said_on(self, ordinal: int, number: int) -> int:
        """Return the line of this stream that has said an operation before, or note that it was *number*."""
        if ordinal >= len(self._lines):
            self._lines.extend([0] * (ordinal + 1 - len(self._lines)))
        if before := self._lines[ordinal]:
            return before
        self._lines[ordinal] = number
        return 0

    async def _store(
        self,
        transaction: Transaction,
        batch: Batch,
        new: Sequence[tuple[int, Item]],
        *,
        limits: Sequence[Sequence[Limit]],
    ) -> None:
        if not new:
            return
        await transaction.execute(sql("narrow_common_keys"), id=batch.id, keys=common_keys(limits))
        await insert_operations(
            transaction,
            [item for _, item in new],
            limits=limits,
            batch_uuid=batch.id,
            user_id=batch.user_id,
            attempts=batch.policy.max_attempts,
            first_ordinal=batch.counts.total,
        )
        for ordinal, (number, _) in enumerate(new, start=batch.counts.total):
            self._said_on(ordinal, number)

    def _limits_of(self, new: Sequence[tuple[int, Item]], *, trouble: Trouble) -> Sequence[Sequence[Limit]]:
        """Return what each item counts against; nothing when some never fit, which joins *trouble*."""
        batch = self._batch
        part = Submission(batch.kind, batch.name, [item for _, item in new], policy=batch.policy)
        try:
            return limits_of(part, kind=self._kind, user_id=batch.user_id)
        except BadInput as error:
            for bad in error.problems:
                number, _ = new[int(bad.pointer.rpartition("/")[2])]
                trouble.append((number, Problem(f"/lines/{number}", at_line(number, bad.message))))
            return []


def _repeated(number: int, key: str, *, first: int) -> Problem:
    return Problem(f"/lines/{number}", at_line(number, f"{key} is in this stream already, on line {first}."))


def _is_same(item: Item, row: Mapping[str, Any]) -> bool:
    return (
        frozen_target(item.target) == row["target"]
        and item.target.id == row["target_id"]
        and (item.overrides or {}) == (row["overrides"] or {})
        and item.priority == row["priority"]
    )
