"""Who calls, for which account, and whether the addressed instance is theirs."""

from __future__ import annotations

from starlette.requests import Request

from amcsim.errors import BadRequest, Forbidden, NotFound, TokenExpired
from amcsim.login import AccessToken
from amcsim.roster import Account, CreationStatus, Instance
from amcsim.simulation import Simulation

CLIENT_ID = "Amazon-Advertising-API-ClientId"
ADVERTISER_ID = "Amazon-Advertising-API-AdvertiserId"
MARKETPLACE_ID = "Amazon-Advertising-API-MarketplaceId"
ENTITY_ID = "Amazon-Advertising-API-EntityId"
AUDIENCE_INSTANCE = "Amazon-Marketing-Cloud-Audience-InstanceId"


def caller(simulation: Simulation, request: Request) -> AccessToken:
    """Return the caller's token; raises Unauthorized, TokenExpired, BadRequest or Forbidden."""
    try:
        token = _token(simulation, request)
    except TokenExpired as expired:
        if simulation.config.api.expired_token_status == Forbidden.status:
            raise Forbidden from expired
        raise
    client_id = request.headers.get(CLIENT_ID)
    if not client_id:
        raise BadRequest("clientId provided is null")
    if client_id != token.client_id:
        raise Forbidden
    return token


def _token(simulation: Simulation, request: Request) -> AccessToken:
    token = simulation.tokens.check(request.headers.get("Authorization"))
    if simulation.faults.token_is_expired(token.serial, addressed(simulation, request)):
        raise TokenExpired
    return token


def addressed(simulation: Simulation, request: Request) -> str | None:
    """Return the instance that a call is about, None for calls of a login or an account."""
    if "token" in request.path_params:
        return simulation.links.instance_of(request.path_params["token"])
    return request.path_params.get("instance_id") or request.headers.get(AUDIENCE_INSTANCE)


def entity(simulation: Simulation, request: Request) -> Account:
    """Return the account that the AdvertiserId and MarketplaceId headers name (the two null texts are one
    known, one inferred); a wrong entity is 403, a wrong marketplace 404.
    """
    token = caller(simulation, request)
    account_id = request.headers.get(ADVERTISER_ID)
    if not account_id:
        raise BadRequest("entityId provided is null")
    marketplace_id = request.headers.get(MARKETPLACE_ID)
    if not marketplace_id:
        raise BadRequest("marketplaceId provided is null")
    account = simulation.roster.accounts.get(account_id)
    if account is None or (token.login is not None and token.login is not account.login):
        raise Forbidden
    if marketplace_id != account.market.marketplace_id:
        raise NotFound(f"No AMC account found for entity {account_id} in marketplace {marketplace_id}.")
    return account


def own_instance(simulation: Simulation, request: Request) -> Instance:
    """Return the instance of the path if it belongs to the caller's account and is ready (that it has to be
    is inferred).
    """
    instance = _ready(simulation, listed_instance(simulation, request))
    if request.url.path.startswith("/amc/reporting/"):
        client_id = request.headers[CLIENT_ID]
        if not simulation.partner(client_id).terms_accepted:
            raise Forbidden("Terms and conditions must be accepted to continue")
    return instance


def _ready(simulation: Simulation, instance: Instance) -> Instance:
    status = instance.status(simulation.clock.now())
    if status is not CreationStatus.COMPLETED:
        raise BadRequest(f"Instance {instance.instance_id} is not ready: its creationStatus is {status}.")
    return instance


def listed_instance(simulation: Simulation, request: Request) -> Instance:
    """Return the instance of the path if it belongs to the caller's account, ready or not."""
    account = entity(simulation, request)
    instance = simulation.roster.instances.get(request.path_params["instance_id"])
    if instance is None or account.account_id not in instance.entities:
        raise Forbidden
    return instance


def audience_instance(simulation: Simulation, request: Request) -> Instance:
    """Return the instance that the headers of the audiences family name (their texts are inferred)."""
    token = caller(simulation, request)
    instance_id, entity_id = (request.headers.get(name) for name in (AUDIENCE_INSTANCE, ENTITY_ID))
    if not instance_id:
        raise BadRequest("instanceId provided is null")
    if not entity_id and simulation.config.api.audience_entity == "required":
        raise BadRequest("entityId provided is null")
    instance = simulation.roster.instances.get(instance_id)
    if instance is None:
        raise NotFound(f"No resource found for instanceId {instance_id}.")
    account = instance.account
    if entity_id not in {None, *instance.entities} or token.login not in {None, account.login}:
        raise Forbidden
    return _ready(simulation, instance)
