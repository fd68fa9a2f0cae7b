"""What AMC's functions mean where DuckDB has none of the kind, as macros of every database."""

MACROS = (
    # whole seconds that have passed; date_diff would count the boundaries between
    "CREATE OR REPLACE MACRO amc_seconds_between(a, b) AS date_sub('second', a, b)",
    "CREATE OR REPLACE MACRO amc_convert_time_zone_from_utc(ts, tz) AS timezone(tz, timezone('UTC', ts))",
    # ten digits are seconds, thirteen are milliseconds
    (
        "CREATE OR REPLACE MACRO amc_epoch_to_utc_timestamp(n) AS "
        "make_timestamp(CAST(n AS BIGINT) * CASE WHEN abs(n) < 100000000000 THEN 1000000 ELSE 1000 END)"
    ),
    "CREATE OR REPLACE MACRO amc_hash64(v) AS CAST(hash(v) % 9223372036854775807 AS BIGINT)",
    (
        "CREATE OR REPLACE MACRO amc_locate(sought, t, start) AS "
        "CASE WHEN start < 1 THEN CASE WHEN t IS NOT NULL AND sought IS NOT NULL THEN 0 END ELSE "
        "coalesce(nullif(instr(substr(t, start), sought), 0) + start - 1, CASE WHEN t IS NOT NULL "
        "AND sought IS NOT NULL AND start IS NOT NULL THEN 0 END) END"
    ),
    # a text that is no JSON has nothing at any path, and does not end the execution
    (
        "CREATE OR REPLACE MACRO amc_json_extract(t, p) AS "
        "CASE WHEN json_valid(t) THEN json_extract_string(t, p) END"
    ),
    # DuckDB's own ones ignore NULL; a list looked at once spares arguments that are not cheap a second time
    (
        "CREATE OR REPLACE MACRO amc_greatest(items) AS list_transform([items], "
        "lambda l: CASE WHEN list_count(l) = len(l) THEN list_max(l) END)[1]"
    ),
    (
        "CREATE OR REPLACE MACRO amc_least(items) AS list_transform([items], "
        "lambda l: CASE WHEN list_count(l) = len(l) THEN list_min(l) END)[1]"
    ),
    # DuckDB's list_distinct drops NULL and the order; these keep the first of each
    (
        "CREATE OR REPLACE MACRO amc_array_distinct(items) AS "
        "list_filter(items, lambda x, i: list_position(items, x) = i)"
    ),
    (
        "CREATE OR REPLACE MACRO amc_array_union(a, b) AS list_transform([list_concat(a, b)], "
        "lambda l: CASE WHEN a IS NOT NULL AND b IS NOT NULL "
        "THEN list_filter(l, lambda x, i: list_position(l, x) = i) END)[1]"
    ),
    (
        "CREATE OR REPLACE MACRO amc_array_cat(a, b) AS "
        "CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END"
    ),
    (
        "CREATE OR REPLACE MACRO amc_array_intersect(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(a, "
        "lambda x, i: list_position(a, x) = i AND list_position(b, x) IS NOT NULL) END"
    ),
    (
        "CREATE OR REPLACE MACRO amc_array_complement(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(a, "
        "lambda x, i: list_position(a, x) = i AND list_position(b, x) IS NULL) END"
    ),
    (
        "CREATE OR REPLACE MACRO amc_array_remove(items, v) AS "
        "CASE WHEN v IS NOT NULL THEN list_filter(items, lambda x: x IS DISTINCT FROM v) END"
    ),
    (
        "CREATE OR REPLACE MACRO amc_str_to_map(t, pairs, keys) AS map_from_entries(list_transform("
        "string_split(t, pairs), lambda p: {'key': split_part(p, keys, 1), "
        "'value': CASE WHEN instr(p, keys) > 0 THEN substr(p, instr(p, keys) + length(keys)) END}))"
    ),
    (
        "CREATE OR REPLACE MACRO amc_regexp_substr(t, p) AS "
        "CASE WHEN regexp_matches(t, p) THEN regexp_extract(t, p) END"
    ),
    # the shortest list that is not empty: a value made of several has as many users as the thinnest of them
    (
        "CREATE OR REPLACE MACRO amc_fewest(lists) AS list_sort(list_transform(list_filter(lists, "
        "lambda l: len(l) > 0), lambda l: {'n': len(l), 'l': l}))[1].l"
    ),
)
