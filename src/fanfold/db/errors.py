"""What can be wrong with a database, each in one line that says what to do; and `UserGone`, who is not.

DatabaseProblem
├── Unreachable
├── TooOld
├── WrongSchema
└── RightsMissing
"""

from __future__ import annotations


class DatabaseProblem(Exception):
    """The database cannot be used."""


class Unreachable(DatabaseProblem):
    """Nobody answers at the database's address."""


class TooOld(DatabaseProblem):
    """The server is older than PostgreSQL 15."""


class WrongSchema(DatabaseProblem):
    """The database holds the schema of another version of Fanfold."""


class RightsMissing(DatabaseProblem):
    """The database user lacks a right that Fanfold needs."""


class UserGone(Exception):
    """The user in whose name something is read is gone or disabled."""
