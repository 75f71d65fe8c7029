using System.Globalization;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Reads parameters of the query string, with the errors that clients of the admin API know.</summary>
internal static class QueryParameters
{
    /// <summary>True or false; false when absent.</summary>
    /// <exception cref="RequestRejectedException">400: it is neither.</exception>
    public static bool Flag(IQueryCollection query, string name) => query[name] switch
    {
        [] => false,
        ["true"] => true,
        ["false"] => false,
        _ => throw Rejected(name, "provided string was not `true` or `false`"),
    };

    /// <summary>A number; null when absent.</summary>
    /// <exception cref="RequestRejectedException">400: it is none, or too large.</exception>
    public static uint? UInt32(IQueryCollection query, string name)
    {
        if (query[name] is not [{ } text, ..])
            return null;
        if (uint.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out uint value))
            return value;
        bool digits = text.Length > 0 && text.All(char.IsAsciiDigit);
        throw Rejected(name, text.Length == 0 ? "cannot parse integer from empty string"
            : digits ? "number too large to fit in target type"
            : "invalid digit found in string");
    }

    /// <summary>The refusal of a parameter.</summary>
    public static RequestRejectedException Rejected(string name, string detail) =>
        new(StatusCodes.Status400BadRequest, $"Failed to deserialize query string: {name}: {detail}");
}
