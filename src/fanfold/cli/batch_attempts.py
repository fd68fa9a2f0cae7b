"""`fanfold batch attempts`: what was tried for one target, and every call to the remote side."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType

from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.errors import NotFound
from fanfold.client.models import Attempt, OperationDetail


def attempts(
    context: typer.Context,
    *,
    batch_id: Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")],
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The target's name or key, or the operation's id.")
    ],
) -> None:
    """Show the attempts for one target with their calls and the ids that the remote side gave them."""
    call = invocation(context)

    async def work(client: AsyncClient) -> OperationDetail:
        batch = await client.batches.get(batch_id)
        async for one in batch.operations():
            if target in {one.target_name, one.target_id, str(one.id), one.execution_id}:
                return await batch.operation(one.id)
        raise NotFound(404, f"No operation of this batch is called {target!r}.")

    found = call.ask(work)
    call.output.show(found.attempts, _page(found))


def _page(found: OperationDetail) -> RenderableType:
    shown = [part for attempt in found.attempts for part in _attempt(attempt)]
    return Group(*shown) if shown else "Nothing was tried yet."


def _attempt(attempt: Attempt) -> list[RenderableType]:
    told = f"attempt {attempt.number}: {attempt.state}, {attempt.started_at:%Y-%m-%d %H:%M:%S}"
    if attempt.remote_ref:
        told += f", remote id {attempt.remote_ref}"
    if attempt.error:
        told += f"\n  {attempt.error.message} {attempt.error.hint or ''}".rstrip()
    rows = [
        (f"{one.at:%H:%M:%S}", one.step, one.method, one.path,
         one.status if one.status is not None else one.error, one.duration_ms, one.request_id)
        for one in attempt.calls
    ]  # fmt: skip
    columns = ("at", "step", "method", "path", "answer", "ms", "request id")
    return [told, table(columns, rows, numbers=("ms",))] if rows else [told]
