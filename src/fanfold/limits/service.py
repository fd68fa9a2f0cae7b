"""What people do with limits: look at them, set them, take that back, and open what is closed.

An administrator sees and sets all keys. Others see those that their operations hold or that are theirs,
and set those of their own instances and connections; batches of others are never named to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fanfold.access.audit import Audit
from fanfold.access.model import User, UserRole
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.kit.ids import uuid_or_none
from fanfold.limits import store
from fanfold.limits.bounds import BoundsChange
from fanfold.limits.errors import LimitDenied, LimitNotFound
from fanfold.limits.model import BatchHolding, KeyState
from fanfold.limits.naming import BATCH, CONNECTION, EVERY_USER, GLOBAL, KIND, LOCK, TARGET, USER
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Limit


@dataclass(frozen=True, slots=True)
class DefaultCaps:
    """Operations at work at a time where nobody has set anything else; None: any number."""

    everywhere: int | None = None
    per_user: int | None = None


@dataclass(frozen=True, slots=True)
class LimitView:
    """A key, and who holds it as far as the viewer may know."""

    state: KeyState
    holdings: tuple[BatchHolding, ...]
    others_count: int
    """Operations of batches that are not for the viewer to know."""
    tells_errors: bool
    """Whether the viewer may read what failed on it."""


class LimitService:
    """The verbs of limits."""

    def __init__(
        self, database: Database, *, catalog: Catalog, audit: Audit, defaults: DefaultCaps | None = None
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._audit = audit
        self._defaults = defaults or DefaultCaps()

    async def apply_defaults(self) -> None:
        """Write the default caps where nobody has set others; call it when the process starts."""
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.set_default(transaction, GLOBAL, max_running=self._defaults.everywhere)
            await store.set_default(transaction, EVERY_USER, max_running=self._defaults.per_user)
            await store.spread_user_default(transaction)

    async def list(
        self, viewer: User, *, q: str | None, full: bool, limit: int, offset: int
    ) -> tuple[list[LimitView], int]:
        """Return a page of the limits that *viewer* may see, by key, and how many there are."""
        async with self._database.transaction() as transaction, transaction.as_service():
            keys, total = await store.visible(
                transaction, _seen_by(viewer), q=q, full=full, limit=limit, offset=offset
            )
            return await _views(transaction, keys, viewer), total

    async def get(self, key: str, viewer: User) -> LimitView:
        """Return one; raise `LimitNotFound`."""
        async with self._database.transaction() as transaction, transaction.as_service():
            keys, _ = await store.visible(transaction, _seen_by(viewer), key=key)
            if not keys:
                raise LimitNotFound(key)
            return (await _views(transaction, keys, viewer))[0]

    async def set(self, key: str, change: BoundsChange, *, user: User) -> LimitView:
        """Set those bounds of a key that are given; the next claim obeys, what runs is not stopped.

        Raises `BadInput`, `LimitDenied`.
        """
        _refuse_unsettable(key)
        _refuse_bad_bounds(key, change)
        await self._refuse_stranger(key, user)
        self._refuse_unbinding(key)
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.set_bounds(transaction, key, change=change)
            if key == EVERY_USER:
                await store.spread_user_default(transaction)
        await self._audit.note("limits.set", key, user_id=user.id, detail=change.told())
        return await self.get(key, user)

    async def drop(self, key: str, *, user: User) -> None:
        """Give a key back what kinds and settings declare; raise `LimitDenied`, `LimitNotFound`."""
        _refuse_unsettable(key)
        await self._refuse_stranger(key, user)
        async with self._database.transaction() as transaction, transaction.as_service():
            if key not in await store.states(transaction, [key]):
                raise LimitNotFound(key)
            declared = await self._declared(transaction, key)
            if declared is None:
                await store.drop(transaction, key)
            else:
                await store.return_bounds(transaction, key, declared=declared)
            if key == EVERY_USER:
                await store.spread_user_default(transaction)
        await self._audit.note("limits.dropped", key, user_id=user.id)

    async def reset_breaker(self, key: str, *, user: User) -> LimitView:
        """Close a key's breaker and forget its failures; raise `LimitDenied`, `LimitNotFound`."""
        await self._refuse_stranger(key, user)
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.reset_breaker(transaction, key)
        view = await self.get(key, user)
        await self._audit.note("limits.breaker_reset", key, user_id=user.id)
        return view

    async def unblock(self, key: str, *, user: User) -> LimitView:
        """End a pause that a remote side asked for; raise `LimitDenied`, `LimitNotFound`."""
        await self._refuse_stranger(key, user)
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.unblock(transaction, key)
        view = await self.get(key, user)
        await self._audit.note("limits.unblocked", key, user_id=user.id)
        return view

    async def _declared(self, transaction: Transaction, key: str) -> Limit | None:
        if key == GLOBAL:
            return _cap(key, self._defaults.everywhere)
        if key == EVERY_USER:
            return _cap(key, self._defaults.per_user)
        if key.startswith(USER):
            every = (await store.states(transaction, [EVERY_USER])).get(EVERY_USER)
            return _cap(key, every.bounds.max_running if every else None)
        if key.startswith((TARGET, CONNECTION)):
            return Limit(key, guarded=key.startswith(TARGET))
        found = await store.declarer(transaction, key)
        if found is None:
            return None
        kind, target = found
        installed = self._catalog.kinds.get(kind)
        declared = installed.limits(target) if installed else ()
        return next((limit for limit in declared if limit.key == key), Limit(key))

    def _refuse_unbinding(self, key: str) -> None:
        """Raise `BadInput` for a key that no operation can ever hold."""
        space, _, name = key.partition(":")
        if key.startswith((USER, TARGET, CONNECTION)) and key != EVERY_USER and uuid_or_none(name) is None:
            raise BadInput(
                [Problem("/key", f"{name!r} is not the id of a {space}: the limit would bind nothing.")]
            )
        if key.startswith(KIND) and name not in self._catalog.kinds:
            installed = ", ".join(sorted(self._catalog.kinds))
            raise BadInput([Problem("/key", f"There is no kind {name!r}; installed are {installed}.")])

    async def _refuse_stranger(self, key: str, user: User) -> None:
        if user.role is UserRole.ADMIN:
            return
        if key.startswith((TARGET, CONNECTION)):
            async with self._database.transaction(user_id=user.id) as transaction:
                if await store.owns(transaction, key):
                    return
        raise LimitDenied(key)


def _seen_by(viewer: User) -> UUID | None:
    return None if viewer.role is UserRole.ADMIN else viewer.id


async def _views(transaction: Transaction, keys: list[str], viewer: User) -> list[LimitView]:
    states = await store.states(transaction, keys)
    held = await store.holdings(transaction, keys)
    return [_view(states[key], held.get(key, []), viewer) for key in keys if key in states]


def _view(state: KeyState, held: list[BatchHolding], viewer: User) -> LimitView:
    is_admin = viewer.role is UserRole.ADMIN
    shown = tuple(holding for holding in held if is_admin or holding.user_id == viewer.id)
    hidden = sum(holding.operation_count for holding in held) - sum(one.operation_count for one in shown)
    return LimitView(state, shown, hidden, tells_errors=is_admin or state.key.startswith(TARGET))


def _cap(key: str, max_running: int | None) -> Limit | None:
    return None if max_running is None else Limit(key, max_running)


def _refuse_unsettable(key: str) -> None:
    if key.startswith(LOCK):
        raise BadInput([Problem("/key", "A lock is taken by batches; it cannot be set.")])
    if key.startswith(BATCH):
        raise BadInput([Problem("/key", "A batch's rate is changed with the batch: PATCH /batch/jobs/{id}.")])


def _refuse_bad_bounds(key: str, change: BoundsChange) -> None:
    problems = [Problem(where, what) for where, what in change.problems()]
    if not change.given:
        problems.append(Problem("", "Say at least one of max_running, rate and quiet_hours."))
    if key == EVERY_USER and (change.bounds.rate or change.bounds.quiet_hours):
        problems.append(Problem("", "For every user only max_running can be set."))
    if problems:
        raise BadInput(problems)
