"""The benchmark programs' command line and arithmetic; the figures themselves are no test's business."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import figures
from benchmarks.figures import Figure, Measurement
from benchmarks.form import Form

FOLDER = Path(program.__file__).parent


def test_all_run_in_their_short_form_and_named_ones_in_full():
    assert program.asked([]) == (program.known(), Form.SHORT, False)
    assert program.asked(["p1_drain", "--keep"]) == (["p1_drain"], Form.FULL, True)
    assert program.asked(["p1_drain", "--trial"]) == (["p1_drain"], Form.TRIAL, False)
    assert program.asked(["--full"])[1] is Form.FULL


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["p0_nothing"], "there is no measurement p0_nothing"), (["--trial", "--keep"], "not kept")],
)
def test_what_makes_no_sense_is_refused(arguments, told, capsys):
    with pytest.raises(SystemExit):
        program.asked(arguments)

    assert told in capsys.readouterr().err


def test_measurements_run_in_the_order_of_their_promises():
    numbers = [int(name.split("_")[0][1:]) for name in program.known()[:-1]]

    assert numbers == sorted(numbers)
    assert program.known()[-1] == "driver_choice"


@pytest.mark.parametrize("name", program.known())
def test_every_measurement_takes_a_form(name):
    # Read and not imported: the peers are not installed where the tests run.
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    measures = [
        node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == "measure"
    ]

    assert [[argument.arg for argument in measure.args.args] for measure in measures] == [["form"]]
    assert "form.of(" in ast.unparse(measures[0])


def test_a_form_chooses_its_size():
    assert [form.of(full=3, short=2, trial=1) for form in Form] == [3, 2, 1]


@pytest.mark.parametrize(("more_is_better", "ratio"), [(True, 2.0), (False, 0.5)])
def test_a_ratio_above_one_means_that_we_are_better(more_is_better, ratio):
    ours, theirs = Figure("us", "x", 10, "s"), Figure("them", "x", 5, "s")

    filled = figures.ratios([ours, theirs], us="us", more_is_better=more_is_better)

    assert [figure.ratio for figure in filled] == [None, ratio]


def test_a_figure_that_we_do_not_have_gets_no_ratio():
    filled = figures.ratios([Figure("them", "y", 5, "s")], us="us", more_is_better=True)

    assert filled[0].ratio is None


def test_percentiles_are_values_that_were_seen():
    assert figures.percentile([3, 1, 2, 4], 0.5) == 3
    assert figures.percentile([1], 0.95) == 1


def test_what_is_kept_names_its_form_and_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "RESULTS", tmp_path / "RESULTS.md")
    measurement = Measurement("P0", "fast", [Figure("us", "x", 1234.5, "s", 2.0)], "A remark.")

    figures.keep([measurement], Form.SHORT)
    figures.keep([measurement], Form.FULL)

    text = (tmp_path / "RESULTS.md").read_text()
    assert text.count("| us | x | 1,234 s | 2.00× |") == text.count("A remark.") == 2
    assert text.count("UTC, short form\n") == 1
    assert text.count(" cores, ") == 2
