"""Terms, connections and audiences of an advertiser's own people (AMC advertiser audiences API); the login
alone says whose they are.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from amcsim.audiences.partners import (
    Connection,
    Members,
    MetadataChange,
    OwnAudience,
    PartnerBook,
    TermsAnswer,
)
from amcsim.errors import NotFound
from amcsim.http.answers import answer, emptied, flag, read_body
from amcsim.http.gate import caller
from amcsim.simulation import Simulation


async def get_terms(simulation: Simulation, request: Request) -> Response:
    """Show the terms and whether they are accepted."""
    return answer(_book(simulation, request).terms())


async def set_terms(simulation: Simulation, request: Request) -> Response:
    """Accept the terms, or take that back."""
    book = _book(simulation, request)
    book.answer_terms(await read_body(simulation, request, model=TermsAnswer))
    return emptied()


async def list_connections(simulation: Simulation, request: Request) -> Response:
    """List the connections, one, or the default one."""
    book = _book(simulation, request)
    query = request.query_params
    listed = book.connections(query.get("connectionId"), default_only=flag(query, "isDefault"))
    return answer({"connections": listed})


async def add_connection(simulation: Simulation, request: Request) -> Response:
    """Keep a connection."""
    book = _book(simulation, request)
    asked = await read_body(simulation, request, model=Connection)
    return answer({"connectionId": book.connect(asked, simulation.clock.now())}, status=201)


async def remove_connection(simulation: Simulation, request: Request) -> Response:
    """Forget one connection, or all."""
    _book(simulation, request).disconnect(request.query_params.get("connectionId"))
    return emptied()


async def create_metadata(simulation: Simulation, request: Request) -> Response:
    """Create an audience without anybody in it."""
    book = _book(simulation, request)
    return answer(book.create(await read_body(simulation, request, model=OwnAudience)), status=201)


async def get_metadata(simulation: Simulation, request: Request) -> Response:
    """Show an audience and its size."""
    return answer(_book(simulation, request).shown(_number(request)))


async def update_metadata(simulation: Simulation, request: Request) -> Response:
    """Change what is told of an audience."""
    book = _book(simulation, request)
    number = _number(request)
    book.shown(number)
    return answer(book.change(number, await read_body(simulation, request, model=MetadataChange)))


async def manage_members(simulation: Simulation, request: Request) -> Response:
    """Add members to an audience and take others out."""
    book = _book(simulation, request)
    asked = await read_body(simulation, request, model=Members)
    return answer({"jobRequestId": book.manage(asked, simulation.clock.now())}, status=202)


async def get_job(simulation: Simulation, request: Request) -> Response:
    """Show how far a change of members is."""
    book = _book(simulation, request)
    return answer(book.job(request.path_params["job_id"], simulation.clock.now()))


def _book(simulation: Simulation, request: Request) -> PartnerBook:
    return simulation.partner(caller(simulation, request).client_id)


def _number(request: Request) -> int:
    text = request.path_params["audience_number"]
    if not text.isdecimal():
        raise NotFound(f"Audience {text} does not exist")
    return int(text)
