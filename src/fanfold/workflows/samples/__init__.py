"""Three workflows to begin with: own queries in AMC's style with declared parameters, for `--demo`.

Their SQL runs as it stands on AMC's own tables, and on the simulator's.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from uuid import UUID

from fanfold.workflows.errors import WorkflowKeyTaken
from fanfold.workflows.model import Draft, Parameter, Workflow
from fanfold.workflows.service import WorkflowService

AD_PRODUCTS = ("sponsored_products", "sponsored_brands", "sponsored_display", "dsp")


def samples() -> tuple[Draft, ...]:
    """Return the sample workflows."""
    return _reach(), _performance(), _time_to_purchase()


async def plant_samples(workflows: WorkflowService, *, user_id: UUID) -> list[Workflow]:
    """Store those samples whose keys the user has not used yet, and return all of them as they stand."""
    planted: list[Workflow] = []
    for draft in samples():
        with suppress(WorkflowKeyTaken):
            await workflows.create(draft, user_id=user_id)
        planted.append(await workflows.get(draft.key, user_id=user_id))
    return planted


def _reach() -> Draft:
    cap = Parameter(
        "frequency_cap",
        "INTEGER",
        default=10,
        description="People who saw a campaign more often than this are counted here.",
    )
    return Draft(
        key="campaign-reach-frequency",
        name="Campaign reach and frequency",
        description="How many people each display campaign reached, by how often they saw it.",
        sql_query=_query("campaign_reach_frequency"),
        parameters=(cap,),
        tags=("sample", "reach"),
    )


def _performance() -> Draft:
    ad_products = Parameter(
        "ad_products",
        "ARRAY<STRING>",
        default=list(AD_PRODUCTS),
        description="The ad products to report: " + ", ".join(AD_PRODUCTS) + ".",
    )
    return Draft(
        key="daily-performance",
        name="Daily performance by ad product",
        description="What each ad product did on each day, and what was bought because of it.",
        sql_query=_query("daily_performance"),
        parameters=(ad_products,),
        tags=("sample", "performance"),
    )


def _time_to_purchase() -> Draft:
    longest = Parameter(
        "longest_days",
        "INTEGER",
        default=14,
        description="Purchases later than this after the ad are left out.",
    )
    return Draft(
        key="time-to-purchase",
        name="Time to purchase",
        description="How many days after the ad people bought, and how many were new to the brand.",
        sql_query=_query("time_to_purchase"),
        parameters=(longest,),
        tags=("sample", "conversion"),
    )


def _query(name: str) -> str:
    text = (files("fanfold.workflows.samples") / f"{name}.sql").read_text()
    # The first line says the file's purpose, which is the workflow's description.
    return text.partition("\n")[2].strip()
