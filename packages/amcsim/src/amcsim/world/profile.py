"""What an instance advertises, and where: brands, products, campaigns, line items, creatives. Small,
plain rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from amcsim import noise
from amcsim.roster import Instance
from amcsim.world.segments import AIMS

HISTORY_DAYS = 396
MOST_EVENTS = 50_000_000
_FEWEST_EVENTS = 1_000
DSP_LINES_PER_CAMPAIGN = 2
CREATIVES_PER_LINE = 2
PRODUCTS_PER_BRAND = 8
_DSP_GOALS = (
    ("Streaming TV Awareness", "Video", "TV", "REACH"),
    ("Display Prospecting", "Display", None, "ROAS"),
    ("Display Retargeting", "Display", None, "PURCHASES"),
    ("Online Video Consideration", "Video", None, "DETAIL_PAGE_VIEWS"),
)
_SPONSORED = (
    ("SP Auto", "sponsored_products", "TARGETING_EXPRESSION_PREDEFINED"),
    ("SP Brand Keywords", "sponsored_products", "EXACT"),
    ("SP Category Keywords", "sponsored_products", "BROAD"),
    ("SB Headline", "sponsored_brands", "PHRASE"),
    ("SD Audiences", "sponsored_display", "TARGETING_EXPRESSION"),
)
_PRODUCTS = (
    "Starter Set",
    "Classic",
    "Pro",
    "Travel Size",
    "Refill Pack",
    "Gift Box",
    "Limited Edition",
    "Bundle",
)
_FIRST_CAMPAIGN = date(2023, 1, 9)
"""Before any history that is asked for begins; campaigns have no end."""
_PRICE_LEVELS = {"JPY": 150}
"""How many units of a currency buy what one buys elsewhere."""
_CPM_MILLICENTS = {"Video": (1_900, 1_700), "Display": (400, 900)}
"""The least that a line item pays for an impression, and by how much more it may be."""
_TERMS = (
    "{brand}",
    "{brand} gift",
    "best {product}",
    "{product} sale",
    "{product} reviews",
    "{product} for two",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Plain rows by table name; the position of a row in its list is its number everywhere else."""

    instance: Instance
    seed: int
    until: date
    users: int
    events: int
    brands: list[dict[str, Any]]
    products: list[dict[str, Any]]
    dsp_lines: list[dict[str, Any]]
    sponsored_lines: list[dict[str, Any]]

    @property
    def first_day(self) -> date:
        """The first day with data."""
        return self.until - timedelta(days=HISTORY_DAYS)


def build_profile(instance: Instance, *, seed: int, events: int, until: date) -> Profile:
    """Return the make-up of *instance*; the same for the same seed, whatever the day."""
    own_events = min(max(_FEWEST_EVENTS, events * instance.size_percent // 100), MOST_EVENTS)
    path = (seed, instance.ordinal)
    return Profile(
        instance=instance,
        seed=seed,
        until=until,
        users=max(300, own_events // 8),
        events=own_events,
        brands=[_brand(path, number, name) for number, name in enumerate(instance.brands)],
        products=[
            _product(instance, path, brand, number)
            for brand in range(len(instance.brands))
            for number in range(len(_PRODUCTS))
        ],
        dsp_lines=[
            line for brand in range(len(instance.brands)) for line in _dsp_lines(instance, path, brand)
        ],
        sponsored_lines=[
            line for brand in range(len(instance.brands)) for line in _sponsored_lines(instance, path, brand)
        ],
    )


def _brand(path: tuple[int, int], number: int, name: str) -> dict[str, Any]:
    return {
        "brand": name,
        "advertiser_id": _id(path, "advertiser", number),
        "entity_id": f"ENTITY{_id(path, 'entity', number)}",
    }


def _product(instance: Instance, path: tuple[int, int], brand: int, number: int) -> dict[str, Any]:
    return {
        "brand_no": brand,
        "asin": f"B0{_code(path, 8, 'asin', brand, number)}",
        "title": _PRODUCTS[number],
        "price_cents": (600 + noise.below(3_400, *path, "price", brand, number)) * _price_level(instance),
    }


def _dsp_lines(instance: Instance, path: tuple[int, int], brand: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for kind, (goal, category, device, target) in enumerate(_DSP_GOALS):
        name = f"{instance.brands[brand]} | {goal}"
        started = _FIRST_CAMPAIGN + timedelta(days=noise.below(60, *path, "start", brand, kind))
        least, more = _CPM_MILLICENTS[category]
        for number, audience in enumerate(("In-Market", "Lifestyle")):
            line_id = _id(path, "line", brand, kind, number)
            lines.append(
                {
                    "brand_no": brand,
                    "campaign": name,
                    "campaign_id": _id(path, "dsp campaign", brand, kind),
                    "campaign_start": started,
                    "campaign_budget": (50 + noise.below(200, *path, "budget", brand, kind))
                    * 1_000_000
                    * _price_level(instance),
                    "goal": target,
                    "line_item": f"{goal} - {audience}",
                    "line_item_id": line_id,
                    "line_item_type": "VIDEO" if category == "Video" else "STANDARD_DISPLAY",
                    "creative_category": category,
                    "only_device": device,
                    "aim": AIMS[kind * DSP_LINES_PER_CAMPAIGN + number],
                    "cpm_millicents": (least + noise.below(more, *path, "cpm", brand, kind, number))
                    * _price_level(instance),
                }
            )
    return lines


def _sponsored_lines(instance: Instance, path: tuple[int, int], brand: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for kind, (label, ad_product, match) in enumerate(_SPONSORED):
        campaign_id = _id(path, "sponsored campaign", brand, kind)
        for number, product in enumerate(_PRODUCTS[:3]):
            names = {"brand": instance.brands[brand].lower(), "product": product.lower()}
            term = _TERMS[(kind + number) % len(_TERMS)].format(**names)
            lines.append(
                {
                    "brand_no": brand,
                    "product_no": brand * len(_PRODUCTS) + number,
                    "campaign": f"{instance.brands[brand]} - {label}",
                    "campaign_id": campaign_id,
                    "campaign_id_string": f"A{_code(path, 14, 'console', brand, kind)}",
                    "campaign_start": _FIRST_CAMPAIGN
                    + timedelta(days=noise.below(60, *path, "sp", brand, kind)),
                    "ad_group": f"{product} group",
                    "ad_group_id": _id(path, "ad group", brand, kind, number),
                    "ad_product_type": ad_product,
                    "match_type": match,
                    "targeting": term if match in {"BROAD", "PHRASE", "EXACT"} else "close-match",
                    "customer_search_term": None if ad_product == "sponsored_display" else term,
                    "portfolio_id": _id(path, "portfolio", brand),
                    "portfolio_name": f"{instance.brands[brand]} portfolio",
                    "cpc_microcents": (30 + noise.below(170, *path, "cpc", brand, kind, number))
                    * 1_000_000
                    * _price_level(instance),
                }
            )
    return lines


def _price_level(instance: Instance) -> int:
    return _PRICE_LEVELS.get(instance.account.market.currency, 1)


def _id(path: tuple[int, int], *more: noise.PathPart) -> int:
    return 100_000_000_000 + noise.below(900_000_000, *path, *more) * 997


def _code(path: tuple[int, int], length: int, *more: noise.PathPart) -> str:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(letters[noise.below(len(letters), *path, *more, position)] for position in range(length))
