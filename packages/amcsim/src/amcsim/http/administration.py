"""Instances that come and go, their advertisers, their collaboration (AMC administration API)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from amcsim.advertisers import AdvertiserChange
from amcsim.errors import NotFound
from amcsim.http.answers import answer, emptied, page_of, read_body
from amcsim.http.discovery import instance_json
from amcsim.http.gate import entity, listed_instance, own_instance
from amcsim.instances import CustomerAwsAccount, InstanceChange, InstanceRequest
from amcsim.simulation import Simulation

_LINK = (
    "https://console.aws.amazon.com/cloudformation/home?region={region}#/stacks/quickcreate"
    "?stackName=amc-{instance}&param_BucketName={bucket}"
)


async def create_instance(simulation: Simulation, request: Request) -> Response:
    """Begin to create an instance."""
    account = entity(simulation, request)
    asked = await read_body(simulation, request, model=InstanceRequest)
    now = simulation.clock.now()
    return answer({"instance": instance_json(simulation.instances.create(account, asked, now=now), now)})


async def update_instance(simulation: Simulation, request: Request) -> Response:
    """Change the names of an instance or its bucket."""
    instance = listed_instance(simulation, request)
    change = await read_body(simulation, request, model=InstanceChange)
    changed = simulation.instances.update(instance, change)
    return answer({"instance": instance_json(changed, simulation.clock.now())})


async def delete_instance(simulation: Simulation, request: Request) -> Response:
    """Remove an instance and all that it holds."""
    simulation.delete(listed_instance(simulation, request))
    return emptied()


async def link_aws_account(simulation: Simulation, request: Request) -> Response:
    """Link a bucket the deprecated way; the link creates nothing."""
    instance = own_instance(simulation, request)
    asked = await read_body(simulation, request, model=CustomerAwsAccount)
    simulation.instances.link(instance, asked)
    region = instance.account.market.aws_region
    url = _LINK.format(region=region, instance=instance.instance_id, bucket=asked.bucket_name)
    return answer({"cfnBucketUrl": url})


async def list_advertisers(simulation: Simulation, request: Request) -> Response:
    """List the advertisers whose data the instance holds, those of one type when asked for."""
    book = simulation.advertisers_of(own_instance(simulation, request))
    wanted = request.query_params.get("type")
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
