"""Rules that give some instances other values, or leave them out: by region, tag, brand, account.

`{"when": {"region": "eu-west-1", "tag": ["shoes", "hats"]}, "set": {"currency": "EUR"}}`: all names of
`when` must hold, and a list holds when one of its values does. Later rules win over earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from fanfold.sdk.context import Target

_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "region": ("region",),
    "tag": ("tags",),
    "brand": ("brands",),
    "account": ("account_name", "account_id"),
    "marketplace": ("marketplace_id",),
}


@dataclass(frozen=True, slots=True)
class When:
    """Which instances a rule is for; None and nothing said mean all."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By `region`, `tag`, `brand`, `account`, `marketplace` or `instance`: one of these, in any case."""
    sandbox: bool | None = None

    def holds(self, target: Target) -> bool:
        """Whether *target* is meant."""
        if self.sandbox is not None and bool(target.attributes.get("sandbox")) is not self.sandbox:
            return False
        return all(_has_one(target, noun, wanted) for noun, wanted in self.words.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the instances that it is for: other values, or a reason to leave them out."""

    when: When
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    skip: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as a request says it."""
        when: dict[str, Any] = {noun: list(words) for noun, words in self.when.words.items()}
        if self.when.sandbox is not None:
            when["sandbox"] = self.when.sandbox
        result = {"set": dict(self.values)} if self.skip is None else {"skip": self.skip}
        return {"when": when, **result}


@dataclass(frozen=True, slots=True)
class Ruled:
    """What all rules together say of one instance."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    """By name, the pointer to the rule that the value is from."""
    skip: str | None = None


def apply(rules: Sequence[Rule], target: Target) -> Ruled:
    """Return what the rules say of *target*; the first reason to leave it out counts."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for index, rule in enumerate(rules):
        if not rule.when.holds(target):
            continue
        if rule.skip is not None:
            return Ruled({}, {}, rule.skip)
        values.update(rule.values)
        origins.update(dict.fromkeys(rule.values, f"/rules/{index}/set"))
    return Ruled(values, origins)


def unused(rules: Sequence[Rule], targets: Sequence[Target]) -> list[int]:
    """Return the places of the rules that no target meets."""
    return [i for i, rule in enumerate(rules) if not any(rule.when.holds(target) for target in targets)]


def _has_one(target: Target, noun: str, wanted: Sequence[str]) -> bool:
    words = {word.casefold() for word in wanted}
    return any(word.casefold() in words for word in _words_of(target, noun) if word)


def _words_of(target: Target, noun: str) -> list[str]:
    if noun == "instance":
        return [target.key, target.name, str(target.attributes.get("instance_id") or "")]
    said: list[Any] = [target.attributes.get(attribute) for attribute in _ATTRIBUTES[noun]]
    words: list[str] = []
    for value in said:
        words.extend(map(str, cast("list[Any]", value)) if isinstance(value, list) else [str(value or "")])
    return words
