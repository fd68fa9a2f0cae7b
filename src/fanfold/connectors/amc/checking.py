"""Checks a login step by step, as work depends on them: sign-in, accounts, instances, their tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from fanfold.connectors.amc.model import Account
from fanfold.connectors.amc.reading import Reading
from fanfold.kit.clock import Clock
from fanfold.sdk.discovery import CheckedStep, Trouble
from fanfold.sdk.errors import Failure

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Address:
    instance_id: str
    account_id: str
    marketplace_id: str


@dataclass(frozen=True, slots=True)
class _Done:
    step: CheckedStep
    answer: Any = None


class LoginCheck:
    """One check of one login."""

    def __init__(self, amc: Reading, *, clock: Clock) -> None:
        self._amc = amc
        self._clock = clock

    async def run(self, addresses: Sequence[Mapping[str, Any]]) -> AsyncIterator[CheckedStep]:
        """Yield every step; those behind a failed one that they need are left out."""
        signed_in = await self._step("sign_in", "", self._amc.sign_in())
        yield signed_in.step
        if signed_in.step.trouble:
            return
        listed = await self._step("accounts", "", self._amc.list_accounts(), noun="account")
        yield listed.step
        targets = [_address(each) for each in addresses]
        accounts: list[Account] = list(listed.answer or ())
        refused: set[tuple[str, str]] = set()
        for account in _of_targets(accounts, targets):
            about = account.account_name or account.account_id
            done = await self._step("instances", about, self._amc.list_instances(account), noun="instance")
            yield done.step
            if done.step.trouble:
                refused.add((account.account_id, account.marketplace_id))
        for target in targets:
            if (target.account_id, target.marketplace_id) in refused:
                continue
            done = await self._step(
                "data_sources", target.instance_id, self._amc.data_sources(target), noun="table"
            )
            yield done.step

    async def _step(self, name: str, subject: str, call: Awaitable[Answer], *, noun: str = "") -> _Done:
        started_at = self._clock.now()
        trouble, answer = None, None
        try:
            answer = await call
        except Failure as failure:
            trouble = Trouble.of(failure)
        took = round((self._clock.now() - started_at).total_seconds() * 1000)
        detail = _counted(cast("Sequence[object]", answer), noun) if noun and answer is not None else ""
        return _Done(CheckedStep(name, subject, trouble, took, detail), answer)


def _of_targets(listed: Sequence[Account], targets: Sequence[_Address]) -> list[Account]:
    """Return the accounts of the targets, or the first listed one where there is no target."""
    named = {account.account_id: account.account_name for account in listed}
    wanted = {
        (target.account_id, target.marketplace_id): Account(
            target.account_id, named.get(target.account_id, ""), target.marketplace_id
        )
        for target in targets
    }
    return list(wanted.values()) or list(listed[:1])


def _address(attributes: Mapping[str, Any]) -> _Address:
    names = ("instance_id", "account_id", "marketplace_id")
    return _Address(*(str(attributes.get(name) or "") for name in names))


def _counted(answer: Sequence[object], noun: str) -> str:
    return f"{len(answer)} {noun}" + ("" if len(answer) == 1 else "s")
