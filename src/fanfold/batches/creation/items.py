"""Turns targets as users write them into the items of a batch; every bad one is named, none is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from fanfold.batches.checking import parameter_problems
from fanfold.batches.creation.conditions import Condition, skip_reason
from fanfold.batches.creation.schemas import TargetForm
from fanfold.batches.model import Item
from fanfold.batches.store import sql
from fanfold.db.database import Transaction
from fanfold.kit.ids import uuid_or_none
from fanfold.kit.pointers import first_name
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Kind
from fanfold.targets import store as instances

_REMEMBERED = 1_024


@dataclass(frozen=True, slots=True)
class Wish:
    """A target as it was asked for, and where it stands in the request."""

    form: TargetForm
    pointer: str
    is_bare: bool = False
    """Whether the request holds only its UUID there."""

    @property
    def key(self) -> str:
        """What it is called in the batch."""
        return self.form.key or str(self.form.instance_id)


@dataclass(frozen=True, slots=True)
class Known:
    """The instances and connections that wishes name, as far as they are the user's."""

    instances: Mapping[UUID, Target]
    connections: Mapping[str, UUID]
    """By lower-case uuid and by name."""

    def target(self, wish: Wish) -> Target | Problem:
        """Return the frozen target, or what is wrong with it."""
        form = wish.form
        if form.instance_id is not None:
            found = self.instances.get(form.instance_id)
            if found is None:
                place = wish.pointer if wish.is_bare else f"{wish.pointer}/instance_id"
                return Problem(place, f"There is no instance {form.instance_id}.")
            return found if form.key is None else _renamed(found, form.key)
        connection = None
        if form.connection is not None:
            connection = self.connections.get(_reference(form.connection))
            if connection is None:
                return Problem(f"{wish.pointer}/connection", f"There is no connection {form.connection!r}.")
        return Target(wish.key, form.name or wish.key, None, connection, form.attributes)


async def look_up(transaction: Transaction, wishes: Iterable[Wish]) -> Known:
    """Read all that the wishes name, in at most two statements."""
    ids = {wish.form.instance_id for wish in wishes if wish.form.instance_id is not None}
    references = {_reference(wish.form.connection) for wish in wishes if wish.form.connection is not None}
    found = await instances.by_ids(transaction, list(ids)) if ids else []
    connections = await find_connections(transaction, references) if references else {}
    return Known({instance.id: instance.as_target() for instance in found}, connections)


async def find_connections(transaction: Transaction, references: Iterable[str]) -> dict[str, UUID]:
    """Return the acting user's connections among the references, by uuid and by name."""
    names = list(references)
    ids = [found for name in names if (found := uuid_or_none(name)) is not None]
    rows = await transaction.fetch(sql("find_connections"), ids=ids, names=names)
    return {row["name"]: row["id"] for row in rows} | {str(row["id"]): row["id"] for row in rows}


class ItemMaker:
    """Makes the items of one batch: checks merged parameters with the kind, applies the conditions."""

    def __init__(
        self,
        kind: Kind,
        definition: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any],
        conditions: Sequence[Condition] = (),
        most_bytes: int,
        shared: str = "/parameters",
    ) -> None:
        """Make it; *shared* is where the request holds the parameters of all targets."""
        self._kind = kind
        self._definition = definition
        self._base = parameters
        self._conditions = conditions
        self._most_bytes = most_bytes
        self._shared = shared
        self._checked: dict[bytes, Sequence[Problem]] = {}

    def make(self, wish: Wish, target: Target) -> Item | list[Problem]:
        """Return the item, or all that is wrong with it."""
        own = wish.form.parameters
        written = orjson.dumps(own, option=orjson.OPT_SORT_KEYS) if own else b""
        if problems := self._size_problems(wish, written):
            return problems
        merged = {**self._base, **own} if own else self._base
        found = self._checked.get(written)
        if found is None:
            found = self._check(merged, written)
        if found:
            return [self._placed(problem, wish) for problem in found]
        skip = skip_reason(self._conditions, target, merged=merged) if self._conditions else None
        return Item(target, own or None, wish.form.priority, skip)

    def _check(self, merged: Mapping[str, Any], written: bytes) -> Sequence[Problem]:
        found = parameter_problems(self._kind, self._definition, parameters=merged)
        if len(self._checked) >= _REMEMBERED:
            self._checked.clear()
        self._checked[written] = found
        return found

    def _size_problems(self, wish: Wish, written: bytes) -> list[Problem]:
        sizes = [("parameters", len(written))]
        if wish.form.attributes:
            sizes.append(("attributes", len(orjson.dumps(wish.form.attributes))))
        return [too_large(f"{wish.pointer}/{part}", part, size=size, most=self._most_bytes)
                for part, size in sizes if size > self._most_bytes]  # fmt: skip

    def _placed(self, problem: Problem, wish: Wish) -> Problem:
        name = first_name(problem.pointer)
        own = bool(wish.form.parameters) and (name in wish.form.parameters or not problem.pointer)
        place = f"{wish.pointer}/parameters" if own else self._shared
        return Problem(f"{place}{problem.pointer}", problem.message)


def too_large(pointer: str, part: str, *, size: int, most: int) -> Problem:
    """Return the problem of a *part* of the request that takes more bytes than allowed."""
    return Problem(pointer, f"The {part} take {size:,} bytes as JSON; at most {most:,} are allowed.")


def duplicates(
    wishes: Sequence[Wish], place: Callable[[Wish], str] = lambda wish: wish.pointer
) -> list[Problem]:
    """Return a problem for every key that was there before."""
    first: dict[str, Wish] = {}
    problems: list[Problem] = []
    for wish in wishes:
        before = first.setdefault(wish.key, wish)
        if before is not wish:
            message = f"{wish.key} is in the list already, at {place(before)}."
            problems.append(Problem(wish.pointer, message))
    return problems


def _reference(text: str) -> str:
    found = uuid_or_none(text)
    return text if found is None else str(found)


def _renamed(target: Target, key: str) -> Target:
    return Target(key, target.name, target.id, target.connection_id, target.attributes)
