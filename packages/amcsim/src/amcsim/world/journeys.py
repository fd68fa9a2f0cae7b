"""What people do after an advertisement, or without one: search, look, put into the cart, order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from amcsim import noise
from amcsim.world.facts import NOBODY, ORGANIC, Facts
from amcsim.world.profile import PRODUCTS_PER_BRAND, Profile

STEPS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("detailPageView", "website", "consideration", "Product detail page viewed"),
    ("shoppingCart", "website", "consideration", "Add to Shopping Cart"),
    ("order", "purchase", "conversion", "Product purchased"),
    ("searchConversion", "website", None, None),
    ("brandStorePageView", "website", "consideration", "Brand store page viewed"),
    ("wishList", "website", "consideration", "add to wishlist"),
    ("snsSubscription", "website", "conversion", "New SnS Subscription"),
    ("134", "off-Amazon", "consideration", "Brand site page viewed"),
    ("140", "off-Amazon", "conversion", "Brand site purchase"),
)
"""Subtype, category, class and description of every step; its position is its number in the facts."""
ORDER = 2
_STEP_BITS = np.uint64(16)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_CHANCES = {"dsp": (30_000, 450_000), "sponsored": (20_000, 500_000)}
"""How many of a million begin a journey after an impression, and after a click."""


def after_traffic(profile: Profile, traffic: Facts, *, channel: str) -> Facts:
    """Return the conversions that *traffic* leads to."""
    draw = noise.Stream(traffic["event_no"], profile.seed, profile.instance.ordinal, f"{channel} journeys")
    clicked = traffic["clicked"]
    after_view, after_click = _CHANCES[channel]
    lured = np.where(clicked, draw.chance("after click", after_click), draw.chance("after view", after_view))
    start = np.where(clicked, traffic["click_ts"], traffic["ts"])
    return _steps(profile, channel, traffic | {"ts": start}, lured)


def without_traffic(profile: Profile, strolls: Facts) -> Facts:
    """Return the conversions of those who come by themselves."""
    return _steps(profile, ORGANIC, strolls, np.ones(len(strolls["ts"]), dtype=np.bool_))


def _steps(profile: Profile, source: str, begun: Facts, chosen: NDArray[np.bool_]) -> Facts:
    rows = np.flatnonzero(chosen & (begun["user_no"] != NOBODY))
    who = {column: begun[column][rows] for column in ("event_no", "user_no", "brand_no")}
    draw = noise.Stream(who["event_no"], profile.seed, profile.instance.ordinal, source, "steps")
    who["product_no"] = who["brand_no"] * PRODUCTS_PER_BRAND + draw.skewed("product", PRODUCTS_PER_BRAND)
    who["units"] = 1 + draw.weighted("units", [80, 14, 6])
    source_no = (*_CHANCES, ORGANIC).index(source)
    parts = [
        _step(who, step, reached, moment, source_no)
        for step, (reached, moment) in enumerate(_moments(draw, begun["ts"][rows]))
    ]
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def _moments(
    draw: noise.Stream, start: NDArray[np.int64]
) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """Return who gets to each step, and when, in the order of STEPS."""
    # crowds close to the advertisement and thins out over two weeks
    viewed = start + draw.skewed("until view", 14 * 86_400, power=5) * _SECOND
    carted = viewed + (60 + draw.skewed("until cart", 86_400, power=3)) * _SECOND
    ordered = carted + (60 + draw.skewed("until order", 2 * 86_400, power=3)) * _SECOND
    to_cart = draw.chance("cart", 420_000)
    to_order = to_cart & draw.chance("order", 520_000)
    away = draw.chance("own shop", 50_000)
    return [
        (np.ones(len(start), dtype=np.bool_), viewed),
        (to_cart, carted),
        (to_order, ordered),
        (draw.chance("search", 120_000), start + (viewed - start) // 2),
        (draw.chance("store", 90_000), viewed + _MINUTE),
        (draw.chance("wish", 60_000), viewed + 2 * _MINUTE),
        (to_order & draw.chance("subscribe", 80_000), ordered),
        (away, viewed + 30 * _MINUTE),
        (away & draw.chance("own shop order", 250_000), viewed + 45 * _MINUTE),
    ]


def _step(
    who: Facts, step: int, reached: NDArray[np.bool_], moment: NDArray[np.int64], source_no: int
) -> dict[str, NDArray[Any]]:
    part = {column: values[reached] for column, values in who.items()}
    numbers = (part.pop("event_no") * _STEP_BITS + np.uint64(step)) * np.uint64(3) + np.uint64(source_no)
    return part | {
        "conversion_no": numbers.astype(np.int64),
        "step_no": np.full(len(numbers), step, dtype=np.int64),
        "ts": moment[reached],
    }
