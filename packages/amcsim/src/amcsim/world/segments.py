"""The audience segments that people belong to: six themes, and in each at most one segment per person.

Names, ids and themes are made up; what is known of the tables is their columns, and that ids are unique
within a marketplace (AMC datasources, audience segment membership).
"""

from __future__ import annotations

from typing import Any

SEGMENTS_PER_THEME = 6
AIMS = (0, 4, 1, 5, 2, 4, 3, 5)
"""The theme that each of a brand's DSP line items is aimed at, in their order."""
FIRST_SEGMENT_ID = 41_000_017
SEGMENT_ID_STEP = 1_013
_THEMES = (
    ("In-Market", "Home", ("Kitchen", "Lighting", "Furniture", "Bedding", "Tools", "Garden")),
    ("In-Market", "Sports", ("Hiking", "Cycling", "Running", "Camping", "Yoga", "Skiing")),
    ("In-Market", "Beauty", ("Skin Care", "Hair Care", "Fragrance", "Make-up", "Shaving", "Oral Care")),
    ("In-Market", "Electronics", ("Headphones", "Chargers", "Cameras", "Smart Home", "Tablets", "Gaming")),
    ("Lifestyle", "Household", ("Pet Owners", "New Parents", "Students", "Renters", "Gardeners", "Movers")),
    ("Lifestyle", "Interests", ("Foodies", "Travelers", "Readers", "Film Fans", "Gamers", "Bargain Hunters")),
)
_PREFIXES = {"In-Market": "IM - ", "Lifestyle": "LS - "}


def segments() -> list[dict[str, Any]]:
    """Return every segment as a plain row, theme by theme."""
    return [
        {
            "theme_no": theme_no,
            "segment_id": FIRST_SEGMENT_ID + SEGMENT_ID_STEP * (theme_no * SEGMENTS_PER_THEME + place),
            "class": kind,
            "category": category,
            "segment_name": f"{_PREFIXES[kind]}{name}",
        }
        for theme_no, (kind, category, names) in enumerate(_THEMES)
        for place, name in enumerate(names)
    ]
