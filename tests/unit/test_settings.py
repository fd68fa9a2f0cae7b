"""Settings: their variables, the seeds' beside ours, and their documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fanfold.settings import BadSettings, all_settings, load_settings

ROOT = Path(__file__).parents[2]
SEEDS = {
    "AMC_USE_REAL_API": ("amc", "use_real_api", "false", False),
    "MAX_CONCURRENT_EXECUTIONS": ("limits", "max_parallel", "2", 2),
    "MAX_BATCH_SIZE": ("limits", "max_batch_size", "7", 7),
    "BATCH_POLL_INTERVAL": ("client", "poll_milliseconds", "5000", 5000),
    "LOG_LEVEL": ("telemetry", "log_level", "debug", "DEBUG"),
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for setting in all_settings():
        for variable in setting.variables:
            monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("variable", SEEDS)
def test_a_variable_of_the_requirement_documents_is_honoured(monkeypatch, variable):
    group, field, text, value = SEEDS[variable]
    monkeypatch.setenv(variable, text)
    assert getattr(getattr(load_settings(), group), field) == value


def test_our_own_variable_wins_over_the_one_of_the_documents(monkeypatch):
    monkeypatch.setenv("MAX_BATCH_SIZE", "7")
    monkeypatch.setenv("FANFOLD_MAX_BATCH_SIZE", "8")
    assert load_settings().limits.max_batch_size == 8


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", "")
    monkeypatch.setenv("MAX_BATCH_SIZE", "")
    settings = load_settings()
    assert settings.telemetry.sentry_dsn is None
    assert settings.limits.max_batch_size == 100


def test_what_is_passed_wins_over_the_environment_and_leaves_the_rest_of_its_group(monkeypatch):
    monkeypatch.setenv("FANFOLD_PORT", "9000")
    monkeypatch.setenv("FANFOLD_HOST", "192.0.2.1")
    web = load_settings(web={"port": 1}).web
    assert (web.host, web.port) == ("192.0.2.1", 1)


def test_several_keys_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("FANFOLD_FERNET_KEYS", "new, old")
    assert [key.get_secret_value() for key in load_settings().keys.fernet] == ["new", "old"]


def test_a_single_key_of_the_documents_is_a_ring_of_one(monkeypatch):
    monkeypatch.setenv("FERNET_KEY", "only")
    assert [key.get_secret_value() for key in load_settings().keys.fernet] == ["only"]


def test_secrets_do_not_show_in_a_repr(monkeypatch):
    secrets = {
        "FANFOLD_JWT_SECRET": "hush",
        "FERNET_KEY": "hush",
        "FANFOLD_TOKEN": "hush",
        "SENTRY_DSN": "hush",
    }
    for variable, text in {**secrets, "FANFOLD_DATABASE_URL": "postgresql://u:hush@h/d"}.items():
        monkeypatch.setenv(variable, text)
    assert "hush" not in repr(load_settings())


def test_a_bad_value_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("MAX_BATCH_SIZE", "many")
    monkeypatch.setenv("FANFOLD_PORT", "70000")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert "MAX_BATCH_SIZE: " in str(caught.value)
    assert "FANFOLD_PORT: " in str(caught.value)


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().web.port = 1


def test_a_copy_with_other_values_is_checked_and_leaves_the_original():
    settings = load_settings()
    assert settings.with_values("web", port=0).web.port == 0
    assert settings.web.port == 8000
    with pytest.raises(ValidationError):
        settings.with_values("web", port=-1)


def test_rows_are_kept_in_the_data_folder_unless_a_store_is_named(monkeypatch, tmp_path):
    assert load_settings(data_dir=tmp_path).results_url == (tmp_path / "results").as_uri()
    monkeypatch.setenv("FANFOLD_RESULT_STORE", "s3://bucket/rows")
    assert load_settings(data_dir=tmp_path).results_url == "s3://bucket/rows"


def test_no_two_settings_share_a_variable():
    variables = [variable for setting in all_settings() for variable in setting.variables]
    assert len(variables) == len(set(variables))


def test_every_setting_is_documented():
    page = (ROOT / "docs/reference/settings.md").read_text()
    missing = [
        text
        for setting in all_settings()
        for text in (".".join(setting.path), setting.about, *setting.variables)
        if text not in page
    ]
    assert missing == []
