"""The AMC reporting API as methods. One client serves all attempts of a worker that share a login."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from fanfold.connectors.amc import model, saved
from fanfold.connectors.amc.checking import LoginCheck
from fanfold.connectors.amc.config import Region
from fanfold.connectors.amc.discovery import Discoverer
from fanfold.connectors.amc.downloads import Downloader
from fanfold.connectors.amc.failures import NotThere
from fanfold.connectors.amc.model import Account, Addressed, DataSource, Execution, Instance
from fanfold.connectors.amc.tokens import TokenSource
from fanfold.connectors.amc.transport import AnswerLost, Call, Pause, Transport
from fanfold.kit.clock import Clock
from fanfold.sdk.discovery import AccountAddress, CheckedStep, Discovery
from fanfold.sdk.errors import Cause, Permanent, TargetUnavailable

Item = TypeVar("Item")

_PAGE = "100"
# A page token that never ends would loop for ever; AMC allows 4,000 instances in an account.
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a client is, and by which clock it waits."""

    region: Region
    clock: Clock
    pause: Pause


class AmcClient:
    """Talks to AMC for one login. Raises the failure families of the SDK and nothing of the driver's."""

    def __init__(
        self, transport: Transport, *, downloader: Downloader, tokens: TokenSource, surroundings: Surroundings
    ) -> None:
        self._transport = transport
        self._downloader = downloader
        self._tokens = tokens
        self._around = surroundings

    async def rest(self, pause: timedelta) -> None:
        """Wait as AMC asked."""
        await self._around.pause(pause.total_seconds())

    async def discover(self, also: Sequence[AccountAddress], *, within: timedelta) -> Discovery:
        """Return every instance that the login's accounts, and *also* those named, show."""
        clock = self._around.clock
        until = clock.now() + within
        return await Discoverer(self, region=self._around.region, clock=clock, until=until).run(also)

    def check(self, addresses: Sequence[Mapping[str, Any]]) -> AsyncIterator[CheckedStep]:
        """Look at sign-in, accounts, and at the accounts and tables of the instances at *addresses*."""
        return LoginCheck(self, clock=self._around.clock).run(addresses)

    async def sign_in(self) -> None:
        """Make sure that the login hands out access tokens."""
        await self._tokens.current()

    async def list_accounts(self) -> Sequence[Account]:
        """Return the accounts that the login administers; none for logins of on-demand instances."""
        call = Call("GET", "/amc/accounts", "list the accounts", headers={}, throttle_key="amc.login")
        return [entry async for entry in self._pages(call, "amcAccounts", read=model.account_of)]

    async def list_instances(self, account: Account) -> Sequence[Instance]:
        """Return the instances of an account."""
        headers = _headers(account.account_id, account.marketplace_id)
        key = f"amc.account:{account.account_id}"
        call = Call("GET", "/amc/instances", "list the instances", headers=headers, throttle_key=key)
        return [entry async for entry in self._pages(call, "instances", read=model.instance_of)]

    async def data_sources(self, address: Addressed) -> Sequence[DataSource]:
        """Return the instance's tables with their columns."""
        call = _reporting("GET", address, path="/dataSources", step="list the data sources")
        return [entry async for entry in self._pages(call, "dataSources", read=model.data_source_of)]

    async def create_execution(
        self, address: Addressed, request: Mapping[str, Any], *, send_until: datetime | None = None
    ) -> Execution | None:
        """Submit an execution, once and never again by itself: AMC has no idempotency key.

        Returns None when the answer was lost, so that the execution may exist: look for it before trying
        again. A failure that is raised means that nothing was created. After *send_until* nothing is sent.
        """
        call = _reporting(
            "POST", address, path="/workflowExecutions", step="start the execution", body=request
        )
        try:
            return model.execution_of(await self._transport.once(replace(call, send_until=send_until)))
        except (AnswerLost, KeyError):
            return None

    async def try_execution(self, address: Addressed, request: Mapping[str, Any]) -> Execution | None:
        """Submit a dry run, which computes nothing; None when the answer was lost.

        AMC may refuse it at once or accept it and reject it later: both end as a rejected execution.
        """
        try:
            return await self.create_execution(address, request)
        except Permanent as refused:
            if refused.cause is not Cause.REFUSED:
                raise
            return Execution("", "", "REJECTED", status_reason=refused.message)

    async def get_execution(self, address: Addressed, execution_id: str) -> Execution | None:
        """Return the execution as it stands, None when AMC knows no such execution."""
        call = _reporting("GET", address, path=_of_execution(execution_id), step="show the execution")
        try:
            return _readable(await self._transport.read(call), model.execution_of)
        except NotThere:
            return None

    async def get_query(self, address: Addressed, execution_id: str) -> str | None:
        """Return the query that an execution ran, None when AMC does not show it."""
        path, query = _of_execution(execution_id), {"includeWorkflow": "true"}
        call = _reporting("GET", address, path=path, step="show the execution's query", query=query)
        try:
            execution = _readable(await self._transport.read(call), model.execution_of)
        except NotThere:
            return None
        shown = execution.answer.get("sqlQuery")
        return shown if isinstance(shown, str) else None

    async def find_executions(
        self, address: Addressed, *, workflow_id: str, since: datetime
    ) -> Sequence[Execution]:
        """Return a workflow's executions created at or after *since*, cancelled ones too, newest first."""
        query = {
            "workflowId": workflow_id,
            "minCreationTime": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "sortAscending": "false",
            "includeCancelled": "true",
        }
        call = _reporting("GET", address, path="/workflowExecutions", step="list the executions", query=query)
        return [entry async for entry in self._pages(call, "executions", read=model.execution_of)]

    async def cancel_execution(self, address: Addressed, execution_id: str) -> None:
        """Stop the execution; one that has ended already is fine."""
        body = {"status": "CANCELLED"}
        call = _reporting(
            "PUT", address, path=_of_execution(execution_id), step="cancel the execution", body=body
        )
        try:
            # Cancelling twice does no harm, so a lost answer may be followed by another try.
            await self._transport.read(call)
        except Permanent:
            execution = await self.get_execution(address, execution_id)
            if execution is not None and not execution.is_terminal:
                raise

    async def get_workflow(self, address: Addressed, workflow_id: str) -> Mapping[str, Any] | None:
        """Return a workflow that is saved on the instance, None when there is none of this id."""

        def calling(method: str, *, path: str, step: str) -> Call:
            return _reporting(method, address, path=path, step=step)

        return await saved.find(self._transport, workflow_id, calling=calling)

    async def save_workflow(self, address: Addressed, workflow: Mapping[str, Any]) -> None:
        """Save a workflow on the instance under its `workflowId`, in place of an earlier one."""

        def calling(method: str, *, path: str, step: str) -> Call:
            return _reporting(method, address, path=path, step=step, body=workflow)

        await saved.save(self._transport, str(workflow["workflowId"]), calling=calling)

    async def download(self, address: Addressed, execution_id: str, *, folder: Path) -> Sequence[Path]:
        """Write the result files of a succeeded execution into *folder*; return them in order."""
        path = f"{_of_execution(execution_id)}/downloadUrls"
        call = _reporting("GET", address, path=path, step="hand out the result's links")

        async def links() -> Sequence[str]:
            return _readable(await self._transport.read(call), _links_of)

        return await self._downloader.fetch(links, folder)

    async def _pages(
        self, call: Call, name: str, *, read: Callable[[Mapping[str, Any]], Item]
    ) -> AsyncIterator[Item]:
        query = {"limit": _PAGE, **(call.query or {})}
        for _ in range(_MOST_PAGES):
            body = await self._transport.read(_with_query(call, query))
            for entry in model.objects(body.get(name)):
                yield _readable(entry, read)
            following = body.get("nextToken")
            if not isinstance(following, str) or not following:
                return
            query = {**query, "nextToken": following}
        raise TargetUnavailable(f"AMC's list does not end when asked to {call.step}.")


def _headers(account_id: str, marketplace_id: str) -> dict[str, str]:
    headers = {
        "Amazon-Advertising-API-AdvertiserId": account_id,
        "Amazon-Advertising-API-MarketplaceId": marketplace_id,
    }
    return {name: value for name, value in headers.items() if value}


def _reporting(
    method: str,
    address: Addressed,
    *,
    path: str,
    step: str,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Call:
    return Call(
        method,
        f"/amc/reporting/{quote(address.instance_id, safe='')}{path}",
        step,
        headers=_headers(address.account_id, address.marketplace_id),
        throttle_key=f"amc.instance:{address.instance_id}",
        query=query,
        body=body,
    )


def _of_execution(execution_id: str) -> str:
    return f"/workflowExecutions/{quote(execution_id, safe='')}"


def _with_query(call: Call, query: Mapping[str, str]) -> Call:
    return Call(
        call.method, call.path, call.step, headers=call.headers, throttle_key=call.throttle_key, query=query
    )


def _links_of(body: Mapping[str, Any]) -> Sequence[str]:
    return [str(link) for link in body["downloadUrls"]]


def _readable(body: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Item]) -> Item:
    try:
        return read(body)
    except (KeyError, TypeError):
        raise TargetUnavailable("AMC's answer lacks what it should carry.") from None
