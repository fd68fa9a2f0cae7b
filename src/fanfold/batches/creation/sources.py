"""Where the targets of a request come from: a list, ids, a search, a CSV text, a query. They all add up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID

from fanfold.batches.creation.items import Wish
from fanfold.batches.creation.schemas import JobForm, TargetForm
from fanfold.batches.creation.tables import read_csv
from fanfold.sdk.errors import Problem
from fanfold.targets.schemas import FilterQuery
from fanfold.targets.selection import MOST_NAMED, read_ids
from fanfold.targets.service import InstanceService


class Sources:
    """Reads every source that a request names; what cannot be read joins the problems."""

    def __init__(self, instances: InstanceService) -> None:
        self._instances = instances

    async def wishes(self, form: JobForm, problems: list[Problem], *, user_id: UUID) -> list[Wish]:
        """Return all targets in the order of the sources, not yet checked."""
        wishes = [Wish(target, f"/targets/{index}") for index, target in enumerate(form.targets)]
        wishes.extend(_by_ids(form.instance_ids, problems))
        if form.instances is not None:
            wishes.extend(await self._found(form.instances, problems, user_id=user_id))
        if form.csv is not None:
            table = await asyncio.to_thread(read_csv, form.csv, pointer="/csv")
            problems.extend(table.problems)
            wishes.extend(wish for _, wish in table.wishes)
        return wishes

    async def _found(self, search: FilterQuery, problems: list[Problem], *, user_id: UUID) -> list[Wish]:
        ids, total = await self._instances.ids(search.wanted(), user_id=user_id)
        if not ids:
            problems.append(Problem("/instances", "The search finds no instance."))
        if total > len(ids):
            message = f"The search finds {total:,} instances; at most {len(ids):,} can be selected at once."
            problems.append(Problem("/instances", message))
        return [Wish(_instance(each), f"/instances/{each}", is_bare=True) for each in ids]


def _by_ids(given: Sequence[object], problems: list[Problem]) -> Iterator[Wish]:
    if not given:
        return
    ids, wrong = read_ids(given, at_most=MOST_NAMED)
    problems.extend(wrong)
    yield from (Wish(_instance(each), f"/instance_ids/{index}", is_bare=True) for each, index in ids.items())


def _instance(instance_id: UUID) -> TargetForm:
    return TargetForm.model_construct(instance_id=instance_id)
