"""What the database driver raises when the database is away, for those who may not know the driver."""

from __future__ import annotations

import asyncpg

from fanfold.db.errors import DatabaseProblem

OUTAGE = (
    DatabaseProblem,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
)
"""Lost connections, a server that stops or starts, one without room; time-outs are OSErrors."""
