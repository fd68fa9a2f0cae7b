"""Amazon's marketplaces: their ids, their countries, and the region whose API serves them."""

from __future__ import annotations

from fanfold.connectors.amc.config import Region

# Amazon Ads API, "API endpoints" and "Marketplace IDs".
_IDS: dict[Region, dict[str, str]] = {
    Region.NA: {
        "ATVPDKIKX0DER": "US",
        "A2EUQ1WTGCTBG2": "CA",
        "A1AM78C64UM0Y8": "MX",
        "A2Q3Y263D00KWC": "BR",
    },
    Region.EU: {
        "A1F83G8C2ARO7P": "UK",
        "A1PA6795UKMFR9": "DE",
        "A13V1IB3VIYZZH": "FR",
        "APJ6JRA9NG5V4": "IT",
        "A1RKKUPIHCS9HS": "ES",
        "A1805IZSGTT6HS": "NL",
        "A2NODRKZP88ZB9": "SE",
        "A33AVAJ2PDY3EV": "TR",
        "A17E79C6D8DWNP": "SA",
        "A2VIGQ35RCS4UG": "AE",
        "A21TJRUUN4KGV": "IN",
    },
    Region.FE: {"A1VC38T7YXB528": "JP", "A39IBJ37TRP1C6": "AU"},
}
# The cloud regions in which each region of the API runs, as people name instances by.
HOMES = {Region.NA: "us-east-1", Region.EU: "eu-west-1", Region.FE: "us-west-2"}


def marketplaces_of(region: Region) -> tuple[str, ...]:
    """Return the ids of a region's marketplaces, the largest first."""
    return tuple(_IDS[region])


def country_of(marketplace_id: str) -> str:
    """Return the country's two letters, as Amazon writes them; empty for a marketplace not known here."""
    return next((known[marketplace_id] for known in _IDS.values() if marketplace_id in known), "")
