namespace Restate.Admin.Api.Query.Tables;

/// <summary>A column of a table.</summary>
/// <param name="Name">Name in SQL, lower case.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">What it holds, for documentation: a phrase without a full stop. Empty where a test makes the table.</param>
internal sealed record SqlColumn(string Name, SqlType Type, string Description = "")
{
    /// <summary>True when no row has a null there.</summary>
    internal bool IsRequired { get; init; }
}
