"""Generates the facts of one instance, a stretch of days at a time, so that memory does not grow with the
events; the facts do not depend on how long the stretches are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from amcsim.world import facts, journeys
from amcsim.world.credit import Credit
from amcsim.world.facts import Facts
from amcsim.world.profile import Profile

EVENTS_AT_A_TIME = 1_000_000
FACTS = ("dsp_event", "sponsored_event", "conversion", "person")


class FactStore(Protocol):
    """Where facts go, in their order."""

    def add(self, name: str, columns: Facts) -> None:
        """Take some rows of the fact *name*."""
        ...


def generate(profile: Profile, store: FactStore, *, at_a_time: int = EVENTS_AT_A_TIME) -> None:
    """Give every fact of *profile* to *store*, about *at_a_time* rows at once."""
    credit = Credit(profile)
    for days in _stretches(profile, at_a_time):
        dsp = facts.impressions(profile, facts.event_numbers(profile, "dsp_impressions", days=days))
        sponsored = facts.sponsored(profile, facts.event_numbers(profile, "sponsored_ads_traffic", days=days))
        strolls = facts.strolls(profile, facts.event_numbers(profile, facts.ORGANIC, days=days))
        credit.expect(journeys.after_traffic(profile, dsp, channel="dsp"))
        credit.expect(journeys.after_traffic(profile, sponsored, channel="sponsored"))
        credit.expect(journeys.without_traffic(profile, strolls))
        store.add("dsp_event", dsp)
        store.add("sponsored_event", sponsored)
        store.add("conversion", credit.advance((dsp, sponsored), end=int(days[-1]) + 1))
    for first in range(0, profile.users, at_a_time):
        numbers = np.arange(first, min(first + at_a_time, profile.users), dtype=np.uint64)
        store.add("person", facts.people(profile, numbers))


def _stretches(profile: Profile, at_a_time: int) -> Iterator[NDArray[np.int64]]:
    days = facts.days_of(profile)
    length = max(1, len(days) * at_a_time // profile.events)
    for first in range(0, len(days), length):
        yield days[first : first + length]
