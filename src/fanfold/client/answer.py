"""What every model of an answer is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Anything that the server sent; fields that a newer server adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
