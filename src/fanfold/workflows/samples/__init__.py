"""Three workflows to begin with: own queries in AMC's style with declared parameters, for `--demo`.

Their SQL runs as it stands on AMC's own tables, and on the simulator's.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from uuid import UUID

from fanfold.workflows.errors import WorkflowKeyTaken
from fanfold.workflows.files import read_workflow
from fanfold.workflows.model import Draft, Workflow
from fanfold.workflows.service import WorkflowService

_KEYS = ("campaign_reach_frequency", "daily_performance", "time_to_purchase")


def samples() -> tuple[Draft, ...]:
    """Return the sample workflows."""
    folder = files(__name__)
    return tuple(
        read_workflow((folder / f"{key}.sql").read_text(encoding="utf-8"), name=key).draft for key in _KEYS
    )


async def plant_samples(workflows: WorkflowService, *, user_id: UUID) -> list[Workflow]:
    """Store those samples whose keys the user has not used yet, and return all of them as they stand."""
    planted: list[Workflow] = []
    for draft in samples():
        with suppress(WorkflowKeyTaken):
            await workflows.create(draft, user_id=user_id)
        planted.append(await workflows.get(draft.key, user_id=user_id))
    return planted
