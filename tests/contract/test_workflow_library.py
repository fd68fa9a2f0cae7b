"""Every workflow of the library passes the product's inspection, compiles in the simulator and runs there."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import fanfold.workflows.library as package
from amcsim.catalogue import tables
from amcsim.clock import ManualClock
from amcsim.config import SimulatorConfig
from amcsim.executions.model import ExecutionRequest
from amcsim.executions.window import WindowType, resolve_window
from amcsim.simulation import Simulation
from amcsim.workflows import InputParameter
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.workflows.files import WorkflowFileInvalid, read_workflow, write_workflow
from fanfold.workflows.library import library

KIND = AmcWorkflow()
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
THEMES = {
    *("attribution", "audience", "conversion", "cost", "new_to_brand", "overlap", "path", "reach", "retail"),
    *("search", "time", "video"),
}
BY_KEY = {found.draft.key: found for found in library()}


@pytest.fixture(scope="module")
def simulation():
    config = SimulatorConfig(events_per_instance=40_000, data_until=date(2026, 11, 2), instances=2)
    running = Simulation(config, clock=ManualClock(NOW))
    yield running
    running.close()


@pytest.fixture(scope="module")
def request_for(simulation):
    """Build the execution of a library workflow with its defaults alone, on a subscriber's instance."""
    instance = next(iter(simulation.roster.instances.values()))
    window = resolve_window(WindowType.ALL, start=None, end=None, timezone="UTC", now=NOW)

    def build(key):
        draft = BY_KEY[key].draft
        return ExecutionRequest(
            instance=_subscribed(instance),
            workflow_id=key,
            sql_query=draft.sql_query,
            input_parameters=tuple(_declared(parameter) for parameter in draft.parameters),
            parameter_values={},
            window=window,
            timeout_seconds=900,
            dry_run=False,
            skip_publish=False,
            disable_aggregation_controls=False,
            synthetic_data=False,
            distinct_user_count_column=None,
        )

    return build


def _subscribed(instance):
    paid = {table.subscription for table in tables().values()} - {None}
    return type(instance)(
        **{
            name: getattr(instance, name) for name in instance.__dataclass_fields__ if name != "subscriptions"
        },
        subscriptions=tuple(sorted(paid)),
    )


def _declared(parameter):
    kind = parameter.data_type
    listed = {"type": "ARRAY", "elementDataType": kind[6:-1], "elementNullable": False}
    return InputParameter(
        name=parameter.name,
        data_type=listed if kind.startswith("ARRAY<") else kind,
        default_value=parameter.default,
    )


def test_the_library_is_worth_its_name():
    assert len(BY_KEY) == len(library()) >= 60
    themes = Counter(found.draft.tags[1] for found in library())
    assert set(themes) == THEMES


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_says_what_it_is_and_what_it_reads(simulation, request_for, key):
    found = BY_KEY[key]
    draft = found.draft
    folder = Path(package.__file__).parent / draft.tags[1]
    assert (folder / f"{key.replace('-', '_')}.sql").is_file()
    assert draft.tags[0] == "library"
    assert draft.name
    assert draft.description.endswith(".")
    assert all(parameter.default is not None and parameter.description for parameter in draft.parameters)
    compiled = simulation.engine.compile(request_for(key))
    assert compiled.prepared.tables == set(found.tables)
    assert compiled.prepared.warnings == ()


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_passes_inspection_without_a_word(key):
    draft = BY_KEY[key].draft
    declared = [parameter.as_json() for parameter in draft.parameters]
    assert list(KIND.inspect({"sql_query": draft.sql_query, "parameters": declared})) == []
    assert list(KIND.check({"sql_query": draft.sql_query, "parameters": declared}, {})) == []


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_finds_rows_with_its_defaults(simulation, request_for, key):
    request = request_for(key)
    computed = simulation.engine.compute(key, request, compiled=simulation.engine.compile(request))
    assert len(computed.columns) >= 2
    assert computed.row_count > 0


MOMENTS = {
    "dsp_impressions": "impression_dt_utc",
    "sponsored_ads_traffic": "event_dt_utc",
    "conversions": "event_dt_utc",
    "amazon_attributed_events_by_traffic_time": "traffic_event_dt_utc",
}


@pytest.fixture
def events(simulation, request_for):
    """Read columns of the window's events as the world holds them, past every rule of AMC."""
    request = request_for("reach-by-campaign")
    edges = [moment.replace(tzinfo=None) for moment in (request.window.start, request.window.end)]

    def read(columns, table):
        sql = f"SELECT {columns} FROM amc.{table} WHERE {MOMENTS[table]} >= ? AND {MOMENTS[table]} < ?"
        return simulation.engine.world(request.instance).cursor().execute(sql, edges).fetchall()

    return read


@pytest.fixture
def result(simulation, request_for):
    """Run a library workflow; return its rows by the columns named, numbers as numbers."""

    def run(key, *keys):
        request = request_for(key)
        computed = simulation.engine.compute(
            f"{key}-result", request, compiled=simulation.engine.compile(request)
        )
        with computed.files[0].open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file, escapechar="\\"))
        return {
            tuple(row.pop(name) for name in keys): {name: float(value or 0) for name, value in row.items()}
            for row in rows
        }

    return run


class Tally(defaultdict):
    """Sums by group and metric, with the users who contribute to each."""

    def __init__(self):
        super().__init__(lambda: defaultdict(lambda: [0.0, set()]))

    def add(self, group, user, **metrics):
        self[group]["everyone"][1] |= {user} - {None}
        for name, value in metrics.items():
            self[group][name][0] += float(value)
            self[group][name][1] |= {user} - {None} if value else set()

    def shown(self, *metrics, users=(), needed=2):
        """Return the groups that enough people stand behind; *users* are columns that count all of them."""
        shown = {}
        for group, found in self.items():
            crowds = [found[name][1] for name in metrics]
            everyone = found["everyone"][1]
            if min([len(everyone), *(len(crowd) for crowd in crowds if crowd)]) >= needed:
                counted = dict.fromkeys(users, float(len(everyone)))
                shown[group] = {name: found[name][0] for name in metrics} | counted
        return shown


def only(rows, *columns):
    return {group: {name: row[name] for name in columns} for group, row in rows.items()}


def same(found, expected):
    assert set(found) == set(expected)
    assert len(found) > 1
    for group, row in found.items():
        assert row == pytest.approx(expected[group]), group


def test_reach_by_campaign_counts_people_once(result, events):
    tally = Tally()
    for campaign, user, seen in events("campaign, user_id, impressions", "dsp_impressions"):
        if user is not None:
            tally.add((campaign,), user, impressions=seen)
    rows = result("reach-by-campaign", "campaign")
    same(only(rows, "impressions", "reach"), tally.shown("impressions", users=["reach"]))
    assert all(row["average_frequency"] == row["impressions"] / row["reach"] for row in rows.values())


def test_the_frequency_distribution_folds_what_is_above_the_cap(result, events):
    seen = Counter(user for (user,) in events("user_id", "dsp_impressions") if user is not None)
    tally = Tally()
    for user, count in seen.items():
        tally.add((str(min(count, 20)),), user, impressions=count)
    # a frequency is made of impressions, which anybody may see of one person alone
    shown = tally.shown("impressions", users=["reach"], needed=1)
    same(result("frequency-distribution", "frequency"), shown)


def test_the_mix_of_channels_is_each_persons_own(result, events):
    channels = defaultdict(set)
    for user, category in events("user_id, creative_category", "dsp_impressions"):
        channels[user].add("video" if category == "Video" else "display")
    for (user,) in events("user_id", "sponsored_ads_traffic"):
        channels[user].add("sponsored")
    tally = Tally()
    for user, mix in channels.items():
        if user is not None:
            tally.add((" + ".join(sorted(mix)), str(len(mix))), user)
    same(result("three-way-overlap", "channels", "channel_count"), tally.shown(users=["reach"]))


def test_campaigns_that_met_the_same_people_are_paired(result, events):
    people = defaultdict(set)
    for campaign, user in events("campaign, user_id", "dsp_impressions"):
        people[campaign] |= {user} - {None}
    common = {(a, b): len(people[a] & people[b]) for a in people for b in people if a <= b}
    rows = result("campaign-overlap-matrix", "campaign", "other_campaign")
    same(rows, {pair: {"common_reach": float(n)} for pair, n in common.items() if n >= 2})


@pytest.mark.parametrize(
    ("key", "names", "columns"),
    [
        ("placements", ("placement_type",), "placement_type"),
        ("match-types", ("ad_product_type", "match_type"), "ad_product_type, coalesce(match_type, '')"),
        (
            "performance-by-weekday",
            ("day_of_week", "day_name"),
            "dayofweek(event_dt_utc) + 1, dayname(event_dt_utc)",
        ),
    ],
)
def test_sponsored_traffic_adds_up_by_every_dimension(result, events, key, names, columns):
    tally = Tally()
    for *group, user, seen, clicks, spend in events(
        f"{columns}, user_id, impressions, clicks, spend / 100000000", "sponsored_ads_traffic"
    ):
        tally.add(tuple(map(str, group)), user, impressions=seen, clicks=clicks, cost=spend)
    rows = result(key, *names)
    same(only(rows, "impressions", "clicks", "cost"), tally.shown("impressions", "clicks", "cost"))


def test_people_are_new_in_the_week_that_met_them_first(result, events):
    first = {}
    for user, week in events(
        "user_id, CAST(date_trunc('week', impression_dt_utc) AS DATE)", "dsp_impressions"
    ):
        if user is not None:
            first[user] = min(week, first.get(user, week))
    weeks = Counter(first.values())
    rows = result("net-new-reach-by-week", "week")
    same(
        {day[:10]: row for (day,), row in rows.items()},
        {week.isoformat(): {"new_reach": float(n)} for week, n in weeks.items() if n >= 2},
    )


def test_sales_by_product_are_those_of_the_orders(result, events):
    tally = Tally()
    for asin, user, orders, units, sales in events(
        "tracked_asin, user_id, CAST(event_subtype = 'order' AS INT), total_units_sold, total_product_sales",
        "conversions",
    ):
        if orders:
            tally.add((asin,), user, orders=orders, units=units, sales=sales)
    rows = result("sales-by-product", "asin")
    same(
        only(rows, "orders", "units", "sales", "buyers"),
        tally.shown("orders", "units", "sales", users=["buyers"]),
    )


def test_linear_attribution_shares_every_order_evenly(result, events):
    touches = defaultdict(list)
    for user, campaign, moment in events("user_id, campaign, impression_dt_utc", "dsp_impressions"):
        touches[user].append((moment, campaign))
    for user, campaign, moment, clicked in events(
        "user_id, campaign, event_dt_utc, clicks", "sponsored_ads_traffic"
    ):
        if clicked:
            touches[user].append((moment, campaign))
    tally = Tally()
    for user, moment, sales, step in events(
        "user_id, event_dt_utc, total_product_sales, event_subtype", "conversions"
    ):
        before = [campaign for seen, campaign in touches[user] if seen <= moment]
        if user is None or step != "order":
            continue
        for campaign in before:
            share = 1 / len(before)
            tally.add((campaign,), user, orders=share, sales=share * float(sales))
    same(result("linear-attribution", "campaign"), tally.shown("orders", "sales", users=["buyers"]))


def test_return_on_ad_spend_puts_all_costs_into_one_currency(result, events):
    tally = Tally()
    for table, columns in (
        ("sponsored_ads_traffic", "campaign, user_id, spend / 100000000, 0"),
        ("dsp_impressions", "campaign, user_id, total_cost / 100000, 0"),
        ("amazon_attributed_events_by_traffic_time", "campaign, user_id, 0, total_product_sales"),
    ):
        for campaign, user, cost, sales in events(columns, table):
            tally.add((campaign,), user, cost=cost, sales=sales)
    rows = result("return-on-ad-spend", "campaign")
    same(only(rows, "cost", "sales"), tally.shown("cost", "sales"))
    assert all(
        row["return_on_ad_spend"] == pytest.approx(row["sales"] / row["cost"]) for row in rows.values()
    )


@pytest.mark.parametrize("key", BY_KEY)
def test_a_workflow_survives_being_written_to_a_file(key):
    found = BY_KEY[key]
    assert read_workflow(write_workflow(found.draft, tables=found.tables), name=key) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "expected a first line"),
        ("-- a\n/*\nkey: [\n*/\nSELECT 1\n", "not YAML"),
        ("-- a\n/*\nname: b\n*/\nSELECT 1\n", "must say the key"),
        ("-- a\n/*\nkey: k\nname: b\ncolour: red\n*/\nSELECT 1\n", "unknown: colour"),
        (
            "-- a\n/*\nkey: k\nname: b\nparameters: {p: {default: 1}}\n*/\nSELECT 1\n",
            "parameter p must say its type",
        ),
        ("-- a\n/*\nkey: k\nname: b\nparameters: {p: 1}\n*/\nSELECT 1\n", "expected names and values"),
        ("-- a\n/*\nkey: k\nname: b\ntags: reach\n*/\nSELECT 1\n", "lists of words"),
    ],
)
def test_a_file_that_is_no_workflow_is_refused_by_name(text, message):
    with pytest.raises(WorkflowFileInvalid, match=f"odd.sql.*{message}"):
        read_workflow(text, name="odd.sql")
