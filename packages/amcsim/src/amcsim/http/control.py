"""What a test or a demo does to the simulator: read counts and instances, set and clear faults. No login
needed.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from amcsim.faults.model import FAULTS, Fault
from amcsim.roster import Instance
from amcsim.simulation import Simulation


async def get_stats(simulation: Simulation, _: Request) -> Response:
    """Count submissions and states: totals, by instance, by workflow."""
    simulation.advance()
    return JSONResponse(simulation.stats.as_json())


async def list_sim_instances(simulation: Simulation, request: Request) -> Response:
    """List every instance with all that a client needs to reach it."""
    origin = str(request.base_url).rstrip("/")
    shown = [_instance_json(instance, origin) for instance in simulation.roster.instances.values()]
    return JSONResponse({"instances": shown})


async def get_faults(simulation: Simulation, _: Request) -> Response:
    """List the faults that were set."""
    return JSONResponse({"faults": simulation.faults.listed()})


async def get_fault_schema(_simulation: Simulation, _: Request) -> Response:
    """Show the JSON Schema of what `POST /_sim/faults` takes."""
    return JSONResponse(FAULTS.json_schema())


async def set_faults(simulation: Simulation, request: Request) -> Response:
    """Set one fault or a list of them; nothing is set when one of them is wrong."""
    raw = (await request.body()).strip()
    try:
        faults = FAULTS.validate_json(raw if raw.startswith(b"[") else b"[" + raw + b"]")
    except ValidationError as error:
        problems = [
            {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "message": item["msg"]}
            for item in error.errors(include_url=False)
        ]
        return JSONResponse({"error": "The fault is not valid.", "errors": problems}, status_code=400)
    unknown = sorted(
        {name for fault in faults for name in fault.instance_ids or ()} - set(simulation.roster.instances)
    )
    if unknown:
        return JSONResponse({"error": f"Unknown instances: {', '.join(unknown)}"}, status_code=400)
    return JSONResponse({"faults": [_set(simulation, fault) for fault in faults]}, status_code=201)


async def clear_faults(simulation: Simulation, request: Request) -> Response:
    """Clear faults: all of them, or those of `instance_id`, of `kind`, or of the id in the path."""
    cleared = simulation.faults.clear(
        fault_id=request.path_params.get("fault_id"),
        instance_id=request.query_params.get("instance_id"),
        kind=request.query_params.get("kind"),
    )
    if "fault_id" in request.path_params and not cleared:
        return JSONResponse({"error": f"Unknown fault {request.path_params['fault_id']}"}, status_code=404)
    return JSONResponse({"cleared": cleared})


def _set(simulation: Simulation, fault: Fault) -> dict[str, Any]:
    entry = simulation.faults.add(fault, token_serial=simulation.tokens.last_serial)
    return entry.as_json(simulation.clock.now())


def _instance_json(instance: Instance, origin: str) -> dict[str, Any]:
    account, market = instance.account, instance.account.market
    return {
        "instanceId": instance.instance_id,
        "name": instance.name,
        "region": market.region,
        "awsRegion": market.aws_region,
        "accountId": account.account_id,
        "accountName": account.name,
        "marketplaceId": market.marketplace_id,
        "marketplace": market.country,
        "currency": market.currency,
        "timezone": market.timezone,
        "brands": list(instance.brands),
        "sandbox": instance.sandbox,
        "apiUrl": origin,
        "tokenUrl": f"{origin}/auth/o2/token",
        "credentials": {
            "client_id": account.login.client_id,
            "client_secret": account.login.client_secret,
            "refresh_token": account.login.refresh_token,
        },
    }
