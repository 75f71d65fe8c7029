using System.Text.Json;

namespace Restate.Admin.Api.Contracts;

/// <summary>Rows of <c>POST /query</c> as JSON.</summary>
/// <remarks>For the API document; the endpoint writes rows as they come.</remarks>
/// <param name="Rows">One object a row, with a field for each column that is not null. Bytes are hexadecimal digits, times RFC 3339.</param>
public sealed record QueryRowsView(IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> Rows);
