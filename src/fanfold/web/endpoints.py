"""The routes of the server itself: health and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from fanfold.web.health import Health, HealthReport
from fanfold.web.metrics import Metrics

router = APIRouter(tags=["server"])


class Liveness(BaseModel):
    """This process runs."""

    status: str = "alive"


class Readiness(BaseModel):
    """Whether requests can be served."""

    status: str


@router.get("/health", responses={503: {"model": HealthReport}})
async def get_health(request: Request, response: Response) -> HealthReport:
    """Tell whether everything is well; 503 when something is not."""
    health: Health = request.app.state.services.health
    report = await health.report()
    response.status_code = 200 if report.is_healthy else 503
    return report


@router.get("/health/live")
async def get_liveness() -> Liveness:
    """Tell that this process runs; asks nobody."""
    return Liveness()


@router.get("/health/ready", responses={503: {"model": Readiness}})
async def get_readiness(request: Request, response: Response) -> Readiness:
    """Tell whether this process can serve requests: it needs the database."""
    health: Health = request.app.state.services.health
    ready = await health.database_answers()
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready")


@router.get("/metrics", include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    """Give Prometheus its metrics."""
    metrics: Metrics = request.app.state.services.metrics
    return Response(await metrics.render(), media_type=CONTENT_TYPE_LATEST)
