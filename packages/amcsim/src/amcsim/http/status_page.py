"""One plain page for people: no script, no style sheet, reloads itself."""

from __future__ import annotations

from html import escape

from amcsim.simulation import Simulation

_COUNTS = ("submissions", "pending", "running", "succeeded", "failed", "rejected", "cancelled", "throttled")


def render(simulation: Simulation) -> str:
    """Return the page."""
    stats = simulation.stats.as_json()
    by_instance = stats["by_instance"]
    rows = "".join(
        f"<tr><td>{escape(instance.name)}</td><td><code>{instance.instance_id}</code></td>"
        + "".join(f"<td>{by_instance.get(instance.instance_id, {}).get(name, 0)}</td>" for name in _COUNTS)
        + "</tr>"
        for instance in simulation.roster.instances.values()
    )
    faults = "".join(f"<li><code>{escape(str(entry))}</code></li>" for entry in simulation.faults.listed())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
        "<title>amcsim</title><h1>AMC simulator</h1><table border=1 cellpadding=4><tr><th>Instance<th>Id"
        + "".join(f"<th>{name}" for name in _COUNTS)
        + f"</tr>{rows}<tr><th colspan=2>Total"
        + "".join(f"<th>{stats[name]}" for name in _COUNTS)
        + f"</tr></table><h2>Faults</h2><ul>{faults or '<li>none</li>'}</ul></html>"
    )
