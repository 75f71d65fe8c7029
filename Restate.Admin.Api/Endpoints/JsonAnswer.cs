using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Restate.Admin.Api.Endpoints;

/// <summary>A JSON body with its length: clients see at once how much comes, and small ones need no framing.</summary>
internal sealed class JsonAnswer<T>(T value, JsonTypeInfo<T> type, int status) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        HttpResponse response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}

/// <summary>Makes <see cref="JsonAnswer{T}"/>.</summary>
internal static class JsonAnswer
{
    /// <summary>A value as its contract writes it.</summary>
    public static IResult Of<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => new JsonAnswer<T>(value, type, status);
}
