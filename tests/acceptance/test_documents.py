"""What the documents tell people to type exists, what they link to is there, and the examples run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from fanfold.cli.main import application
from fanfold.cli.reference import document
from fanfold.settings import all_settings
from tests.acceptance.running import Running, bare

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs/guides").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

pytestmark = pytest.mark.timeout(200)


def typed(page: Path) -> list[list[str]]:
    """The commands of a page's code blocks, word by word, without the variables in front."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    blocks = [block for language, block in fences if language in {"", "bash"}]
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [
        [word for word in line if not re.match(r"[A-Z_]+=", word) or line[0] == "make"]
        for line in lines
        if line
    ]


def test_the_command_line_reference_is_up_to_date():
    committed = (ROOT / "docs/reference/cli.md").read_text()
    assert committed == document(), "run `make gen`"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_of_a_page_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {line[1] for line in typed(page) if line[0] == "make" and len(line) > 1}
    named |= set(re.findall(r"`make ([a-z-]+)", page.read_text()))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_fanfold_command_and_flag_of_a_page_exists(page):
    commands = [line for line in typed(page) if Path(line[0]).name == "fanfold"]
    commands += [shlex.split(text) for text in re.findall(r"`(fanfold [a-z][^`]*)`", page.read_text())]
    wrong = [line for line in commands if not exists(line[1:])]
    assert wrong == []


def exists(words: list[str]) -> bool:
    """Whether the words name a command, and each flag is one of its own or a global one."""
    known = get_command(application())
    flags = {flag for parameter in known.params for flag in parameter.opts}
    path = list(words)
    while path and hasattr(known, "commands"):
        known = known.commands.get(path.pop(0))
        if known is None:
            return False
    for parameter in known.params:
        flags |= {*parameter.opts, *parameter.secondary_opts}
    return all(word.partition("=")[0] in flags for word in path if re.match(r"--?[a-z]", word))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_setting_that_a_page_names_exists(page):
    known = {variable for setting in all_settings() for variable in setting.variables}
    named = set(
        re.findall(
            r"\b(?:FANFOLD_[A-Z_]+|FERNET_KEY|AMC_USE_REAL_API|LOG_LEVEL|SENTRY_DSN)\b", page.read_text()
        )
    )
    assert named - known <= {"FANFOLD_SCREENSHOTS", "FANFOLD_INJECT"}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_of_a_page_leads_somewhere(page):
    text = page.read_text()
    links = re.findall(r"\]\(([^)#]+?)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_programs_in_the_pages_compile():
    for page in PAGES:
        for program in re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            compile(program, str(page), "exec")


@pytest.mark.parametrize("name", ["run_a_batch", "watch_and_override"])
def test_an_example_runs(healthy: Running, name):
    ended = run_example(healthy, name)
    assert ended.returncode == 0, ended.stderr
    assert {"run_a_batch": "of 12 instances", "watch_and_override": "as it was told"}[name] in ended.stdout


def test_the_example_of_credentials_runs_against_the_simulator(healthy: Running):
    with healthy.simulator() as simulator:
        simulated = simulator.get("/_sim/instances").json()["instances"][0]
    login = {f"AMC_{name.upper()}": text for name, text in simulated["credentials"].items()}
    ended = run_example(
        healthy,
        "connect_amc",
        simulated["region"],
        str(ROOT / "examples/instances.csv"),
        **login,
        AMC_BASE_URL=simulated["apiUrl"],
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "added Example US - First brand" in ended.stdout
    with healthy.client() as client:
        (added,) = client.instances.list(q="amcexample1")
        assert added.brands == ("First brand", "Second brand")
        client.instances.delete(added.id)
        (connection,) = (one for one in client.connections.list() if one.name.startswith("My AMC"))
        client.connections.delete(connection.id)


def test_every_example_is_run_by_a_test():
    programs = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert programs == {"run_a_batch", "watch_and_override", "connect_amc"}


def run_example(
    running: Running, name: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    given = {"FANFOLD_URL": running.url, "FANFOLD_TOKEN": str(running.ready["token"]), **environment}
    return subprocess.run(
        [sys.executable, str(ROOT / f"examples/{name}.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
        cwd=os.fspath(ROOT),
        env=bare(given),
    )
