"""What can be changed while the simulator runs: its speed, its clock, its limits, its scenarios."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from amcsim.scenarios.library import load_scenario, read_scenario, shipped
from amcsim.scenarios.model import LimitsChange, Scenario
from amcsim.simulation import Simulation

M = TypeVar("M", bound=BaseModel)
_LONGEST_JUMP_SECONDS = 400 * 86_400.0


class SpeedChange(BaseModel):
    """What durations are divided by from now on."""

    model_config = ConfigDict(extra="forbid")

    speed: float = Field(gt=0, le=1_000_000)


class Jump(BaseModel):
    """How far the clock moves forward."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: float = Field(gt=0, le=_LONGEST_JUMP_SECONDS)


class Named(BaseModel):
    """A scenario that is shipped."""

    model_config = ConfigDict(extra="forbid")

    name: str


async def get_speed(simulation: Simulation, _: Request) -> Response:
    """Show the speed."""
    return JSONResponse({"speed": simulation.runner.speed})


async def set_speed(simulation: Simulation, request: Request) -> Response:
    """Change the speed; what is under way goes on at it."""
    change = await _read(request, SpeedChange)
    if isinstance(change, Response):
        return change
    simulation.runner.set_speed(change.speed)
    return await get_speed(simulation, request)


async def get_clock(simulation: Simulation, _: Request) -> Response:
    """Show the simulator's time and how far it is ahead."""
    now = simulation.clock.now().isoformat()
    return JSONResponse({"now": now, "ahead_seconds": simulation.clock.ahead_seconds})


async def move_clock(simulation: Simulation, request: Request) -> Response:
    """Move the clock forward; schedules come due, tokens and links lapse, executions go on."""
    jump = await _read(request, Jump)
    if isinstance(jump, Response):
        return jump
    simulation.clock.jump(jump.advance_seconds)
    simulation.stir()
    simulation.advance()
    return await get_clock(simulation, request)


async def get_limits(simulation: Simulation, _: Request) -> Response:
    """Show the limits in force."""
    return JSONResponse(limits_json(simulation))


async def set_limits(simulation: Simulation, request: Request) -> Response:
    """Change limits; those that are not named stay."""
    change = await _read(request, LimitsChange)
    if isinstance(change, Response):
        return change
    simulation.limits.change(
        running_per_instance=change.running_per_instance,
        running_per_account=change.running_per_account,
        rates=change.parsed_rates(),
    )
    simulation.stir()
    simulation.advance()
    return await get_limits(simulation, request)


async def get_scenarios(simulation: Simulation, _: Request) -> Response:
    """List what is shipped and what is under way."""
    known = [{"name": scenario.name, "description": scenario.description} for scenario in shipped()]
    simulation.advance()
    return JSONResponse({"playing": simulation.player.as_json(), "shipped": known})


async def start_scenario(simulation: Simulation, request: Request) -> Response:
    """Start a scenario: `{"name": …}` for one that is shipped, else the whole as YAML or JSON."""
    text = (await request.body()).decode("utf-8", "replace")
    try:
        simulation.player.start(_scenario(text))
    except ValueError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse({"playing": simulation.player.as_json()}, status_code=201)


async def stop_scenario(simulation: Simulation, request: Request) -> Response:
    """Stop one scenario, or all of them, and undo what they did."""
    named = request.path_params.get("name")
    chosen = [playing["name"] for playing in simulation.player.as_json() if named in {None, playing["name"]}]
    if named is not None and not chosen:
        return JSONResponse({"error": f"Scenario {named} is not under way"}, status_code=404)
    for name in chosen:
        simulation.player.stop(name)
    return JSONResponse({"stopped": chosen})


async def get_scenario_schema(_simulation: Simulation, _: Request) -> Response:
    """Show the JSON Schema of scenarios."""
    return JSONResponse(Scenario.model_json_schema())


def limits_json(simulation: Simulation) -> dict[str, Any]:
    """Return the limits in force."""
    limits = simulation.limits
    return {
        "running_per_instance": limits.running_per_instance,
        "running_per_account": limits.running_per_account,
        "rates": [str(rate) for rate in limits.buckets.rates],
    }


def _scenario(text: str) -> Scenario:
    try:
        named = Named.model_validate_json(text)
    except ValidationError:
        return read_scenario(text)
    if named.name not in {scenario.name for scenario in shipped()}:
        raise ValueError(f"No scenario {named.name} is shipped")
    return load_scenario(named.name)


async def _read(request: Request, model: type[M]) -> M | Response:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        problems = [
            {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "message": item["msg"]}
            for item in error.errors(include_url=False)
        ]
        return JSONResponse({"error": "The body is not valid.", "errors": problems}, status_code=400)
