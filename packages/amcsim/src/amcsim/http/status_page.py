"""One page for people, complete in itself: its style and its few lines of script are in it, it fetches
nothing but itself.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any, cast

from amcsim.audiences.model import Audience
from amcsim.executions.model import Execution, Status
from amcsim.roster import Instance
from amcsim.simulation import Simulation

_RECENT = 40
_MOST_INSTANCES = 200
_COUNTS = ("submissions", "pending", "running", "succeeded", "failed", "rejected", "cancelled", "throttled")
_STYLE, _SCRIPT = (
    (files("amcsim.http") / name).read_text(encoding="utf-8")
    for name in ("status_page.css", "status_page.js")
)


def render(simulation: Simulation) -> str:
    """Return the page."""
    sections = (_figures, _scenarios, _faults, _limits, _instances, _executions, _schedules, _audiences)
    body = "".join(section(simulation) for section in sections)
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'><title>amcsim</title>"
        f"<style>{_STYLE}</style></head><body><main>{body}</main><script>{_SCRIPT}</script></body></html>"
    )


def _figures(simulation: Simulation) -> str:
    stats = simulation.stats.as_json()
    tiles = "".join(f"<li class={name}><b>{stats[name]:,}</b>{name}</li>" for name in _COUNTS)
    now = simulation.clock.now()
    ahead = simulation.clock.ahead_seconds
    moved = f", {ahead:,.0f} s ahead" if ahead else ""
    calls = sum(simulation.calls.values())
    return (
        "<header><h1>AMC simulator</h1>"
        f"<p>{now:%Y-%m-%d %H:%M:%S} UTC{moved} · speed {simulation.runner.speed:g} · {calls:,} calls</p>"
        f"</header><ul class=tiles>{tiles}</ul>"
    )


def _scenarios(simulation: Simulation) -> str:
    rows = [
        [
            escape(playing["name"]),
            escape(playing["description"]),
            str(playing["steps_played"]),
            "<br>".join(escape(line) for line in playing["log"][-3:]),
        ]
        for playing in simulation.player.as_json()
    ]
    return _section("Scenarios", ("scenario", "what", "steps played", "last"), rows, empty="none under way")


def _faults(simulation: Simulation) -> str:
    rows = [_fault_row(fault) for fault in simulation.faults.listed()]
    return _section("Faults", ("fault", "hits", "where", "how", "set by"), rows, empty="none set")


def _fault_row(fault: dict[str, Any]) -> list[str]:
    known = {"id", "kind", "hits", "spent", "scenario", "instance_ids"}
    said = {name: value for name, value in fault.items() if name not in known and value not in (None, 1.0, 0)}
    where = ", ".join(fault["instance_ids"]) if fault["instance_ids"] is not None else "everywhere"
    how = ", ".join(f"{name} {_told(value)}" for name, value in said.items() if value != ["*"])
    spent = " <i>(over)</i>" if fault["spent"] else ""
    return [
        f"{escape(fault['kind'])}{spent}",
        str(fault["hits"]),
        f"<code>{escape(where)}</code>",
        escape(how),
        escape(fault["scenario"] or "hand"),
    ]


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, cast("list[object]", value)))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _limits(simulation: Simulation) -> str:
    limits = simulation.limits
    rows = [
        ["running per instance", str(limits.running_per_instance)],
        ["running per account", str(limits.running_per_account)],
        ["calls a second per login / burst", ", ".join(map(str, limits.buckets.rates)) or "not limited"],
    ]
    return _section("Limits", ("limit", "in force"), rows, empty="")


def _instances(simulation: Simulation) -> str:
    by_instance = simulation.stats.as_json()["by_instance"]
    instances = list(simulation.roster.instances.values())
    rows = [
        _instance_row(instance, by_instance.get(instance.instance_id, {}), simulation)
        for instance in instances[:_MOST_INSTANCES]
    ]
    more = len(instances) - len(rows)
    title = "Instances" + (f" (first {_MOST_INSTANCES}, {more:,} more)" if more > 0 else "")
    return _section(title, ("instance", "id", "account", "slots", *_COUNTS), rows, empty="")


def _instance_row(instance: Instance, counts: dict[str, int], simulation: Simulation) -> list[str]:
    running, room = counts.get("running", 0), simulation.limits.running_per_instance
    sandbox = " <i>sandbox</i>" if instance.sandbox else ""
    return [
        f"{escape(instance.name)}{sandbox}",
        f"<code>{instance.instance_id}</code>",
        escape(f"{instance.account.market.country} {instance.account.account_id}"),
        f"<meter min=0 max={room} value={running}></meter>",
        *(str(counts.get(name, 0) or "·") for name in _COUNTS),
    ]


def _executions(simulation: Simulation) -> str:
    newest = simulation.ledger.newest()[:_RECENT]
    heads = ("created", "instance", "workflow", "status", "took", "rows", "reason or warnings")
    return _section(
        "Executions", heads, [_execution_row(execution) for execution in newest], empty="none yet"
    )


def _execution_row(execution: Execution) -> list[str]:
    request, computed = execution.request, execution.computed
    started, finished = execution.started_at, execution.finished_at
    took = f"{(finished - started).total_seconds():.1f} s" if started and finished else ""
    notes = execution.reason or " ".join(execution.warnings)
    rows = f"{computed.row_count:,}" if computed and execution.status is Status.SUCCEEDED else ""
    return [
        f"{execution.created_at:%m-%d %H:%M:%S}",
        f"<code>{request.instance.instance_id}</code>",
        escape(request.workflow_id) + (" <i>schedule</i>" if request.scheduled else ""),
        f"<span class='state {execution.status.lower()}'>{execution.status}</span>",
        took,
        rows,
        escape(notes),
    ]


def _schedules(simulation: Simulation) -> str:
    rows = [
        [
            f"<code>{instance_id}</code>",
            escape(schedule.schedule_id),
            escape(schedule.workflow_id),
            "off" if next_at is None else f"{next_at:%Y-%m-%d %H:%M}",
        ]
        for instance_id, schedule, next_at in simulation.planned()
    ]
    return _section("Schedules", ("instance", "schedule", "workflow", "next run"), rows, empty="none")


def _audiences(simulation: Simulation) -> str:
    newest = simulation.audiences()[:_RECENT]
    heads = ("created", "instance", "audience", "for", "status", "people", "reason")
    rows = [_audience_row(audience, simulation) for audience in newest]
    return _section("Audiences", heads, rows, empty="none")


def _audience_row(audience: Audience, simulation: Simulation) -> list[str]:
    status, computed = audience.status(simulation.clock.now()), audience.run.computed
    return [
        f"{audience.created_at:%m-%d %H:%M:%S}",
        f"<code>{audience.instance_id}</code>",
        escape(audience.asked.audience_name),
        escape(f"{audience.advertiser_type} {audience.asked.advertiser_id}"),
        f"<span class='state {status.lower()}'>{status}</span>",
        f"{computed.row_count:,}" if computed else "",
        escape(audience.run.reason or ""),
    ]


def _section(title: str, heads: tuple[str, ...], rows: list[list[str]], *, empty: str) -> str:
    if not rows:
        return f"<section><h2>{title}</h2><p class=empty>{empty}</p></section>"
    head = "".join(f"<th>{name}" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<section><h2>{title}</h2><div class=scroll>{table}</div></section>"
