"""Each house rule finds what breaks it, and lets pass what does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tools.check import addresses, drivers, names, sizes, sleeps, statements, waivers
from tools.check.tree import Finding, Tree

Rule = Callable[[Tree], Iterable[Finding]]


def findings(folder: Path, rule: Rule, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(rule(Tree.of_folder(folder)))


def lines(number: int) -> str:
    return "x = 1\n" * number


def function(*, body: int = 1, parameters: str = "") -> str:
    return f"def grow({parameters}):\n" + '    """Say."""\n' + "    x = 1\n" * body


REGISTRY = "https://py" + "pi.org/simple"
HOME = "/ho" + "me/ada/fanfold"

BROKEN = [
    pytest.param(addresses.check, "README.md", f"see {REGISTRY}", id="a registry's host"),
    pytest.param(addresses.check, "ui/package-lock.json", f'"resolved": "{REGISTRY}"', id="in a lock too"),
    pytest.param(addresses.check, "Makefile", f"cp {HOME} .", id="a machine's path"),
    pytest.param(
        drivers.check, "src/fanfold/batches/service.py", "import asyncpg", id="asyncpg in a service"
    ),
    pytest.param(drivers.check, "src/fanfold/engine/a.py", "from pyarrow import Table", id="arrow in engine"),
    pytest.param(drivers.check, "src/fanfold/batches/model.py", "import fastapi", id="fastapi in a model"),
    pytest.param(
        drivers.check, "src/fanfold/kinds/noop.py", "import amcsim.world", id="simulator in product"
    ),
    pytest.param(drivers.check, "src/fanfold/kit/ids.py", "import pydantic", id="a library in kit"),
    pytest.param(drivers.check, "packages/amcsim/src/amcsim/a.py", "import fanfold.kit", id="product in sim"),
    pytest.param(names.check, "src/fanfold/utils.py", "", id="utils"),
    pytest.param(names.check, "src/fanfold/helpers/rows.py", "", id="a folder helpers"),
    pytest.param(names.check, "src/fanfold/db/pool_manager.py", "", id="a manager"),
    pytest.param(names.check, "src/fanfold/db/pool_part2.py", "", id="a second part"),
    pytest.param(sizes.check, "src/a.py", lines(600), id="a module of 600 lines"),
    pytest.param(sizes.check, "src/a.py", function(body=60), id="a function of 60 lines"),
    pytest.param(
        sizes.check, "src/a.py", function(parameters="*, a, b, c, d, e, f, g, h, i"), id="9 parameters"
    ),
    pytest.param(sizes.check, "src/a.py", function(parameters="a, b, c"), id="a third by position"),
    pytest.param(sizes.check, "src/fanfold/batches/sql/claim.sql", "--\n" * 100, id="100 lines of SQL"),
    pytest.param(sizes.check, "ui/src/app/App.tsx", "//\n" * 250, id="250 lines of TSX"),
    pytest.param(sleeps.check, "tests/unit/test_a.py", "import time\ntime.sleep(0.1)", id="time.sleep"),
    pytest.param(sleeps.check, "tests/conftest.py", "from asyncio import sleep as nap\nnap(1)", id="renamed"),
    pytest.param(sleeps.check, "tests/test_a.py", "import asyncio\nasyncio.sleep(pause)", id="a variable"),
    pytest.param(sleeps.check, "tests/test_a.py", "page.wait_for_timeout(500)", id="in the browser"),
    pytest.param(statements.check, "src/fanfold/batches/sql/a.sql", "select 1;", id="SQL without a purpose"),
    pytest.param(statements.check, "src/a.sql", "-- two\nselect 1; select 2;", id="two statements"),
    pytest.param(waivers.check, "src/a.py", "x = 1  # type: " + "ignore[misc]", id="a silenced type"),
    pytest.param(waivers.check, "src/a.py", "# pyright: " + "basic", id="a file taken out of strict"),
    pytest.param(waivers.check, "src/a.py", "x = 1  # no" + "qa: S105", id="noqa without a reason"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_rule_finds_what_breaks_it(tmp_path: Path, rule: Rule, path: str, text: str):
    found = findings(tmp_path, rule, {path: text})
    assert [str(finding.path) for finding in found if finding.fatal] == [path]


KEPT = [
    pytest.param(
        addresses.check, "README.md", "GET /workflows/{id}, var/ro" + "ot/x, /home", id="our own paths"
    ),
    pytest.param(drivers.check, "src/fanfold/batches/store.py", "import asyncpg", id="asyncpg in a store"),
    pytest.param(drivers.check, "src/fanfold/sdk/context.py", "import pyarrow", id="arrow in sdk.context"),
    pytest.param(
        drivers.check, "src/fanfold/batches/endpoints.py", "import fastapi", id="fastapi in endpoints"
    ),
    pytest.param(drivers.check, "tests/store/test_a.py", "import asyncpg", id="tests may look"),
    pytest.param(names.check, "src/fanfold/batches/store.py", "", id="a noun"),
    pytest.param(names.check, "src/fanfold/db/migrations/versions/0001_pre_2.py", "", id="a migration"),
    pytest.param(sizes.check, "src/a.py", lines(399), id="a module of 399 lines"),
    pytest.param(sizes.check, "src/a.py", function(body=29), id="a function of 29 lines"),
    pytest.param(
        sizes.check, "src/a.py", function(parameters="self, a, b, *, c, d, e, f"), id="6 parameters"
    ),
    pytest.param(sizes.check, "src/a.py", "def __exit__(self, a, b, c): ...", id="what Python calls"),
    pytest.param(sizes.check, "src/a.py", "@override\n" + function(parameters="a, b, c"), id="an override"),
    pytest.param(
        sizes.check, "src/a.py", "@router.get('/')\n" + function(parameters="a, b, c"), id="a route"
    ),
    pytest.param(
        sizes.check, "src/a.py", "@app.command()\n" + function(parameters="a, b, c"), id="a command"
    ),
    pytest.param(sizes.check, "tests/unit/test_a.py", function(parameters="a, b, c, d"), id="fixtures"),
    pytest.param(sizes.check, "ui/src/api/types.gen.ts", "// @generated\n" * 300, id="generated TypeScript"),
    pytest.param(
        sleeps.check, "tests/test_a.py", "import asyncio\nasyncio.sleep(0)", id="a yield to the loop"
    ),
    pytest.param(
        sleeps.check, "src/fanfold/kit/clock.py", "import asyncio\nasyncio.sleep(1)", id="the clock"
    ),
    pytest.param(statements.check, "src/a.sql", "-- why; and how\nselect ';' /* ; */;", id="one statement"),
    pytest.param(waivers.check, "src/a.py", "x = 'a'  # no" + "qa: S105 -- a name", id="noqa with a reason"),
    pytest.param(waivers.check, "src/a.py", "x = '# type: " + "ignore'", id="a text about comments"),
]


@pytest.mark.parametrize(("rule", "path", "text"), KEPT)
def test_a_rule_lets_pass_what_keeps_it(tmp_path: Path, rule: Rule, path: str, text: str):
    assert findings(tmp_path, rule, {path: text}) == []


def test_a_big_thing_is_named_before_it_is_refused(tmp_path: Path):
    found = findings(tmp_path, sizes.check, {"src/a.py": lines(400)})
    assert [finding.fatal for finding in found] == [False]


def test_a_long_endpoint_is_named(tmp_path: Path):
    endpoint = '@router.get("/x")\n' + function(body=12)
    found = findings(tmp_path, sizes.check, {"src/fanfold/batches/endpoints.py": endpoint})
    assert ["endpoint" in finding.message for finding in found] == [True]


def test_an_allowance_for_silenced_types_is_exact(tmp_path: Path):
    source = {"src/a.py": "x = 1  # type: " + "ignore[misc]\n"}
    for allowed, broken in ((0, 1), (1, 0), (2, 1)):
        found = findings(tmp_path, lambda tree, n=allowed: waivers.check(tree, {"src/a.py": n}), source)
        assert len(found) == broken


def test_the_checkout_lists_new_files_and_leaves_out_ignored_ones():
    tree = Tree.of_checkout(Path(__file__).parents[2])
    listed = {str(path) for path in tree.paths}
    assert "tests/unit/test_house_rules.py" in listed
    assert not any(path.startswith(".venv/") for path in listed)


def test_contributing_prints_the_limits_that_the_check_uses():
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| (.+?) \| .+? \| (\d+) \| (\d+|–) \|$", text, flags=re.MULTILINE)
    printed = {thing: (int(look), None if fail == "–" else int(fail)) for thing, look, fail in rows}
    assert printed == {
        "Python module": (sizes.PYTHON.look_again, sizes.PYTHON.fail),
        "function, docstring aside": (sizes.FUNCTION.look_again, sizes.FUNCTION.fail),
        "parameters, keyword-only from the third": (sizes.PARAMETERS.look_again, sizes.PARAMETERS.fail),
        "SQL statement": (sizes.SQL.look_again, sizes.SQL.fail),
        "endpoint body": (sizes.ENDPOINT.look_again, sizes.ENDPOINT.fail),
        "TSX or TS file, generated aside": (sizes.TYPESCRIPT.look_again, sizes.TYPESCRIPT.fail),
    }
