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
        "Tables and views",
        [Required("table_catalog"), Required("table_schema"), Required("table_name"), Required("table_type")]);

    internal static readonly TableDefinition Views = Define(
        "views",
        "Tables and views; views with their statement",
        [Required("table_catalog"), Required("table_schema"), Required("table_name"), Optional("definition")]);

    internal static readonly TableDefinition ColumnList = Define(
        "columns",
        "Columns of tables and views",
        [
            Required("table_catalog"), Required("table_schema"), Required("table_name"), Required("column_name"),
            Required("ordinal_position", SqlType.UInt64), Optional("column_default"), Required("is_nullable"), Required("data_type"),
            Optional("character_maximum_length", SqlType.UInt64), Optional("character_octet_length", SqlType.UInt64),
            Optional("numeric_precision", SqlType.UInt64), Optional("numeric_precision_radix", SqlType.UInt64),
            Optional("numeric_scale", SqlType.UInt64), Optional("datetime_precision", SqlType.UInt64), Optional("interval_type"),
        ]);

    internal static readonly TableDefinition Schemata = Define(
        "schemata",
        "Schemas",
        [
            Required("catalog_name"), Required("schema_name"), Optional("schema_owner"), Optional("default_character_set_catalog"),
            Optional("default_character_set_schema"), Optional("default_character_set_name"), Optional("sql_path"),
        ]);

    internal static readonly TableDefinition Settings = Define(
        "df_settings", "Settings of the query engine", [Required("name"), Optional("value"), Optional("description")]);

    internal static readonly TableDefinition Routines = Define(
        "routines",
        "Functions that a query may call",
        [
            Required("specific_catalog"), Required("specific_schema"), Required("specific_name"), Required("routine_catalog"),
            Required("routine_schema"), Required("routine_name"), Required("routine_type"), Optional("is_deterministic", SqlType.Boolean),
            Optional("data_type"), Optional("function_type"), Optional("description"), Optional("syntax_example"),
        ]);

    internal static readonly TableDefinition Parameters = Define(
        "parameters",
        "Parameters of functions; empty, because functions here take arguments of many types",
        [
            Required("specific_catalog"), Required("specific_schema"), Required("specific_name"),
            Required("ordinal_position", SqlType.UInt64), Required("parameter_mode"), Optional("parameter_name"), Required("data_type"),
            Optional("parameter_default"), Required("is_variadic", SqlType.Boolean), Required("rid", SqlType.UInt8),
        ]);

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

    private static SqlColumn Required(string name, SqlType type = SqlType.SmallUtf8) => new(name, type) { IsRequired = true };

    private static SqlColumn Optional(string name, SqlType type = SqlType.SmallUtf8) => new(name, type);
}
