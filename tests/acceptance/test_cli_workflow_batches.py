"""A workflow's batch from the command line: with rules, windows and a policy, as it was previewed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.running import Running

pytestmark = pytest.mark.timeout(200)

WORKFLOW = "campaign-reach-frequency"


def told(fanfold: Running, *arguments: str) -> Any:
    """Return what a command prints as JSON."""
    ended = fanfold.cli(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_rules_windows_and_policy_run_as_they_were_previewed(healthy: Running):
    with healthy.client() as client:
        first, second = [one.instance_id for one in client.instances.list()][:2]
    rules = ("--rule", f"instance={first}: frequency_cap=3", "--rule", f"instance={second}: skip no data yet")
    asked = ("-i", first, "-i", second, *rules, "--windows", "week", "--last", "2", "--max-parallel", "1")
    asked += ("--query-source", "inline")

    seen = told(healthy, "batch", "preview", "--workflow", WORKFLOW, *asked, "--priority", "5")
    assert (seen["total_instances"], seen["total_operations"]) == (2, 2)
    assert {one["skipped"] for one in seen["instances"]} == {None, "no data yet"}
    page = healthy.cli("batch", "preview", "--workflow", WORKFLOW, *asked).stdout
    assert "frequency_cap=3" in page
    assert "2 operations on 2 instances" in page

    bound = ("batch", "run", WORKFLOW, *asked, "--as-previewed", seen["preview"])
    stale = healthy.cli(*bound, "--priority", "6")
    assert (stale.returncode, "policy" in stale.stderr) == (2, True)
    job = told(healthy, *bound, "--priority", "5", "--name", "Two weeks")
    assert (job["name"], job["status"], job["total_operations"]) == ("Two weeks", "completed", 3)
    assert (job["policy"]["priority"], job["policy"]["max_parallel"]) == (5, 1)


def test_instances_are_listed_as_batches_name_them(healthy: Running):
    with healthy.client() as client:
        known = {one.instance_id: one for one in client.instances.list()}
    assert {one["instance_id"] for one in told(healthy, "instance", "list")} == set(known)
    region = next(iter(known.values())).region
    narrowed = told(healthy, "instance", "list", f"region={region}", "sandbox=false")
    assert {one["instance_id"] for one in narrowed} == {
        one.instance_id for one in known.values() if one.region == region and not one.sandbox
    }
    page = healthy.cli("instance", "list", "q=nobody has this name").stdout
    assert "There are no such instances." in page
    refused = healthy.cli("instance", "list", "colour=red")
    assert (refused.returncode, "colour=red: give one of region" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", WORKFLOW, "--draft"),
        ("run", WORKFLOW, "-i", "x", "--skip-when", "region missing"),
        ("run", WORKFLOW, "-i", "x", "--last", "3"),
        ("run", WORKFLOW, "-i", "x", "--rule", "colour=red: a=1"),
        ("run", "--kind", "noop", "-t", "a", "--windows", "week", "--last", "3"),
        ("preview", "--workflow", WORKFLOW, "--kind", "noop"),
        ("preview",),
    ],
)
def test_what_does_not_go_together_is_refused(healthy: Running, arguments: tuple[str, ...]):
    refused = healthy.cli("batch", *arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("fanfold: ")


def test_a_filter_that_no_instance_matches_is_named(healthy: Running):
    for command in (("batch", "run", WORKFLOW), ("workflow", "sync", WORKFLOW)):
        refused = healthy.cli(*command, "--all", "tag=nowhere", "--all", "region=us-east-1")
        assert refused.stderr == "fanfold: No instance matches --all tag=nowhere --all region=us-east-1.\n"
        assert refused.returncode == 2
