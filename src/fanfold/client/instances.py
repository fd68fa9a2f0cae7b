"""AMC instances over HTTP: list, search, and find by what people call them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from fanfold.client.errors import BadInput, Problem
from fanfold.client.models import Instance
from fanfold.client.transport import Transport


class AsyncInstances:
    """The AMC instances that the user may see."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self, **filters: Any) -> AsyncIterator[Instance]:
        """Yield instances; *filters* are q, region, sandbox, brand, account, tag and sort."""
        async for instance in self._transport.pages("/instances", Instance, **filters):
            yield instance

    async def get(self, instance_id: UUID) -> Instance:
        """Return one instance. Raises `NotFound`."""
        return Instance.model_validate((await self._transport.get(f"/instances/{instance_id}")).json())

    async def create(self, **fields: Any) -> Instance:
        """Register an instance; *fields* as in the API's reference. Raises `BadInput`."""
        return Instance.model_validate((await self._transport.post("/instances", fields)).json())

    async def delete(self, instance_id: UUID) -> None:
        """Remove an instance; its batches stay."""
        await self._transport.delete(f"/instances/{instance_id}")

    async def resolve(self, references: Sequence[str | UUID | Instance]) -> dict[str, UUID]:
        """Return the id of every reference: an instance, its id, its AMC id or its name.

        Raises `BadInput`, which names every reference that fits no instance or more than one.
        """
        found: dict[str, UUID] = {}
        problems: list[Problem] = []
        for position, reference in enumerate(references):
            text = str(reference.id) if isinstance(reference, Instance) else str(reference)
            if text in found:
                continue
            known = _as_uuid(text)
            fitting = [known] if known else await self._named(text)
            if len(fitting) == 1:
                found[text] = fitting[0]
            else:
                what = f"{len(fitting)} instances are" if fitting else "no instance is"
                problems.append(Problem(f"/instance_ids/{position}", f"{what} called {text!r}"))
        if problems:
            raise BadInput(
                400, "The selection cannot be resolved.", code="unknown_instance", problems=problems
            )
        return found

    async def _named(self, text: str) -> list[UUID]:
        matching = [one async for one in self.list(q=text)]
        exact = [one.id for one in matching if one.instance_id == text]
        return exact or [one.id for one in matching if one.name == text]


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
