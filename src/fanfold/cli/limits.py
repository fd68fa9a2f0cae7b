"""`fanfold limits …`: what all batches share, who holds it, and setting it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group

from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.measures import NONE, quiet_hours, rate
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.errors import BadInput
from fanfold.client.limits import Limit, LimitBounds

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="As global, user:ID, kind:http, target:ID, amc.account:ID.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    limits = typer.Typer(no_args_is_help=True, help="Look at and set what all batches share.")
    limits.command("list")(list_limits)
    limits.command("show")(show)
    limits.command("set")(set_limit)
    limits.command("clear")(clear)
    limits.command("unblock")(unblock)
    limits.command("reset-breaker")(reset_breaker)
    app.add_typer(limits, name="limits")


def list_limits(
    context: typer.Context,
    *,
    q: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only keys with this text.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Only those that let nothing begin now.")] = False,
) -> None:
    """List limits: what each bears, what it holds, and what closes it."""
    call = invocation(context)

    async def work(client: AsyncClient) -> list[Limit]:
        return [one async for one in client.limits.list(q=q, full=full)]

    found = call.ask(work)
    rows = [(one.key, one.in_use, _cap(one), _rate(one), _closed(one)) for one in found]
    call.output.show(found, table(("key", "in use", "of", "rate", "now"), rows, numbers=("in use", "of")))


def show(context: typer.Context, key: Key) -> None:
    """Show a limit and who holds it."""
    call = invocation(context)
    _tell(call, call.ask(lambda client: client.limits.get(key)))


def set_limit(
    context: typer.Context,
    key: Key,
    *,
    max_running: Annotated[
        str | None, typer.Option(metavar="N", help="Units at work at a time; none: any number.")
    ] = None,
    rate_given: Annotated[
        str | None,
        typer.Option("--rate", metavar="RATE", help="Starts per time, as 60/m; none takes it away."),
    ] = None,
    quiet: Annotated[
        list[str] | None,
        typer.Option(metavar="HOURS", help="As '22:00-06:00 Europe/Berlin'; repeat; none takes them away."),
    ] = None,
) -> None:
    """Set a limit; what begins next is bound by it, what runs is not stopped."""
    call = invocation(context)
    bounds: LimitBounds = {}
    if max_running is not None:
        bounds["max_running"] = _count(max_running)
    if rate_given is not None:
        bounds["rate"] = None if rate_given == NONE else rate(rate_given)
    if quiet:
        bounds["quiet_hours"] = quiet_hours(quiet)
    if not bounds:
        raise BadInput(400, "Say what to set, as --max-running 10.")
    _tell(call, call.ask(lambda client: client.limits.set(key, **bounds)))


def clear(context: typer.Context, key: Key) -> None:
    """Take back what a person set: what kinds and settings declare holds again."""
    call = invocation(context)
    call.ask(lambda client: client.limits.clear(key))
    call.output.show({"cleared": key}, f"{key} is as it was declared.")


def unblock(context: typer.Context, key: Key) -> None:
    """End the pause that a remote side asked for, and what its answers took from the number."""
    call = invocation(context)
    _tell(call, call.ask(lambda client: client.limits.unblock(key)))


def reset_breaker(context: typer.Context, key: Key) -> None:
    """Close a target's breaker now and forget its failures."""
    call = invocation(context)
    _tell(call, call.ask(lambda client: client.limits.reset_breaker(key)))


def _tell(call: Invocation, limit: Limit) -> None:
    facts = [
        (limit.key, limit.title),
        ("in use", f"{limit.in_use} of {_cap(limit)}"),
        ("rate", _rate(limit)),
        ("quiet hours", ", ".join(f"{one.start}-{one.end} {one.timezone}" for one in limit.quiet_hours)),
        ("now", _closed(limit)),
        ("set by", "a person" if limit.pinned else "what kinds and settings declare"),
    ]
    causes = limit.breaker.causes if limit.breaker else ()
    facts += [
        ("failing", f"{one.failure_count} times {one.error_class}: {one.message or ''}") for one in causes
    ]
    rows = [(one.job_id, one.name, one.operations) for one in limit.holders]
    held = [table(("batch", "name", "operations"), rows, numbers=("operations",))] if rows else []
    call.output.show(limit, Group(table(("limit", ""), [fact for fact in facts if fact[1]]), *held))


def _count(text: str) -> int | None:
    if text == NONE:
        return None
    if not text.isdecimal():
        raise BadInput(400, f"--max-running {text}: give a number, or none.")
    return int(text)


def _cap(limit: Limit) -> str:
    bears = limit.cap if limit.cap is not None else limit.max_running
    if bears is None:
        return "any"
    return f"{bears} ({limit.max_running})" if limit.max_running not in {None, bears} else str(bears)


def _rate(limit: Limit) -> str | None:
    return f"{limit.rate.count} per {limit.rate.per_seconds:g} s" if limit.rate else None


def _closed(limit: Limit) -> str:
    if limit.breaker and limit.breaker.state != "closed":
        return f"breaker {limit.breaker.state}"
    if limit.blocked_until:
        return f"rests until {limit.blocked_until:%H:%M:%S}"
    if limit.quiet_until:
        return f"quiet until {limit.quiet_until:%Y-%m-%d %H:%M}"
    return "full" if limit.is_full else ""
