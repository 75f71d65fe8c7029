using System.Net;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>A query that was answered with an error.</summary>
internal sealed class SqlException(string query, HttpStatusCode status, string body) : Exception($"{(int)status} for [{query}]: {body}")
{
    public HttpStatusCode Status { get; } = status;

    public string Body { get; } = body;
}
