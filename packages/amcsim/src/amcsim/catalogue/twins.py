"""The twins of tables that audience queries read, `…_for_audiences`, and which advertisers may use them
(AMC guide, rule-based audiences).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from amcsim.catalogue import Table, available, tables

SUFFIX = "_for_audiences"
_WITHOUT_TWIN = "_snapshot"
_HIDDEN = {"dsp_impressions": {"user_behavior_segment_ids", "matched_behavior_segment_ids"}}
_WITHOUT_DEALS = {
    "dsp_clicks",
    "dsp_impressions",
    "dsp_impressions_by_matched_segments",
    "dsp_impressions_by_user_segments",
}
_DSP_ONLY = ("audience_segments_", "segment_metadata", "dsp_video_events_feed")


@cache
def twins() -> dict[str, str]:
    """Return the name of the table behind every twin: all tables have one but the snapshots."""
    return {name + SUFFIX: name for name in tables() if not name.endswith(_WITHOUT_TWIN)}


def dsp_only() -> frozenset[str]:
    """Return the twins that audiences for sponsored ads must not read."""
    return frozenset(name for name in twins() if name.startswith(_DSP_ONLY))


def twin_of(table: Table) -> Table:
    """Return the twin of *table*: the same columns but those that audiences must not be made of."""
    hidden = _HIDDEN.get(table.name, set[str]())
    columns = {name: column for name, column in table.columns.items() if name not in hidden}
    return replace(table, name=table.name + SUFFIX, columns=columns)


def twin_query(name: str) -> str:
    """Return the query that fills the twin *name*: rows of deals are not for audiences."""
    base = twins()[name]
    columns = ", ".join(f'"{column}"' for column in twin_of(tables()[base]).columns)
    condition = " WHERE deal_id IS NULL" if base in _WITHOUT_DEALS else ""
    return f'SELECT {columns}, __users FROM amc."{base}"{condition}'


@cache
def listed(
    subscriptions: tuple[str, ...], thresholds: tuple[tuple[str, str], ...] = (), *, has_dsp: bool = True
) -> Mapping[str, Table]:
    """Return what `/dataSources` shows: the tables of the instance, and every twin, subscribed or not (as
    seen live).
    """
    own = available(subscriptions, thresholds, has_dsp=has_dsp)
    bases = [base for base in twins().values() if has_dsp or not base.startswith("dsp_")]
    beside = [twin_of(own.get(base, tables()[base])) for base in bases]
    return MappingProxyType({**own, **{table.name: table for table in beside}})


@cache
def for_audiences(
    subscriptions: tuple[str, ...], advertiser_type: str, *, has_dsp: bool = True
) -> Mapping[str, Table]:
    """Return what an audience query for such an advertiser may read; a twin of a paid table needs its
    subscription (inferred).
    """
    readable = available(subscriptions, has_dsp=has_dsp)
    own = [table for name, table in readable.items() if name + SUFFIX in twins()]
    fit = [
        twin_of(table)
        for table in own
        if advertiser_type == "DISPLAY" or not table.name.startswith(_DSP_ONLY)
    ]
    return MappingProxyType({table.name: table for table in fit})
