"""Finds installed kinds and connectors by entry point; the built-in ones come the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from fanfold.sdk.connector import Connector
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Kind

KINDS = "fanfold.kinds"
CONNECTORS = "fanfold.connectors"


class BrokenPlugin(Exception):
    """A plug-in that is installed cannot be loaded; it is named, never silently left out."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The plug-ins of this process, by name."""

    kinds: Mapping[str, Kind]
    connectors: Mapping[str, Connector]

    def kind(self, name: str) -> Kind:
        """Return the kind; raise `BadInput` naming it and the ones there are."""
        if name not in self.kinds:
            message = f"There is no kind {name!r}; installed are: {', '.join(sorted(self.kinds))}."
            raise BadInput([Problem("/kind", message)])
        return self.kinds[name]


def load_catalog() -> Catalog:
    """Load everything installed. Raises `BrokenPlugin`."""
    return Catalog(
        kinds={name: kind for name, kind in _load(KINDS).items() if isinstance(kind, Kind)},
        connectors={name: door for name, door in _load(CONNECTORS).items() if isinstance(door, Connector)},
    )


def _load(group: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for entry in entry_points(group=group):
        try:
            found[entry.name] = entry.load()()
        except Exception as error:
            message = f"The plug-in {entry.name} ({entry.value}) cannot be loaded: {error}"
            raise BrokenPlugin(message) from error
    return found
