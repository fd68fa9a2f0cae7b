"""The README against the code: every option, operation, control, fault and scenario by its name, every
command by running it.
"""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from amcsim import SimulatorConfig
from amcsim.faults.model import FAULTS
from amcsim.flags import option_tables
from amcsim.http.routes import API, CONTROL
from amcsim.scenarios.library import read_scenario, shipped
from amcsim.testing import running_simulator

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


def test_the_commands_run_one_after_the_other():
    """Every block for a shell, in one shell, as somebody would paste them."""
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 5
    script = "\n".join(["set -euo pipefail", *blocks]).replace("sleep 1", "true")
    config = SimulatorConfig(speed=100, events_per_instance=2_000)
    with running_simulator(config) as simulator:
        ran = subprocess.run(
            ["/bin/bash", "-c", script.replace("http://127.0.0.1:8765", simulator.url)],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        stats = httpx.get(f"{simulator.url}/_sim/stats").json()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "campaign,impressions,reach" in ran.stdout
    assert '"code":' not in ran.stdout
    assert '"error":' not in ran.stdout
    assert stats["submissions"] == 2, "one by hand, one by its schedule"


def test_the_simulator_of_the_example_in_python_can_be_reached():
    example = README.split("```python\n")[1].split("```")[0]
    reach = "import httpx; print(httpx.get(simulator.url + '/_sim/stats').json()['submissions'])"
    ran = subprocess.run(
        [sys.executable, "-c", example.replace("...", reach)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("0\n", "")
