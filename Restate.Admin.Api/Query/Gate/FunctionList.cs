using System.Collections.Frozen;

namespace Restate.Admin.Api.Query.Gate;

/// <summary>
/// The functions a statement may call. A list of what is allowed and not of what is not: DuckDB has functions that read files,
/// change the instance, or make gigabytes of one small argument, and new versions bring more.
/// </summary>
/// <remarks>
/// Left out on purpose: what makes much of little, takes more than linear time, recurses as deep as a value nests, runs a function for
/// every element, looks at the instance, or waits. A test holds a reason for every function of DuckDB that is not here.
/// </remarks>
internal static class FunctionList
{
    private const string FixedScalars = """
        - * / % // ** ^ & | << >> @ ~ ! xor
        ^@ @> <@ &&
        abs acos acosh asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees even exp floor gamma gcd
        greatest_common_divisor lcm least_common_multiple isfinite isinf isnan lgamma ln log log10 log2 mod pi pow power radians
        random factorial round round_even roundbankers sign signbit sin sinh sqrt tan tanh trunc fdiv fmod nextafter
        subtract multiply divide to_base
        ascii unicode ord chr bit_length char_length character_length length length_grapheme len octet_length strlen
        prefix suffix starts_with ends_with regexp_matches regexp_full_match hamming mismatches jaccard
        md5 md5_number md5_number_lower md5_number_upper sha1 sha256 hash formatreadablesize formatreadabledecimalsize format_bytes
        parse_formatted_bytes pg_size_pretty
        json_valid
        array_length array_contains array_has array_has_all array_has_any array_position array_indexof array_unique
        list_contains list_has list_has_all list_has_any list_position list_indexof list_unique cardinality
        list_sum list_avg list_count list_product list_stddev_pop list_stddev_samp list_var_pop list_var_samp list_bool_and list_bool_or
        list_approx_count_distinct list_bit_and list_bit_or list_bit_xor list_entropy list_kurtosis list_kurtosis_pop list_mad list_sem
        list_skewness list_cosine_distance list_cosine_similarity list_distance list_dot_product list_inner_product
        list_negative_dot_product list_negative_inner_product <-> <=> map_contains map_contains_entry map_contains_value
        age century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub date_trunc
        datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns
        epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian last_day make_date make_time make_timestamp
        make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium millisecond minute month monthname nanosecond
        normalized_interval now quarter second strptime time_bucket timezone timezone_hour timezone_minute to_centuries to_days
        to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp
        to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek ago
        gen_random_uuid uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version version
        """;

    private const string Patterns = "~~ !~~ ~~* !~~* ~~~ like_escape ilike_escape not_like_escape not_ilike_escape";

    private const string SameScalars = """
        upper ucase lower lcase trim ltrim rtrim left left_grapheme right right_grapheme substr substring substring_grapheme reverse
        regexp_extract strip_accents split_part decode from_base64 from_hex unhex from_binary unbin nullif greatest least
        struct_extract struct_extract_at list_extract list_element array_extract element_at map_extract map_extract_value
        list_slice array_slice list_sort array_sort list_reverse_sort array_reverse_sort list_distinct array_distinct
        list_min list_max list_median list_mode list_first list_last list_any_value list_reverse array_reverse list_where array_where
        list_intersect array_intersect array_pop_back array_pop_front parse_dirname parse_dirpath parse_filename
        map_keys map_values map_entries flatten unnest
        """;

    private const string Aggregates = """
        any_value approx_count_distinct approx_quantile arbitrary avg bit_and bit_or bit_xor bool_and bool_or corr count count_if
        count_star countif covar_pop covar_samp favg first fsum kahan_sum kurtosis kurtosis_pop last mad mean median
        product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
        regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp sum sumkahan var_pop var_samp variance
        """;

    // Over a window each row would hold a list of the whole frame.
    private const string CollectingAggregates = """
        list array_agg string_agg group_concat listagg histogram histogram_exact json_group_array json_group_object
        """;

    private const string WindowFunctions = """
        row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value last_value nth_value fill
        """;

    private const string Regexps = """
        regexp_matches regexp_full_match regexp_extract regexp_extract_all regexp_replace regexp_split_to_array string_split_regex
        str_split_regex
        """;

    private static readonly FrozenDictionary<string, FunctionRule> Rules = Build();

    /// <summary>Number of names.</summary>
    internal static int Count => Rules.Count;

    /// <summary>Every function with its rule.</summary>
    internal static IEnumerable<KeyValuePair<string, FunctionRule>> All => Rules;

    /// <summary>The rule of a function, by its lower-case name; null when it may not be called.</summary>
    internal static FunctionRule? Find(string name) => Rules.GetValueOrDefault(name);

    private static FrozenDictionary<string, FunctionRule> Build()
    {
        var rules = new Dictionary<string, FunctionRule>(StringComparer.Ordinal);
        Add(rules, FixedScalars, new FunctionRule(FunctionUse.Scalar, Growth.Fixed));
        Add(rules, Patterns, new FunctionRule(FunctionUse.Scalar, Growth.Fixed, Cost: FunctionCost.Pattern));
        Add(rules, "instr strpos position contains", new FunctionRule(FunctionUse.Scalar, Growth.Fixed, Cost: FunctionCost.Search));
        Add(rules, SameScalars, new FunctionRule(FunctionUse.Scalar, Growth.Same));
        Add(rules, Aggregates, new FunctionRule(FunctionUse.Aggregate | FunctionUse.Window, Growth.Same));
        Add(rules, WindowFunctions, new FunctionRule(FunctionUse.Window, Growth.Same));
        Add(rules, CollectingAggregates, new FunctionRule(FunctionUse.Aggregate, Growth.Collected));

        // Over a frame each row would go through all values of the frame, deaf to interrupts for a whole vector of rows.
        Add(rules, "mode entropy geomean geometric_mean", new FunctionRule(FunctionUse.Aggregate, Growth.Same));
        Add(rules, "+ add", new FunctionRule(FunctionUse.Scalar, Growth.Lists));

        // Their results hold the names of a type, which may be as long as literals.
        Add(rules, "typeof pg_typeof struct_keys", new FunctionRule(FunctionUse.Scalar, Growth.Collected));
        Add(
            rules,
            "->> json_array_length json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_type json_value",
            new FunctionRule(FunctionUse.Scalar, Growth.Same, Cost: FunctionCost.Path));
        Add(rules, "json_keys", new FunctionRule(FunctionUse.Scalar, Growth.Sum, Factor: 17, Cost: FunctionCost.Path));

        // With one argument more these keep the n best, n up to a million for every group.
        Add(rules, "min max", new FunctionRule(FunctionUse.Aggregate | FunctionUse.Window, Growth.Same, MaxArguments: 1));
        Add(
            rules,
            "arg_min arg_max argmin argmax min_by max_by arg_min_null arg_max_null arg_min_nulls_last arg_max_nulls_last",
            new FunctionRule(FunctionUse.Aggregate | FunctionUse.Window, Growth.Same, MaxArguments: 2));

        // Factors: bytes of result per byte of argument, 16 for what makes an element with a header of every character.
        Add(rules, "|| concat encode list_concat array_concat list_cat array_cat map_concat", Sum(1));
        Add(rules, "hex to_hex base64 to_base64", Sum(2));
        Add(rules, "nfc_normalize url_encode regexp_escape url_decode", Sum(3));
        Add(rules, "translate", Sum(4));
        Add(rules, "json json_quote to_json array_to_json row_to_json json_object json_array", Sum(6));
        Add(rules, "bin to_binary", Sum(8));
        Add(rules, "strftime", Sum(12));
        Add(rules, "list_value list_pack struct_pack row map map_from_entries struct_concat struct_insert struct_update", Sum(2));
        Add(
            rules,
            "list_append list_prepend array_append array_prepend array_push_back array_push_front list_histogram list_string_agg",
            Sum(2));
        Add(rules, "list_grade_up array_grade_up grade_up", Sum(8));
        Add(
            rules,
            "string_split split str_split string_to_array regexp_split_to_array string_split_regex str_split_regex regexp_extract_all parse_path",
            Sum(17));
        Add(rules, "concat_ws", Sum(4));
        Add(rules, "replace regexp_replace array_to_string list_select array_select list_zip array_zip", new FunctionRule(FunctionUse.Scalar, Growth.Product));

        foreach (string name in Names(Regexps))
            rules[name] = rules[name] with { Cost = FunctionCost.Regexp };

        // Macros of DuckDB that use an argument more than once; the figures are what binding nested calls was seen to cost.
        Copy(rules, "array_pop_back array_to_string json_group_array json_group_object map_contains_entry nullif", 2);
        Copy(rules, "split_part", 3);
        Copy(rules, "fmod", 4);
        Copy(rules, "round_even roundbankers", 6);
        return rules.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FunctionRule Sum(int factor) => new(FunctionUse.Scalar, Growth.Sum, factor);

    private static void Add(Dictionary<string, FunctionRule> rules, string names, FunctionRule rule)
    {
        foreach (string name in Names(names))
            rules.Add(name, rule);
    }

    private static void Copy(Dictionary<string, FunctionRule> rules, string names, int copies)
    {
        foreach (string name in Names(names))
            rules[name] = rules[name] with { Copies = copies };
    }

    private static string[] Names(string names) => names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
