"""Discovery and checks of a login on answers laid out by hand: no access, faults, pauses, doubles."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from fanfold.connectors.amc.config import Region
from fanfold.connectors.amc.marketplaces import HOMES, country_of, marketplaces_of
from fanfold.sdk.discovery import Access, AccountAddress
from fanfold.sdk.errors import Cause
from tests.unit.test_amc_client import Amazon, client_of, ok

US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
MINUTE = timedelta(minutes=1)
HERE = {"instance_id": "amcone", "account_id": "ENTITY1", "marketplace_id": US}


def accounts(*ids):
    listed = [{"accountId": each, "accountName": each.title(), "marketplaceId": US} for each in ids]
    return ok({"amcAccounts": listed})


def instances(*ids, **fields):
    return ok({"instances": [{"instanceId": each, "instanceName": each.upper(), **fields} for each in ids]})


def refused(status, text="Unauthorized request.", **headers):
    return httpx.Response(status, json={"code": str(status), "details": text}, headers=headers)


async def discovered(answers, *also, clock=None, within=MINUTE, pauses=None):
    amazon = Amazon(answers)
    async with client_of(amazon, clock=clock, pauses=pauses) as client:
        found = await client.discover(also, within=within)
    assert not amazon.answers
    return found, amazon


async def test_an_instance_that_two_accounts_show_is_found_once_with_both_owners():
    found, _ = await discovered(
        [accounts("ENTITY1", "ENTITY2"), instances("amcone", "amctwo"), instances("amctwo")]
    )

    owners = {each.instance_id: [owner.account_id for owner in each.owners] for each in found.instances}
    assert owners == {"amcone": ["ENTITY1"], "amctwo": ["ENTITY1", "ENTITY2"]}
    assert [each.instance_count for each in found.accounts] == [2, 1]


@pytest.mark.parametrize("status", [401, 404, 403])
async def test_no_access_is_an_answer_and_stops_no_other_account(status):
    # A refusal that might be the token's is asked once more with a new one.
    again = 2 if status in {401, 403} else 1
    found, _ = await discovered(
        [accounts("ENTITY1", "ENTITY2"), *[refused(status) for _ in range(again)], instances("amctwo")]
    )

    assert [each.access for each in found.accounts] == [Access.NO_ACCESS, Access.LISTED]
    assert found.accounts[0].trouble.cause is Cause.NO_ACCESS
    assert [each.instance_id for each in found.instances] == ["amctwo"]


async def test_a_fault_is_told_apart_from_no_access_with_the_id_of_the_call():
    down = [httpx.Response(500, json={"message": "boom"}, headers={"x-amz-rid": "RID9"}) for _ in range(3)]
    found, _ = await discovered([accounts("ENTITY1", "ENTITY2"), *down, instances("amctwo")])

    trouble = found.accounts[0].trouble
    assert found.accounts[0].access is Access.FAULT
    assert (trouble.cause, trouble.request_id) == (Cause.REMOTE_FAULT, "RID9")
    assert found.accounts[1].access is Access.LISTED


async def test_terms_that_nobody_accepted_are_named():
    terms = refused(403, "Terms and conditions must be accepted to continue")
    found, _ = await discovered([accounts("ENTITY1"), terms])

    assert (found.accounts[0].access, found.accounts[0].trouble.cause) == (Access.FAULT, Cause.TERMS)


async def test_a_named_account_is_asked_beside_the_listed_ones_and_none_twice():
    found, amazon = await discovered(
        [accounts("ENTITY1"), instances("amcone"), instances("amctwo")],
        AccountAddress("ENTITY2", US),
        AccountAddress("ENTITY1", US),
        AccountAddress("ENTITY1"),
    )

    asked = [each.headers.get("amazon-advertising-api-advertiserid") for each in amazon.asked]
    assert asked == [None, "ENTITY1", "ENTITY2"]
    assert len(found.instances) == 2


async def test_an_account_without_a_marketplace_is_tried_in_each_of_its_region():
    misses = [refused(404, "not here") for _ in marketplaces_of(Region.NA)[1:]]
    found, _ = await discovered([accounts(), instances("amcone"), *misses], AccountAddress("ENTITY7"))

    assert [(each.address.marketplace_id, each.access) for each in found.accounts] == [(US, Access.LISTED)]
    assert found.instances[0].country == "US"


async def test_an_account_that_no_marketplace_knows_is_one_finding():
    misses = [refused(404, "not here") for _ in marketplaces_of(Region.NA)]
    found, _ = await discovered([accounts(), *misses], AccountAddress("ENTITY7"))

    assert [(each.address.marketplace_id, each.access) for each in found.accounts] == [("", Access.NO_ACCESS)]


async def test_a_pause_that_amazon_asks_for_is_taken_before_the_same_account():
    slept = []
    throttled = httpx.Response(429, headers={"retry-after": "7"})
    found, _ = await discovered([accounts("ENTITY1"), throttled, instances("amcone")], pauses=slept)

    assert slept == [7.0]
    assert found.accounts[0].access is Access.LISTED


async def test_accounts_behind_the_end_of_the_time_are_told_as_not_asked(clock):
    found, _ = await discovered([accounts("ENTITY1")], clock=clock, within=timedelta())

    assert found.accounts[0].access is Access.NOT_ASKED
    assert found.accounts[0].trouble.cause is Cause.TIMEOUT


async def test_a_login_that_is_refused_is_told_with_its_step():
    def amazon(_request):
        return httpx.Response(400, json={"error": "invalid_grant"}, headers={"x-amz-rid": "RID1"})

    async with client_of(amazon) as client:
        found = await client.discover([], within=MINUTE)
    assert (found.failed_step, found.trouble.cause) == ("sign_in", Cause.CREDENTIALS)
    assert "the-refresh-token" not in found.trouble.message


async def test_accounts_that_cannot_be_listed_leave_the_named_ones():
    down = [httpx.Response(503) for _ in range(3)]
    found, _ = await discovered([*down, instances("amcone")], AccountAddress("ENTITY1", US))

    assert found.failed_step == "accounts"
    assert [each.instance_id for each in found.instances] == ["amcone"]


async def test_advertiser_types_and_data_sets_become_tags():
    shown = instances(
        "amcone",
        instanceType="SANDBOX",
        customerCanonicalName="Northwind",
        advertiserTypes=["SPONSORED_ADS"],
        optionalDatasets=[{"label": "FLEXIBLE_SHOPPING_INSIGHTS"}],
    )
    found, _ = await discovered([accounts("ENTITY1"), shown])

    (instance,) = found.instances
    assert instance.tags == ("advertiser:sponsored_ads", "dataset:flexible_shopping_insights")
    assert (instance.sandbox, instance.customer, instance.home) == (True, "Northwind", "us-east-1")


def test_every_region_has_a_home_and_marketplaces_of_its_own():
    assert HOMES.keys() == set(Region)
    every = [marketplace for region in Region for marketplace in marketplaces_of(region)]
    assert len(every) == len(set(every))
    assert [country_of(each) for each in (US, CA, "nowhere")] == ["US", "CA", ""]


async def checked(answers, *addresses):
    amazon = Amazon(answers)
    async with client_of(amazon) as client:
        steps = [step async for step in client.check(addresses)]
    assert not amazon.answers
    return [(step.step, step.subject, step.trouble.cause if step.trouble else None) for step in steps], steps


async def test_a_check_walks_from_the_login_to_the_tables():
    tables = ok({"dataSources": [{"dataSourceId": "dsp_impressions"}]})
    found, steps = await checked([accounts("ENTITY1"), instances("amcone"), tables], HERE)

    assert found == [
        ("sign_in", "", None),
        ("accounts", "", None),
        ("instances", "Entity1", None),
        ("data_sources", "amcone", None),
    ]
    assert [step.detail for step in steps[1:]] == ["1 account", "1 instance", "1 table"]


async def test_a_failing_account_names_itself_and_its_instances_are_not_tried():
    found, _ = await checked([accounts(), refused(403), refused(403)], HERE)

    assert found[-1] == ("instances", "ENTITY1", Cause.NO_ACCESS)


async def test_an_account_list_that_fails_does_not_hide_the_instances():
    tables = ok({"dataSources": []})
    down = [httpx.Response(500) for _ in range(3)]
    found, _ = await checked([*down, instances("amcone"), tables], HERE)

    assert [(step, cause) for step, _, cause in found] == [
        ("sign_in", None),
        ("accounts", Cause.REMOTE_FAULT),
        ("instances", None),
        ("data_sources", None),
    ]
