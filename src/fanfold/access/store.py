"""Runs the statements of access; rows become values here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from fanfold.access.errors import KeyTakenOver
from fanfold.access.model import Claim, User, UserRole
from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.access")

CONNECTION_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
"""After one of these nobody knows whether a transaction was committed."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is stored of an Idempotency-Key."""

    request_hash: bytes
    status_code: int | None
    """None until the first request has ended."""
    response: Any
    held_for: timedelta


async def find_user(database: Database, user_id: UUID) -> User | None:
    """Return the user, None if gone or disabled; before anybody acts."""
    row = await database.ask_one(sql("find_user"), id=user_id)
    return None if row is None else _user(row)


async def find_user_by_name(transaction: Transaction, username: str) -> tuple[User, str | None] | None:
    """Return the user and the stored hash; only inside `as_service`."""
    row = await transaction.fetch_one(sql("find_user_by_name"), username=username)
    return None if row is None else (_user(row), row["password_hash"])


async def add_user(transaction: Transaction, user: User, *, password_hash: str | None) -> User | None:
    """Add a user; return None when the name is taken. Only inside `as_service`."""
    row = await transaction.fetch_one(
        sql("add_user"),
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        role=user.role.value,
        password_hash=password_hash,
    )
    return None if row is None else _user(row)


async def set_password(transaction: Transaction, user_id: UUID, *, password_hash: str) -> None:
    """Replace a user's hash; only inside `as_service`."""
    await transaction.execute(sql("set_password"), id=user_id, password_hash=password_hash)


async def add_link(transaction: Transaction, user_id: UUID, *, code: str, lifetime: timedelta) -> None:
    """Store a one-time code by its hash; only inside `as_service`."""
    await transaction.execute(sql("drop_old_links"), user_id=user_id)
    await transaction.execute(sql("add_link"), code_hash=_code_hash(code), user_id=user_id, lifetime=lifetime)


async def use_link(transaction: Transaction, code: str) -> User | None:
    """Spend a one-time code; return its user, None if there is nothing to spend. Only inside `as_service`."""
    row = await transaction.fetch_one(sql("use_link"), code_hash=_code_hash(code))
    return None if row is None else _user(row)


async def add_audit(
    transaction: Transaction,
    *,
    user_id: UUID | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None,
) -> None:
    """Write one line of the audit."""
    await transaction.execute(sql("add_audit"), user_id=user_id, action=action, object=subject, detail=detail)


async def mark_request(
    database: Database, user_id: UUID, *, key: str, allowed: int, window: timedelta
) -> tuple[int | None, timedelta]:
    """Count a request of the user; return its mark, or None and how long to wait."""
    row = await database.read_one_for(user_id, sql("mark_request"), key=key, allowed=allowed, window=window)
    return (None, window) if row is None else (row["mark"], row["wait"] or window)


async def drop_mark(transaction: Transaction, mark: int) -> None:
    """Take a request's mark back."""
    await transaction.execute(sql("drop_rate_mark"), id=mark)


async def claim_key(transaction: Transaction, claim: Claim, *, request_hash: bytes) -> bool:
    """Claim an Idempotency-Key for the acting user; return False when it is claimed already."""
    await transaction.execute(sql("forget_keys"))
    given = {"key": claim.key, "claim": claim.id, "request_hash": request_hash}
    return await transaction.value(sql("claim_key"), **given) is not None


async def take_over_key(
    transaction: Transaction, claim: Claim, *, request_hash: bytes, patience: timedelta
) -> Claim | None:
    """Return the claim with what a request before made; None while that request may still be at work."""
    given = {"key": claim.key, "claim": claim.id, "request_hash": request_hash, "patience": patience}
    row = await transaction.fetch_one(sql("take_over_key"), **given)
    return None if row is None else replace(claim, batch_id=row["batch_id"])


async def mark_key(transaction: Transaction, claim: Claim, *, batch_id: UUID) -> None:
    """Note, in the transaction that makes it, which batch it is. Raises `KeyTakenOver`: nothing is made."""
    given = {"key": claim.key, "claim": claim.id, "batch_id": batch_id}
    if await transaction.value(sql("mark_key"), **given) is None:
        raise KeyTakenOver


async def find_key(transaction: Transaction, key: str) -> KeyRow | None:
    """Return what is stored of a key."""
    row = await transaction.fetch_one(sql("find_key"), key=key)
    if row is None:
        return None
    return KeyRow(row["request_hash"], row["status_code"], row["response"], row["held_for"])


async def keep_answer(transaction: Transaction, key: str, *, status_code: int, response: Any) -> None:
    """Store the answer that later requests with the key get."""
    await transaction.execute(sql("keep_answer"), key=key, status_code=status_code, response=response)


async def release_key(transaction: Transaction, claim: Claim) -> None:
    """Give a key back whose request changed nothing."""
    await transaction.execute(sql("release_key"), key=claim.key, claim=claim.id)


def _code_hash(code: str) -> bytes:
    # A code has 256 random bits: nothing to guess, so a fast hash does.
    return hashlib.sha256(code.encode()).digest()


def _user(row: Row) -> User:
    return User(
        id=row["id"],
        username=row["username"],
        display_name=row["display_name"],
        role=UserRole(row["role"]),
    )
