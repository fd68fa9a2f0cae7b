"""The Python SDK: an async core and a blocking face."""

from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batches import AsyncBatch
from fanfold.client.blocking import Batch, Client
from fanfold.client.errors import (
    BadInput,
    ClientError,
    Conflict,
    Forbidden,
    LibraryMissing,
    NotFinished,
    NotFound,
    NotSignedIn,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unreachable,
)

__all__ = [
    "AsyncBatch",
    "AsyncClient",
    "BadInput",
    "Batch",
    "Client",
    "ClientError",
    "Conflict",
    "Forbidden",
    "LibraryMissing",
    "NotFinished",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "ServerFailed",
    "TooManyRequests",
    "Unreachable",
]
