"""Why operations wait, as an answer shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fanfold.batches.waiting import Cause
from fanfold.batches.waiting_words import Wait


class WaitView(BaseModel):
    """One cause, and how many operations wait for it; an operation may wait for several."""

    model_config = ConfigDict(frozen=True)

    cause: Cause
    text: Annotated[
        str, Field(examples=["waiting for account E1: 200 of 200 in use, oldest holder batch_ab12"])
    ]
    count: Annotated[int, Field(description="of the operations that were looked at, or of all")]
    key: Annotated[str | None, Field(description="the limit that is closed", examples=["amc.account:E1"])]
    in_use: int | None
    cap: int | None
    opens_at: Annotated[datetime | None, Field(description="when time alone opens it")]
    holder: Annotated[
        str | None, Field(description="the job that has held it longest; null also for another user's")
    ]

    @classmethod
    def of(cls, wait: Wait) -> WaitView:
        """Show *wait*."""
        return cls(
            cause=wait.cause,
            text=wait.text,
            count=wait.count,
            key=wait.key,
            in_use=wait.in_use,
            cap=wait.cap,
            opens_at=wait.opens_at,
            holder=wait.holder,
        )
