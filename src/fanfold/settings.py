"""Every setting, in one frozen tree; built once at the edge and passed down.

A field names its environment variables, ours first and then the one of the requirement documents.
An empty variable counts as not set. Documented by `docs/reference/settings.md`, which is generated from here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from fanfold.kit.networks import DEFAULT_PORTS, NETWORKS_VARIABLE, PORTS_VARIABLE, OutboundRules

DEFAULT_DIR = Path(".fanfold/data")
DEMO_DIR = Path(".fanfold/demo")
"""Where `fanfold demo` keeps its own world, so that playing harms nothing."""


class BadSettings(Exception):
    """A setting has a value that cannot be used."""


class _Env:
    """What a setting is about, and the variables that set it."""

    def __init__(self, about: str, *variables: str) -> None:
        self.about = about
        self.variables = variables


def _split(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _networks(allowed: tuple[str, ...]) -> tuple[str, ...]:
    OutboundRules.of(allowed)
    return allowed


def _ports(ports: tuple[int, ...]) -> tuple[int, ...]:
    OutboundRules.of(ports=ports)
    return ports


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(_Group):
    """Where the state lives."""

    url: Annotated[
        SecretStr | None,
        _Env(
            "PostgreSQL 15 or newer; not set: an embedded server in the data folder", "FANFOLD_DATABASE_URL"
        ),
    ] = None
    pool_size: Annotated[
        int, Field(ge=2), _Env("sessions that one process may open", "FANFOLD_DATABASE_POOL_SIZE")
    ] = 10


class KeySettings(_Group):
    """What seals and signs; made once in the data folder when not given."""

    fernet: Annotated[
        tuple[SecretStr, ...],
        BeforeValidator(_split),
        _Env(
            "Fernet keys that seal credentials, separated by commas: the first seals, all open",
            "FANFOLD_FERNET_KEYS",
            "FERNET_KEY",
        ),
    ] = ()
    jwt: Annotated[
        SecretStr | None, _Env("signs the tokens of local users, 32 bytes or more", "FANFOLD_JWT_SECRET")
    ] = None
    token_hours: Annotated[
        int, Field(ge=1), _Env("how long a token and a browser session last", "FANFOLD_TOKEN_HOURS")
    ] = 24


class WebSettings(_Group):
    """Where the API and the UI answer."""

    host: Annotated[str, _Env("address to listen on", "FANFOLD_HOST")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535), _Env("port to listen on; 0 takes a free one", "FANFOLD_PORT")
    ] = 8000
    lost_request_seconds: Annotated[
        float,
        Field(gt=0),
        _Env(
            "after this long the next request with the same Idempotency-Key takes an unanswered one's place",
            "FANFOLD_LOST_REQUEST_SECONDS",
        ),
    ] = 60


class WorkerSettings(_Group):
    """How one worker process works."""

    capacity: Annotated[
        int, Field(ge=1), _Env("attempts at work at once in this process", "FANFOLD_WORKER_CAPACITY")
    ] = 50
    lease_seconds: Annotated[
        float,
        Field(ge=1),
        _Env("after this long without a sign of life its operations go to others", "FANFOLD_LEASE_SECONDS"),
    ] = 15
    poll_seconds: Annotated[
        float,
        Field(gt=0),
        _Env("how often it looks for work when nobody wakes it", "FANFOLD_POLL_SECONDS"),
    ] = 2
    drain_seconds: Annotated[
        float,
        Field(ge=0),
        _Env("how long it finishes what it has begun when stopped", "FANFOLD_DRAIN_SECONDS"),
    ] = 20


class BreakerSettings(_Group):
    """When a target that fails is left alone."""

    failures: Annotated[
        int,
        Field(ge=1),
        _Env("failures of one cause in a row that open its breaker", "FANFOLD_BREAKER_FAILURES"),
    ] = 5
    cool_down_seconds: Annotated[
        float,
        Field(gt=0),
        _Env(
            "until one operation may try again; doubles with every failed try",
            "FANFOLD_BREAKER_COOL_DOWN_SECONDS",
        ),
    ] = 60
    longest_seconds: Annotated[
        float, Field(gt=0), _Env("never longer than this", "FANFOLD_BREAKER_LONGEST_SECONDS")
    ] = 900


class LimitSettings(_Group):
    """What one user may ask for."""

    max_running: Annotated[
        Annotated[int, Field(ge=1)] | None,
        _Env(
            "operations at work at a time, of all users together; not set: any number", "FANFOLD_MAX_RUNNING"
        ),
    ] = None
    max_running_per_user: Annotated[
        Annotated[int, Field(ge=1)] | None,
        _Env(
            "operations of one user at work at a time, unless the user has a limit of their own; "
            "not set: any number",
            "FANFOLD_MAX_RUNNING_PER_USER",
        ),
    ] = None
    max_batch_size: Annotated[
        int, Field(ge=1), _Env("instances in one batch", "FANFOLD_MAX_BATCH_SIZE", "MAX_BATCH_SIZE")
    ] = 100
    max_operations: Annotated[
        int,
        Field(ge=1),
        _Env("operations in one batch of any kind by `/batch/jobs`", "FANFOLD_MAX_OPERATIONS"),
    ] = 1_000_000
    max_parallel: Annotated[
        int,
        Field(ge=1),
        _Env(
            "operations of one batch at a time",
            "FANFOLD_MAX_PARALLEL",
            "MAX_CONCURRENT_EXECUTIONS",
        ),
    ] = 5
    max_parameters_bytes: Annotated[
        int, Field(ge=2), _Env("size of a batch's parameters as JSON", "FANFOLD_MAX_PARAMETERS_BYTES")
    ] = 10_240
    submissions_per_minute: Annotated[
        int,
        Field(ge=1),
        _Env("batches that one user may submit in a minute", "FANFOLD_SUBMISSIONS_PER_MINUTE"),
    ] = 10
    unfinished_batches: Annotated[
        int,
        Field(ge=1),
        _Env("batches of one user that may be unfinished", "FANFOLD_UNFINISHED_BATCHES"),
    ] = 10
    live_streams: Annotated[
        int,
        Field(ge=1),
        _Env("live streams that one user may have open at each server", "FANFOLD_LIVE_STREAMS"),
    ] = 1_000


class AttemptSettings(_Group):
    """How an operation is tried."""

    max_attempts: Annotated[int, Field(ge=1), _Env("tries at one operation", "FANFOLD_MAX_ATTEMPTS")] = 3
    backoff_seconds: Annotated[
        float,
        Field(gt=0),
        _Env("wait before the second try; doubles, with jitter", "FANFOLD_BACKOFF_SECONDS"),
    ] = 2
    timeout_seconds: Annotated[
        float, Field(gt=0), _Env("how long one try may take", "FANFOLD_ATTEMPT_TIMEOUT_SECONDS")
    ] = 1800
    operation_timeout_seconds: Annotated[
        float,
        Field(gt=0),
        _Env("how long one operation may take, all tries", "FANFOLD_OPERATION_TIMEOUT_SECONDS"),
    ] = 1800

    @property
    def backoff_base(self) -> timedelta:
        """The wait before the second try."""
        return timedelta(seconds=self.backoff_seconds)

    @property
    def attempt_timeout(self) -> timedelta:
        """How long one try may take."""
        return timedelta(seconds=self.timeout_seconds)

    @property
    def operation_timeout(self) -> timedelta:
        """How long one operation may take."""
        return timedelta(seconds=self.operation_timeout_seconds)


class AmcSettings(_Group):
    """Which Amazon Marketing Cloud answers."""

    use_real_api: Annotated[
        bool,
        _Env(
            "`false`: new connections reach the simulator instead of Amazon",
            "FANFOLD_AMC_USE_REAL_API",
            "AMC_USE_REAL_API",
        ),
    ] = True
    simulator_url: Annotated[
        str | None,
        _Env(
            "a simulator that runs already; not set: `fanfold up` starts one when the real API is off",
            "FANFOLD_AMC_SIMULATOR_URL",
        ),
    ] = None
    poll_seconds: Annotated[
        float,
        Field(gt=0),
        _Env("first wait between two looks at an execution; grows for long ones", "FANFOLD_AMC_POLL_SECONDS"),
    ] = 15


class HttpSettings(_Group):
    """Where calls to addresses that users name may go; the plug-ins read these variables themselves."""

    allowed_networks: Annotated[
        tuple[str, ...],
        BeforeValidator(_split),
        AfterValidator(_networks),
        _Env(
            "networks, addresses and host names (`*.example.net`) that may be called beside public ones, "
            "on any port; separated by commas",
            NETWORKS_VARIABLE,
        ),
    ] = ()
    allowed_ports: Annotated[
        tuple[int, ...],
        BeforeValidator(_split),
        AfterValidator(_ports),
        _Env("ports of public addresses that may be called, separated by commas", PORTS_VARIABLE),
    ] = DEFAULT_PORTS


class ClientSettings(_Group):
    """How the command line and the SDK reach a server."""

    url: Annotated[str | None, _Env("the server; not set: the one of the data folder", "FANFOLD_URL")] = None
    token: Annotated[
        SecretStr | None, _Env("bearer token; not set: the one of the data folder", "FANFOLD_TOKEN")
    ] = None
    poll_milliseconds: Annotated[
        int,
        Field(ge=100),
        _Env(
            "how often a client looks at a batch when it cannot listen",
            "FANFOLD_BATCH_POLL_INTERVAL",
            "BATCH_POLL_INTERVAL",
        ),
    ] = 10_000


class TelemetrySettings(_Group):
    """What the processes tell about themselves."""

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
        _Env("least severe message that is logged", "FANFOLD_LOG_LEVEL", "LOG_LEVEL"),
    ] = "INFO"
    log_format: Annotated[
        Literal["auto", "json", "console"],
        _Env("`auto`: readable on a terminal, JSON elsewhere", "FANFOLD_LOG_FORMAT"),
    ] = "auto"
    sentry_dsn: Annotated[
        SecretStr | None,
        _Env(
            "reports unexpected errors to Sentry (needs the package sentry-sdk)",
            "FANFOLD_SENTRY_DSN",
            "SENTRY_DSN",
        ),
    ] = None


class Settings(BaseSettings):
    """All of it."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[
        Path,
        _Env(
            "folder of the embedded database, the keys, the results and the connection file",
            "FANFOLD_DATA_DIR",
        ),
    ] = DEFAULT_DIR
    result_store: Annotated[
        str | None,
        _Env(
            "folder or URL (`s3://`, `gs://`, `az://`) of the rows; not set: `results` in the data folder",
            "FANFOLD_RESULT_STORE",
        ),
    ] = None
    results_days: Annotated[
        Annotated[int, Field(ge=1)] | None,
        _Env("days that rows are kept after their batch ended; not set: for ever", "FANFOLD_RESULTS_DAYS"),
    ] = None
    database: DatabaseSettings = DatabaseSettings()
    keys: KeySettings = KeySettings()
    web: WebSettings = WebSettings()
    worker: WorkerSettings = WorkerSettings()
    breaker: BreakerSettings = BreakerSettings()
    limits: LimitSettings = LimitSettings()
    attempts: AttemptSettings = AttemptSettings()
    amc: AmcSettings = AmcSettings()
    http: HttpSettings = HttpSettings()
    client: ClientSettings = ClientSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def results_url(self) -> str:
        """Where rows are kept, as a URL."""
        place = self.result_store or str(self.data_dir / "results")
        return place if "://" in place else Path(place).absolute().as_uri()

    @property
    def database_url(self) -> str:
        """The database's URL; raises `BadSettings` before anyone started or named a database."""
        if self.database.url is None:
            message = "No database is named: set FANFOLD_DATABASE_URL, or start one with `fanfold up`."
            raise BadSettings(message)
        return self.database.url.get_secret_value()

    def with_values(self, group: str, **values: Any) -> Settings:
        """Return a copy with other values in one group, e.g. `with_values("web", port=0)`."""
        before: _Group = getattr(self, group)
        after = type(before).model_validate({**before.model_dump(), **values})
        return self.model_copy(update={group: after})

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed and what the fields' variables say; later ones fill what earlier ones leave."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Variables(settings_cls)


class Setting(BaseModel):
    """One setting as documents and `config show` speak of it."""

    model_config = ConfigDict(frozen=True)

    path: tuple[str, ...]
    about: str
    variables: tuple[str, ...]
    default: Any

    @property
    def variable(self) -> str | None:
        """The first of its variables that is set."""
        return next((name for name in self.variables if os.environ.get(name)), None)

    @property
    def given(self) -> str | None:
        """The text of that variable."""
        return os.environ[self.variable] if self.variable else None


def load_settings(**values: Any) -> Settings:
    """Read the environment; *values* win over it, e.g. `data_dir=...`. Raises `BadSettings`."""
    try:
        return Settings(**{name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        raise BadSettings(_sentence(error)) from error


def all_settings() -> Iterator[Setting]:
    """Yield every setting in the order of the tree."""
    yield from _leaves(Settings, ())


def _leaves(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        env = next((mark for mark in field.metadata if isinstance(mark, _Env)), None)
        if env is not None:
            yield Setting(path=(*path, name), about=env.about, variables=env.variables, default=field.default)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, _Group):
            yield from _leaves(field.annotation, (*path, name))


def _sentence(error: ValidationError) -> str:
    variables = {setting.path: setting.variable for setting in all_settings()}
    parts: list[str] = []
    for problem in error.errors():
        path = tuple(str(step) for step in problem["loc"])
        named = next(
            (name for known, name in variables.items() if path[: len(known)] == known and name), None
        )
        parts.append(f"{named or '.'.join(path)}: {problem['msg']}")
    return "; ".join(parts)


class _Variables(PydanticBaseSettingsSource):
    """Reads each field's own variables, so that a nested field may have a flat name."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return field.default, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for setting in all_settings():
            if setting.variable is not None:
                place = found
                for step in setting.path[:-1]:
                    place = place.setdefault(step, {})
                place[setting.path[-1]] = os.environ[setting.variable]
        return found
