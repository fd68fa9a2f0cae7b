"""Every option is reachable by a flag and by the environment, and documented."""

import argparse
from pathlib import Path

import pytest

from amcsim.choices import choices
from amcsim.cli import main
from amcsim.config import SimulatorConfig
from amcsim.flags import add_flags, config_of, flags
from amcsim.limits import Rate
from amcsim.options import ApiOptions
from amcsim.sql.options import SqlOptions


def _given(*arguments):
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return vars(parser.parse_args(arguments))


def test_every_option_has_a_flag_of_its_own_and_says_what_it_is():
    known = [*choices(SimulatorConfig), *choices(ApiOptions), *choices(SqlOptions)]
    names = {choice.name for choice in known} - {"api", "sql"}
    assert {flag.choice.name for flag in flags()} == names
    assert len({flag.word for flag in flags()}) == len({flag.variable for flag in flags()}) == len(names)
    assert [flag.word for flag in flags() if not flag.choice.text] == []


@pytest.mark.parametrize("flag", flags(), ids=lambda flag: flag.word)
def test_an_option_comes_by_flag_and_by_variable(flag):
    text = next((value for value in flag.choice.allowed if value != flag.choice.default), None)
    if text is None:
        special = {
            "rates": "reads=1/2",
            "thresholds": "conversions.event_type=HIGH",
            "data_until": "2026-01-31",
            "data_folder": "kept",
            "scenario": "mixed",
        }
        text = special.get(flag.choice.name) or ("off" if flag.choice.default is True else "on")
        text = text if flag.switch or flag.choice.name in special else "3"
    expected = flag.parse(str(text))
    assert expected != flag.choice.default
    word = f"--{'' if expected else 'no-'}{flag.word}" if flag.switch else f"--{flag.word}={text}"
    for config in (config_of(_given(word), {}), config_of({}, {flag.variable: str(text)})):
        owner = config if not flag.section else getattr(config, flag.section)
        assert getattr(owner, flag.choice.name) == expected


def test_flags_win_over_the_environment_and_defaults_are_those_of_the_classes():
    assert config_of(_given("--speed", "9"), {"AMCSIM_SPEED": "5"}).speed == 9
    assert config_of({}, {"AMCSIM_SPEED": "5", "AMCSIM_SEED": ""}).speed == 5
    assert config_of({}, {}) == SimulatorConfig()


def test_lists_are_written_with_commas():
    config = config_of({}, {"AMCSIM_RATES": "reads=10/20, creates=0.5/1"})
    assert config.rates == (Rate.parse("reads=10/20"), Rate.parse("creates=0.5/1"))
    config = config_of({}, {"AMCSIM_THRESHOLDS": "conversions.event_type=HIGH,dsp_clicks.campaign=NONE"})
    assert config.sql.thresholds == (("conversions.event_type", "HIGH"), ("dsp_clicks.campaign", "NONE"))


@pytest.mark.parametrize(
    ("variable", "text", "word"),
    [
        ("AMCSIM_SPEED", "fast", "AMCSIM_SPEED"),
        ("AMCSIM_WRAPPED", "perhaps", "neither on nor off"),
        ("AMCSIM_DIVISION", "exact", "none of double, decimal"),
        ("AMCSIM_RATES", "reads=fast", "is no rate"),
        ("AMCSIM_THRESHOLDS", "campaign=HIGH", "is no threshold"),
        ("AMCSIM_OVERLAP_BUDGET", "0", "overlap_budget must be greater than 0"),
        ("AMCSIM_AD_HOC_PER_DAY", "0", "ad_hoc_per_day must be greater than 0"),
    ],
)
def test_a_wrong_variable_is_named(variable, text, word):
    with pytest.raises(ValueError, match=word):
        config_of({}, {variable: text})


def test_a_wrong_flag_names_what_is_allowed(capsys):
    with pytest.raises(SystemExit):
        _given("--division", "exact")
    assert "none of double, decimal" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [{"media_types": "xml"}, {"duplicate_status": 418}])
def test_an_option_of_the_interface_takes_only_its_values(wrong):
    with pytest.raises(ValueError, match="must be one of"):
        ApiOptions(**wrong)


def test_the_command_lists_options_and_scenarios(capsys):
    assert main(["options"]) == 0
    assert "| `--overlap-budget` |" in capsys.readouterr().out
    assert main(["scenarios"]) == 0
    assert "rush-hour" in capsys.readouterr().out


def test_a_scenario_that_does_not_exist_is_one_clear_line(capsys):
    assert main(["serve", "--port", "0", "--scenario", "nothing"]) == 2
    printed = capsys.readouterr().err
    assert "neither a file nor one of" in printed
    assert len(printed.splitlines()) == 1


def test_help_can_be_printed(capsys):
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    assert "60 to 140 %" in " ".join(capsys.readouterr().out.split())


def test_folders_and_days_become_what_they_are():
    config = config_of(_given("--data-folder", "x", "--data-until", "2026-01-31"), {})
    assert (config.data_folder, str(config.data_until)) == (Path("x"), "2026-01-31")
