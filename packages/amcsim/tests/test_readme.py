"""The README against the code: every option, operation, control, fault and scenario, by its name."""

import re
from pathlib import Path

import pytest
import yaml

from amcsim.faults.model import FAULTS
from amcsim.flags import option_tables
from amcsim.http.routes import API, CONTROL
from amcsim.scenarios.library import read_scenario, shipped

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("title", option_tables())
def test_a_table_of_options_is_what_the_command_prints(title):
    start = f"<!-- {title}: written by `amcsim options` -->"
    between = README.split(start)[1].split(f"<!-- /{title} -->")[0]
    assert between.strip() == option_tables()[title]


def test_every_operation_is_named():
    assert [route.name for route in API if f"`{route.name}`" not in README] == []


def test_every_control_is_named():
    bare = {re.sub(r"\{.*", "", path) for _, path, _ in CONTROL}
    assert [path for path in bare if path not in README] == []


def test_every_fault_is_named():
    schema = FAULTS.json_schema()
    kinds = {name["properties"]["kind"]["const"] for name in schema["$defs"].values()}
    assert [kind for kind in kinds if f"| `{kind}` |" not in README] == []


def test_every_scenario_is_named_and_the_example_is_one():
    assert [scenario.name for scenario in shipped() if f"| `{scenario.name}` |" not in README] == []
    example = README.split("```yaml\n")[1].split("```")[0]
    assert read_scenario(example).name == yaml.safe_load(example)["name"]
