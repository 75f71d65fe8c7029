namespace Restate.Admin.Tests.Api.Query;

/// <summary>Functions of DuckDB that a statement may not call, each with the reason.</summary>
internal static class RefusedFunctions
{
    /// <summary>Reasons with the names of the functions; a name may end with * for all that begin so.</summary>
    private static readonly (string Reason, string Names)[] Judged =
    [
        ("the size of its result is given by a number, so that a few bytes make gigabytes", """
            approx_top_k array_resize bar bitstring bitstring_agg equi_width_bins format generate_series generate_subscripts list_resize lpad
            printf range repeat reservoir_quantile rpad
            """),
        ("indents by depth, so that its result grows with the square of its argument", "json_pretty"),
        ("recurses as deep as a value nests, and a deep value ends the process", """
            from_json from_json_strict json_contains json_group_structure json_merge_patch json_structure json_transform json_transform_strict
            """),
        ("takes more than linear time for one row, and no interrupt reaches it", """
            damerau_levenshtein editdist3 jaro_similarity jaro_winkler_similarity levenshtein
            """),
        ("runs a function for every element, chosen by a lambda or by a name that the gate does not see", """
            aggregate apply array_aggr array_aggregate array_apply array_filter array_reduce array_transform filter list_aggr list_aggregate
            list_apply list_filter list_reduce list_transform reduce
            """),
        ("looks at the instance, its catalogue or its settings", """
            array_to_string_comma_default col_description current_catalog current_connection_id current_database current_query
            current_query_id current_role current_schema current_schemas current_setting current_transaction_id current_user format_pg_type
            format_type get_block_size getvariable has_* in_search_path inet_* map_to_pg_oid obj_description pg_collation_is_visible
            pg_conf_load_time pg_conversion_is_visible pg_function_is_visible pg_get_* pg_has_role pg_is_other_temp_schema pg_my_temp_schema
            pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible pg_postmaster_start_time pg_table_is_visible pg_ts_*
            pg_type_is_visible session_user shobj_description stats txid_current user vector_type
            """),
        ("changes the instance or writes", "currval nextval setseed write_log"),
        ("waits", "pg_sleep sleep_ms"),
        ("parses SQL, types or log lines of the engine", """
            json_deserialize_sql json_serialize_plan json_serialize_sql make_type parse_duckdb_log_message get_type
            """),
        ("is DuckDB's own machinery", """
            __internal_* !__postfix alias can_cast_implicitly cast_to_type combine constant_or_null create_sort_key error finalize is_histogram_other_bin
            remap_struct replace_type sum_no_overflow switch timetz_byte_comparable unpivot_list
            """),
        ("gives rows and not a value", "regexp_split_to_table"),
        ("answers wrongly here, where integers divide to integers", "wavg weighted_avg"),
        ("is of a type that no table has and a cast may not make: bits, enumerations, unions, variants, geometries, arrays of fixed length", """
            array_cosine_* array_cross_product array_distance array_dot_product array_inner_product array_negative_* array_value bit_position
            enum_* get_bit set_bit st_* struct_contains struct_has struct_indexof struct_position struct_values union_* variant_*
            """),
        ("is a collation; text sorts by its bytes", "icu_collate_* icu_sort_key"),
    ];

    internal static IEnumerable<string> Patterns => Judged.SelectMany(judged => Split(judged.Names));

    /// <summary>Why a function is refused; null when nobody has judged it.</summary>
    internal static string? ReasonOf(string name) => Judged
        .Where(judged => Split(judged.Names).Any(pattern => Matches(pattern, name)))
        .Select(judged => judged.Reason)
        .FirstOrDefault();

    internal static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;

    private static string[] Split(string names) => names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
