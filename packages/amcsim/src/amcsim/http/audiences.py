"""Rule-based and lookalike audiences of one instance (AMC rule-based audiences API)."""

from __future__ import annotations

import re
import uuid

from starlette.requests import Request
from starlette.responses import Response

from amcsim.audiences.book import AudienceBook
from amcsim.audiences.model import (
    AdvertiserType,
    AudienceQuery,
    AudienceRequest,
    AudienceUpdate,
    LookalikeRequest,
)
from amcsim.errors import BadRequest
from amcsim.http.answers import answer, emptied, page_of, read_body, vendor
from amcsim.http.gate import audience_instance
from amcsim.roster import Instance
from amcsim.simulation import Simulation
from amcsim.workflows import Workflow

NOUN = "amcquerybasedaudience"
_NEWEST = 2
_MINOR = re.compile(rf"application/vnd\.{NOUN}\.v1(?:\.(\d+))?\+json")


async def list_audiences(simulation: Simulation, request: Request) -> Response:
    """List the audiences of the instance in the headers, newest first."""
    book = _book(simulation, request)
    now, minor = simulation.clock.now(), _minor(request)
    body = page_of(
        simulation,
        request,
        things=book.listed(),
        name="executionMetadata",
        show=lambda audience: audience.as_json(now, minor=minor),
        limit="maxResults",
    )
    return answer(body, headers=_labelled(minor))


async def create_audience(simulation: Simulation, request: Request) -> Response:
    """Begin to make an audience."""
    instance = audience_instance(simulation, request)
    asked = await read_body(simulation, request, model=AudienceRequest)
    return _create(simulation, instance, asked, "Successfully started the simple audience creation workflow!")


async def create_lookalike(simulation: Simulation, request: Request) -> Response:
    """Begin to make an audience of people who are like those of a query."""
    instance = audience_instance(simulation, request)
    asked = await read_body(simulation, request, model=LookalikeRequest)
    return _create(simulation, instance, asked, "Successfully started the audience creation workflow!")


async def get_audience(simulation: Simulation, request: Request) -> Response:
    """Show one audience."""
    audience = _book(simulation, request).get(request.path_params["audience_id"])
    minor = _minor(request)
    return answer(audience.as_json(simulation.clock.now(), minor=minor), headers=_labelled(minor))


async def update_audience(simulation: Simulation, request: Request) -> Response:
    """Make a failed audience anew with another query or window."""
    instance = audience_instance(simulation, request)
    book = simulation.audiences_of(instance)
    audience_id = request.path_params["audience_id"]
    book.get(audience_id)
    change = await read_body(simulation, request, model=AudienceUpdate)
    workflow = _workflow(simulation, instance, change)
    book.update(audience_id, change, workflow=workflow, now=simulation.clock.now())
    told = _told(audience_id, "Successfully started the audience update workflow!")
    return answer(told, headers=_labelled(_NEWEST))


async def delete_audience(simulation: Simulation, request: Request) -> Response:
    """Remove an audience that failed or was made."""
    _book(simulation, request).delete(request.path_params["audience_id"], simulation.clock.now())
    return emptied()


def _create(
    simulation: Simulation, instance: Instance, asked: AudienceRequest | LookalikeRequest, text: str
) -> Response:
    book = simulation.audiences_of(instance)
    audience = book.same(asked) if simulation.config.api.audience_repeat == "same" else None
    if audience is None:
        audience = book.create(
            asked,
            workflow=_workflow(simulation, instance, asked),
            advertiser_type=_advertiser_type(simulation, instance, asked.advertiser_id),
            audience_id=str(uuid.uuid4()),
            now=simulation.clock.now(),
        )
    return answer(_told(audience.audience_id, text))


def _told(audience_id: str, text: str) -> dict[str, str]:
    return {
        "audienceExecutionDescription": text,
        "audienceExecutionId": audience_id,
        "status": "PENDING",
    }


def _book(simulation: Simulation, request: Request) -> AudienceBook:
    return simulation.audiences_of(audience_instance(simulation, request))


def _workflow(simulation: Simulation, instance: Instance, asked: AudienceQuery) -> Workflow:
    if asked.query is not None:
        inline = {"sqlQuery": asked.query, "inputParameters": asked.input_parameters}
        return Workflow.model_validate(inline).checked()
    missing = simulation.config.api.unknown_workflow_status
    return simulation.workflows_of(instance).get(asked.workflow_id or "", missing_status=missing)


def _advertiser_type(simulation: Simulation, instance: Instance, advertiser_id: str) -> AdvertiserType:
    for advertiser in simulation.advertisers_of(instance).listed():
        if advertiser["id"] == advertiser_id:
            return "DISPLAY" if advertiser["type"] == "DISPLAY" else "SPONSORED_ADS"
    raise BadRequest(f"advertiserId {advertiser_id} is no advertiser of instance {instance.instance_id}")


def _minor(request: Request) -> int:
    """Return the version 1.x that the caller accepts: the newest unless it names one."""
    found = _MINOR.search(request.headers.get("Accept", "").lower())
    return _NEWEST if found is None else min(int(found[1] or 0), _NEWEST)


def _labelled(minor: int) -> dict[str, str]:
    plain = vendor(NOUN)
    return {"Content-Type": plain if minor == 0 else plain.replace(".v1+", f".v1.{minor}+")}
