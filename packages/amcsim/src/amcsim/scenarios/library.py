"""The scenarios that are shipped, and reading one from text or a file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from amcsim.scenarios.model import Scenario


def read_scenario(text: str, *, source: str = "the scenario") -> Scenario:
    """Return the scenario of a YAML or JSON *text*; raises ValueError that names the first wrong place."""
    try:
        return Scenario.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError(f"{source} is neither YAML nor JSON: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise ValueError(f"{source} is not valid at /{place}: {first['msg']}") from error


def shipped() -> tuple[Scenario, ...]:
    """Return what is shipped, by name."""
    folder = files("amcsim.scenarios") / "shipped"
    found = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    scenarios = [read_scenario(file.read_text(encoding="utf-8"), source=file.name) for file in found]
    return tuple(sorted(scenarios, key=lambda scenario: scenario.name))


def load_scenario(named: str) -> Scenario:
    """Return the shipped scenario of that name, or the one in that file; raises ValueError, OSError."""
    known = {scenario.name: scenario for scenario in shipped()}
    if named in known:
        return known[named]
    path = Path(named)
    if not path.is_file():
        raise ValueError(f"'{named}' is neither a file nor one of {', '.join(known)}")
    return read_scenario(path.read_text(encoding="utf-8"), source=named)
