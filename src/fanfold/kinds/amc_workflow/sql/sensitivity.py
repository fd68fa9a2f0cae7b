"""Which columns AMC shows only in thick rows, or never (AMC developer guide, data sources and thresholds).

A compact catalogue: the columns whose class is the same wherever they occur, and the tables of the others.
An instance's own tables may use the same names freely, so only AMC's tables count.
"""

from __future__ import annotations

NEVER_SHOWN = "VERY_HIGH"
THICK_ROWS = "HIGH"

_DSP_TRAFFIC = frozenset(
    {
        "dsp_impressions",
        "dsp_clicks",
        "dsp_video_events_feed",
        "dsp_impressions_by_matched_segments",
        "dsp_impressions_by_user_segments",
    }
)
_ATTRIBUTED = frozenset(
    {"amazon_attributed_events_by_conversion_time", "amazon_attributed_events_by_traffic_time"}
)
_CONVERSIONS = frozenset({"conversions", "conversions_all", "conversions_with_relevance"})
_RETAIL = frozenset({"amazon_retail_purchases"})
_EVERYWHERE = (
    frozenset({"sponsored_ads_traffic", "dsp_views"}) | _DSP_TRAFFIC | _ATTRIBUTED | _CONVERSIONS | _RETAIL
)

_NEVER_SHOWN: dict[str, frozenset[str]] = {
    "user_id": _EVERYWHERE,
    "device_id": _DSP_TRAFFIC,
    "request_tag": _DSP_TRAFFIC | _ATTRIBUTED,
    "impression_id": frozenset({"dsp_views"}),
    "event_id": frozenset({"sponsored_ads_traffic"}) | _RETAIL,
    "traffic_event_id": _ATTRIBUTED,
    "conversion_id": _CONVERSIONS,
    "event_source": frozenset({"conversions_all"}),
    "marketplace_id": frozenset({"conversions_all"}),
    "sns_subscription_id": frozenset({"conversions_all"}),
    "origin_session_id": _RETAIL,
    "purchase_id": _RETAIL,
    "purchase_session_id": _RETAIL,
}
_THICK_ROWS: dict[str, frozenset[str]] = {
    "city_name": _DSP_TRAFFIC | _ATTRIBUTED | {"dsp_views"},
    "postal_code": _DSP_TRAFFIC | _ATTRIBUTED,
}


def sensitivity(table: str, column: str) -> str | None:
    """Return `VERY_HIGH` (INTERNAL included: the rules are the same), `HIGH`, or None for everything else."""
    name, column = table.lower().removesuffix("_for_audiences"), column.lower()
    if name.startswith("audience_segments_") and column == "user_id":
        return NEVER_SHOWN
    if name in _NEVER_SHOWN.get(column, ()):
        return NEVER_SHOWN
    return THICK_ROWS if name in _THICK_ROWS.get(column, ()) else None
