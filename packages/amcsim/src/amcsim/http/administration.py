"""Advertisers of an instance, changes to them, and its collaboration (AMC administration API)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from amcsim.advertisers import AdvertiserChange
from amcsim.errors import NotFound
from amcsim.http.answers import answer, page_of, read_body
from amcsim.http.gate import own_instance
from amcsim.simulation import Simulation


async def list_advertisers(simulation: Simulation, request: Request) -> Response:
    """List the advertisers whose data the instance holds, those of one type when asked for."""
    book = simulation.advertisers_of(own_instance(simulation, request))
    wanted = request.query_params.get("advertiserType")
    listed = [shown for shown in book.listed() if wanted in {None, "", shown["type"]}]
    body = page_of(simulation, request, things=listed, name="advertisers", show=lambda shown: shown)
    return answer(body | {"totalCount": len(listed)})


async def list_updates(simulation: Simulation, request: Request) -> Response:
    """List what was asked to change, newest first."""
    book = simulation.advertisers_of(own_instance(simulation, request))
    return answer(
        page_of(
            simulation,
            request,
            things=book.updates(),
            name="advertiserUpdates",
            show=lambda update: {"updateId": update.update_id, "status": update.status},
        )
    )


async def create_update(simulation: Simulation, request: Request) -> Response:
    """Ask for advertisers to be added and removed; the data of the instance do not change with it."""
    book = simulation.advertisers_of(own_instance(simulation, request))
    change = await read_body(simulation, request, model=AdvertiserChange)
    return answer({"advertiserUpdate": book.ask(change).as_json()})


async def get_update(simulation: Simulation, request: Request) -> Response:
    """Show one change and how far it is."""
    book = simulation.advertisers_of(own_instance(simulation, request))
    return answer({"advertiserUpdate": book.update(request.path_params["update_id"]).as_json()})


async def get_collaboration(simulation: Simulation, request: Request) -> Response:
    """Refuse, because no simulated instance is backed by Clean Rooms."""
    instance = own_instance(simulation, request)
    raise NotFound(f"Instance {instance.instance_id} is not backed by AWS Clean Rooms.")
