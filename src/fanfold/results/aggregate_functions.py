"""The functions that an aggregation may call: those that only compute.

Left out are functions that read files, settings or the catalogue, that run SQL, that wait,
and those that make a long text or list of a number.
"""

from __future__ import annotations

_AGGREGATES = """
any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min
arg_min_null argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if
count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat
histogram kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by mode
product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2
regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp
string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg grouping grouping_id
"""
_WINDOWS = """
cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense
row_number
"""
_NUMBERS = """
abs acos acosh add asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees divide
even exp factorial fdiv floor fmod gamma gcd greatest greatest_common_divisor isfinite isinf isnan lcm
least least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians round
round_even roundbankers sign signbit sin sinh sqrt subtract tan tanh trunc xor
"""
_TEXTS = """
ascii base64 char_length character_length chr concat concat_ws contains damerau_levenshtein editdist3
ends_with format_bytes hamming hash hex ilike_escape instr jaccard jaro_similarity jaro_winkler_similarity
lcase left left_grapheme len length length_grapheme levenshtein like_escape lower ltrim md5 mismatches
nfc_normalize not_ilike_escape not_like_escape octet_length ord position prefix regexp_escape
regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
replace reverse right right_grapheme rtrim sha1 sha256 split split_part starts_with str_split
str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos substr
substring substring_grapheme suffix translate trim ucase unicode upper url_decode url_encode
"""
_TIMES = """
age century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub
date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month
decade epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear
julian last_day make_date make_time make_timestamp make_timestamptz microsecond millennium millisecond
minute month monthname now quarter second strftime strptime time_bucket timezone to_centuries to_days
to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters
to_seconds to_timestamp to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear
year yearweek
"""
_NESTED = """
array_append array_concat array_contains array_distinct array_extract array_filter array_has array_has_all
array_has_any array_indexof array_intersect array_length array_position array_prepend array_reverse_sort
array_slice array_sort array_to_json array_to_string array_transform array_unique array_value cardinality
element_at flatten from_json json json_array json_array_length json_contains json_exists json_extract
json_extract_path json_extract_path_text json_extract_string json_keys json_object json_type json_valid
json_value list_aggr list_aggregate list_any_value list_append list_avg list_concat list_contains
list_count list_distinct list_element list_extract list_filter list_first list_has list_has_all
list_has_any list_histogram list_indexof list_intersect list_last list_max list_median list_min list_mode
list_position list_prepend list_reduce list_reverse list_reverse_sort list_slice list_sort list_string_agg
list_sum list_transform list_unique list_value list_where list_zip map map_contains map_entries
map_extract map_extract_value map_from_entries map_keys map_values row row_to_json struct_extract
struct_extract_at struct_insert struct_pack struct_values to_json union_extract union_tag union_value
unnest
"""
_LOGIC = """
bar can_cast_implicitly coalesce constant_or_null if ifnull nullif switch typeof equi_width_bins
is_histogram_other_bin
"""

ALLOWED = frozenset(f"{_AGGREGATES} {_WINDOWS} {_NUMBERS} {_TEXTS} {_TIMES} {_NESTED} {_LOGIC}".split())
"""Every name, in lower case; operators are allowed beside them."""

MAKE_ROWS = frozenset({"range", "generate_series", "unnest"})
"""The functions that may stand where a table does."""
