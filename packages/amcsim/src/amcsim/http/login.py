"""Login with Amazon: the consent page that says yes at once, and the token endpoint."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from amcsim.faults.model import RefuseLogin
from amcsim.http.answers import answer
from amcsim.limits import Traffic
from amcsim.login import AccessToken, TokenRefused
from amcsim.simulation import Simulation

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def authorize(simulation: Simulation, request: Request) -> Response:
    """Send the browser back with a code, as if somebody had consented."""
    query = request.query_params
    target = query.get("redirect_uri", "")
    try:
        code = simulation.tokens.consent(
            client_id=query.get("client_id", ""),
            redirect_uri=target,
            scope=query.get("scope", ""),
            response_type=query.get("response_type", ""),
        )
    except TokenRefused as refused:
        return _refused(refused)
    state = {"state": query["state"]} if "state" in query else {}
    return RedirectResponse(_with(target, {"code": code, "scope": query["scope"], **state}), 302)


async def get_token(simulation: Simulation, request: Request) -> Response:
    """Exchange a refresh token or an authorization code for an access token; form or JSON body."""
    try:
        _strike(simulation)
        fields = await _token_fields(request)
        simulation.take_token(fields.get("client_id", ""), Traffic.TOKENS)
        token, refresh_token = _exchange(simulation, fields)
    except TokenRefused as refused:
        return _refused(refused)
    body = {
        "access_token": token.value,
        "refresh_token": refresh_token,
        "token_type": "bearer",
        "expires_in": simulation.tokens.lifetime_seconds,
    }
    return answer(body, headers=_NO_STORE)


def _strike(simulation: Simulation) -> None:
    fault = simulation.faults.strike(RefuseLogin, None)
    if fault is not None:
        raise TokenRefused(fault.error, fault.description, status=fault.status)


def _refused(refused: TokenRefused) -> Response:
    body = {"error": refused.error, "error_description": refused.description}
    return answer(body, status=refused.status, headers=_NO_STORE)


async def _token_fields(request: Request) -> dict[str, str]:
    if "json" in request.headers.get("Content-Type", ""):
        try:
            fields: Any = json.loads(await request.body())
        except ValueError as error:
            raise TokenRefused("invalid_request", "The request body is not valid JSON") from error
        if not isinstance(fields, dict):
            raise TokenRefused("invalid_request", "The request body is not an object")
        return {str(name): str(value) for name, value in cast("dict[str, object]", fields).items()}
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _exchange(simulation: Simulation, fields: dict[str, str]) -> tuple[AccessToken, str]:
    client = {"client_id": fields.get("client_id", ""), "client_secret": fields.get("client_secret", "")}
    match _needed(fields, "grant_type"):
        case "refresh_token":
            refresh_token = _needed(fields, "refresh_token")
            return simulation.tokens.refresh(**client, refresh_token=refresh_token), refresh_token
        case "authorization_code":
            code, redirect_uri = _needed(fields, "code"), fields.get("redirect_uri", "")
            return simulation.tokens.redeem(**client, code=code, redirect_uri=redirect_uri)
        case _:
            raise TokenRefused("unsupported_grant_type", "The authorization grant type is not supported")


def _needed(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise TokenRefused("invalid_request", f"The request is missing a required parameter : {name}")
    return fields[name]


def _with(url: str, fields: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query), *fields.items()])
    return urlunsplit(parts._replace(query=query))
