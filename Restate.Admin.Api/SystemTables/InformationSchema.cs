using System.Collections.Frozen;
using Restate.Admin.Api.Query.Gate;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.SystemTables;

/// <summary>
/// <c>information_schema</c> in the peer's form: its columns and types, positions from 0, Arrow type names. A table of this schema has
/// a dot in its name.
/// </summary>
internal static class InformationSchema
{
    internal const string SchemaName = "information_schema";

    private const string Catalog = "restate";
    private const string PublicSchema = "public";

    /// <summary>Bytes of a text or blob column: no limit.</summary>
    private const ulong OctetLength = long.MaxValue;

    /// <summary>Functions whose result is another with every query.</summary>
    private static readonly FrozenSet<string> Changing = FrozenSet.Create(
        StringComparer.Ordinal,
        "now", "today", "current_date", "current_localtime", "current_localtimestamp", "get_current_time", "get_current_timestamp",
        "transaction_timestamp", "ago", "age", "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid");

    internal static readonly TableDefinition Tables = Define(
        "tables",
        "One table or view",
        [
            Required("table_catalog", "always restate"),
            Required("table_schema", "public, or information_schema"),
            Required("table_name", "table or view"),
            Required("table_type", "BASE TABLE or VIEW"),
        ]);

    internal static readonly TableDefinition Views = Define(
        "views",
        "One table or view; a view with its statement",
        [
            Required("table_catalog", "always restate"),
            Required("table_schema", "public, or information_schema"),
            Required("table_name", "table or view"),
            Optional("definition", "its statement; null for a table"),
        ]);

    internal static readonly TableDefinition ColumnList = Define(
        "columns",
        "One column of a table or view",
        [
            Required("table_catalog", "always restate"),
            Required("table_schema", "public, or information_schema"),
            Required("table_name", "table or view"),
            Required("column_name", "column"),
            Required("ordinal_position", "position, from 0", SqlType.UInt64),
            Optional("column_default", "always null"),
            Required("is_nullable", "YES or NO"),
            Required("data_type", "Arrow type"),
            Optional("character_maximum_length", "always null", SqlType.UInt64),
            Optional("character_octet_length", "most bytes of text and bytes; null for other types", SqlType.UInt64),
            Optional("numeric_precision", "bits of a number of up to 32 bits; null for others", SqlType.UInt64),
            Optional("numeric_precision_radix", "2 where numeric_precision is set", SqlType.UInt64),
            Optional("numeric_scale", "always null", SqlType.UInt64),
            Optional("datetime_precision", "always null", SqlType.UInt64),
            Optional("interval_type", "always null"),
        ]);

    internal static readonly TableDefinition Schemata = Define(
        "schemata",
        "One schema",
        [
            Required("catalog_name", "always restate"),
            Required("schema_name", "always public"),
            Optional("schema_owner", "always null"),
            Optional("default_character_set_catalog", "always null"),
            Optional("default_character_set_schema", "always null"),
            Optional("default_character_set_name", "always null"),
            Optional("sql_path", "always null"),
        ]);

    internal static readonly TableDefinition Settings = Define(
        "df_settings",
        "One setting of the query engine",
        [
            Required("name", "TOML path of the option"),
            Optional("value", "value in force; null when it is not set"),
            Optional("description", "whether it changes while the node runs"),
        ]);

    internal static readonly TableDefinition Routines = Define(
        "routines",
        "One function that a query may call",
        [
            Required("specific_catalog", "always restate"),
            Required("specific_schema", "always public"),
            Required("specific_name", "function"),
            Required("routine_catalog", "always restate"),
            Required("routine_schema", "always public"),
            Required("routine_name", "function"),
            Required("routine_type", "always FUNCTION"),
            Optional("is_deterministic", "false where every query may get another result", SqlType.Boolean),
            Optional("data_type", "always null: functions here give several types"),
            Optional("function_type", "SCALAR, AGGREGATE or WINDOW"),
            Optional("description", "always null"),
            Optional("syntax_example", "always null"),
        ]);

    internal static readonly TableDefinition Parameters = Define(
        "parameters",
        "One parameter of a function",
        [
            Required("specific_catalog", "always restate"),
            Required("specific_schema", "always public"),
            Required("specific_name", "function"),
            Required("ordinal_position", "position of the parameter", SqlType.UInt64),
            Required("parameter_mode", "always IN"),
            Optional("parameter_name", "name of the parameter"),
            Required("data_type", "type of the parameter"),
            Optional("parameter_default", "default value"),
            Required("is_variadic", "it takes any number of arguments", SqlType.Boolean),
            Required("rid", "number of the overload", SqlType.UInt8),
        ]) with
    {
        WhyEmpty = "always: functions here take arguments of many types",
    };

    private static readonly TableDefinition[] All = [Tables, Views, ColumnList, Settings, Schemata, Routines, Parameters];

    /// <summary>The tables of the schema.</summary>
    /// <param name="tables">The tables they describe.</param>
    /// <param name="configuration">Where settings come from.</param>
    internal static IEnumerable<SqlTable> Over(IReadOnlyList<SqlTable> tables, ConfigurationStore configuration) =>
    [
        Tables.Over(() => [.. tables.Select(TableRow), .. All.Select(InnerRow)]),
        Views.Over(() => [.. tables.Select(ViewRow)]),
        ColumnList.Over(() => [.. tables.SelectMany(table => table.Columns.Select((column, i) => ColumnRow(table, column, (ulong)i)))]),
        Schemata.Over(() => [[Catalog, PublicSchema, null, null, null, null, null]]),
        Settings.Over(() => SettingRows(configuration.Current)),
        Routines.Over(RoutineRows),
        Parameters.OverNothing(),
    ];

    private static object?[] TableRow(SqlTable table) => [Catalog, PublicSchema, table.Name, table is SqlView ? "VIEW" : "BASE TABLE"];

    private static object?[] InnerRow(TableDefinition table) => [Catalog, SchemaName, table.Name[(SchemaName.Length + 1)..], "VIEW"];

    private static object?[] ViewRow(SqlTable table) =>
        [Catalog, PublicSchema, table.Name, table is SqlView view ? $"CREATE VIEW {view.Name} AS {view.Definition}" : null];

    private static object?[] ColumnRow(SqlTable table, SqlColumn column, ulong position)
    {
        // The peer tells the precision of 32 bits and not of 64.
        ulong? precision = column.Type switch
        {
            SqlType.UInt8 => 8,
            SqlType.UInt32 => 32,
            _ => null,
        };
        bool hasBytes = column.Type is SqlType.Utf8 or SqlType.Binary;
        return
        [
            Catalog, PublicSchema, table.Name, column.Name, position, null, column.IsRequired ? "NO" : "YES", column.Type.DataType(),
            null, hasBytes ? OctetLength : null, precision, precision is null ? null : 2UL, null, null, null,
        ];
    }

    private static object?[][] SettingRows(ConfigurationSnapshot snapshot) =>
    [
        .. snapshot.Effective
            .Where(option => option.Key.StartsWith("admin.query-engine.", StringComparison.Ordinal))
            .Select(option => new object?[]
            {
                option.Key,
                ConfigurationTable.Value(option.Value.Value),
                option.Value.Live ? "Changes while the node runs" : "Changes with a restart",
            }),
    ];

    private static object?[][] RoutineRows() =>
    [
        .. FunctionList.All
            .Where(function => char.IsAsciiLetter(function.Key[0]))
            .OrderBy(function => function.Key, StringComparer.Ordinal)
            .Select(function => new object?[]
            {
                Catalog, PublicSchema, function.Key, Catalog, PublicSchema, function.Key, "FUNCTION",
                !Changing.Contains(function.Key), null, Kind(function.Value.Use), null, null,
            }),
    ];

    /// <summary>The peer calls a function that works both ways an aggregate, and window functions only those that need OVER.</summary>
    private static string Kind(FunctionUse use) => use switch
    {
        _ when use.HasFlag(FunctionUse.Aggregate) => "AGGREGATE",
        _ when use.HasFlag(FunctionUse.Window) => "WINDOW",
        _ => "SCALAR",
    };

    private static TableDefinition Define(string name, string description, IReadOnlyList<SqlColumn> columns) =>
        new($"{SchemaName}.{name}", description, columns);

    private static SqlColumn Required(string name, string description, SqlType type = SqlType.SmallUtf8) =>
        new(name, type, description) { IsRequired = true };

    private static SqlColumn Optional(string name, string description, SqlType type = SqlType.SmallUtf8) => new(name, type, description);
}
