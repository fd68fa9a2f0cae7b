"""Where public sources disagree or leave AMC's SQL open: every such point, with the default they suggest.

Built once at the edge and passed on; hashable, because compiled queries are remembered by it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args, get_type_hints

Filtering = Literal["REMOVE_ROWS", "REMOVE_VALUES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlOptions:
    """How AMC SQL is read. Each docstring says what stands behind the default."""

    trailing_semicolon: Literal["header_only", "strip"] = "header_only"
    """Seen live: a query that ends with `;` succeeds with a header alone."""
    outer_order_by: Literal["accept", "refuse"] = "accept"
    """Documented as unsupported, seen working live; accepted with a warning."""
    undocumented_windows: Literal["accept", "refuse"] = "accept"
    """LAG, LEAD, FIRST_VALUE, LAST_VALUE: in no document; accepted with a warning."""
    intervals: Literal["accept", "refuse"] = "refuse"
    """INTERVAL literals are not in the published grammar."""
    qualify: Literal["accept", "refuse"] = "refuse"
    """QUALIFY is not in the published grammar."""
    varchar_casts: Literal["accept", "refuse"] = "accept"
    """CAST to VARCHAR is not in the published list of types."""
    similar_to: Literal["partial", "full"] = "partial"
    """Whether the expression has to match somewhere or as a whole."""
    division: Literal["double", "decimal"] = "double"
    """The type of a quotient: the guide prints short fractions, one live result was a DECIMAL(38,17)."""
    concat_null: Literal["skip", "propagate"] = "skip"
    """What CONCAT makes of a NULL argument."""
    log_base: Literal["e", "10"] = "e"
    """The base of LOG with one argument."""
    no_match: Literal["null", "empty"] = "null"
    """What REGEXP_SUBSTR returns where nothing matches."""
    literal_comparisons: Literal["documented", "direct", "derived", "off"] = "documented"
    """Which comparisons with literals are refused on HIGH and stricter. The guide: of HIGH columns
    themselves, of stricter ones also what is made from them. Or of columns alone (`direct`), or of all that
    is made from any of them.
    """
    filtering: Filtering = "REMOVE_ROWS"
    """What happens to thin rows when the request does not say; one page of the guide shows the other."""
    counted_users: Literal["effective", "distinct"] = "effective"
    """Whether a row has as many users as its thinnest metric, or as stand behind it in all."""
    empty_metrics: Literal["exempt", "filter"] = "exempt"
    """What a metric to which nobody contributes means for its row."""
    rows_without_users: Literal["filter", "keep"] = "filter"
    """Rows of user data behind which nobody stands, such as modelled conversions alone."""
    capped_user_counts: bool = True
    """Whether the user count column stops at what the row needed; the guide's example shows more."""
    overlap_budget: int | None = None
    """How often one workflow may read the same tables over overlapping windows; more of its runs fail. AMC
    has such a budget and does not publish its size; unless given there is none.
    """
    boolean_case: Literal["lower", "upper"] = "lower"
    """How result files write booleans: column docs say `true`, sample results print `TRUE`."""
    timestamp_zone: Literal["Z", "none"] = "Z"
    """Whether result files end timestamps with `Z`: the samples do, the specification's format does not."""
    thresholds: tuple[tuple[str, str], ...] = ()
    """Where a live instance differs from the documented thresholds."""

    def __post_init__(self) -> None:
        hints = get_type_hints(SqlOptions)
        for field in fields(self):
            allowed = get_args(hints[field.name])
            value = getattr(self, field.name)
            if isinstance(value, str) and value not in allowed:
                raise ValueError(f"{field.name} must be one of {', '.join(map(str, allowed))}")
        if self.overlap_budget is not None and self.overlap_budget < 1:
            raise ValueError("overlap_budget must be greater than 0")
