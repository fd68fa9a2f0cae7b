"""The Python SDK: an async core and a blocking face."""

from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import AsyncBatch
from fanfold.client.blocking import Batch, Client
from fanfold.client.errors import (
    BadInput,
    ClientError,
    Conflict,
    FillStopped,
    Forbidden,
    IllegalTransition,
    LibraryMissing,
    NotFinished,
    NotFound,
    NotSignedIn,
    PreviewStale,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unreachable,
)
from fanfold.client.policy import After, Budget, Policy, QuietHours, Rate, Waves
from fanfold.client.submission import Condition, Query, Search, Target
from fanfold.client.workflow_batches import Rule, Windows

__all__ = [
    "After",
    "AsyncBatch",
    "AsyncClient",
    "BadInput",
    "Batch",
    "Budget",
    "Client",
    "ClientError",
    "Condition",
    "Conflict",
    "FillStopped",
    "Forbidden",
    "IllegalTransition",
    "LibraryMissing",
    "NotFinished",
    "NotFound",
    "NotSignedIn",
    "Policy",
    "PreviewStale",
    "Query",
    "QuietHours",
    "Rate",
    "Refused",
    "Rule",
    "Search",
    "ServerFailed",
    "Target",
    "TooManyRequests",
    "Unreachable",
    "Waves",
    "Windows",
]
