"""The connector `postgres`: read-only queries, bounded in time and rows, only to hosts that may be called."""

from fanfold.connectors.postgres.client import PostgresClient
from fanfold.connectors.postgres.connector import PostgresConnector

__all__ = ["PostgresClient", "PostgresConnector"]
