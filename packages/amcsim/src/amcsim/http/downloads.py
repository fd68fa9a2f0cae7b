"""Result files behind their links, refused the way object storage refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from amcsim.errors import ApiError
from amcsim.faults.model import ExpireLinks, TruncatedDownload
from amcsim.http.operation import drop_connection
from amcsim.simulation import Simulation

_CODES = {400: "InvalidArgument", 403: "AccessDenied", 404: "NoSuchKey"}


async def download(simulation: Simulation, request: Request) -> Response:
    """Send a result file to whoever holds its link; a request that authenticates otherwise is refused."""
    if "Authorization" in request.headers:
        return _refuse(400, "Only one auth mechanism allowed")
    try:
        link = simulation.links.find(request.path_params["token"])
        if simulation.faults.strike(ExpireLinks, link.instance_id) is not None:
            return _refuse(403, "Request has expired")
        path = simulation.links.follow(link)
    except ApiError as error:
        return _refuse(error.status, error.details)
    if simulation.faults.strike(TruncatedDownload, link.instance_id) is not None:
        return _half(request, path)
    return FileResponse(path, media_type="application/json" if path.suffix == ".json" else "text/csv")


def _half(request: Request, path: Path) -> Response:
    content = path.read_bytes()

    async def body() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        await drop_connection(request)

    return StreamingResponse(body(), media_type="text/csv", headers={"Content-Length": str(len(content))})


def _refuse(status: int, message: str) -> Response:
    body = f"<Error><Code>{_CODES[status]}</Code><Message>{escape(message)}</Message></Error>"
    return Response(body, status_code=status, media_type="application/xml")
