using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints;

/// <summary>A request is refused before it means anything: body, path or query cannot be read. Answered as plain text.</summary>
internal sealed class RequestRejectedException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>HTTP status to answer with.</summary>
    public int Status { get; } = status;
}

/// <summary>Answers for what the endpoints of a group throw.</summary>
internal sealed class JsonBodyErrors : IEndpointFilter
{
    /// <summary>An error body with its status.</summary>
    public static IResult Error(int status, string message, string? code = null) => JsonAnswer.Of(
        new ErrorBody(message, code), DeploymentJsonContext.Plain.ErrorBody, status);

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RequestRejectedException e)
        {
            return TypedResults.Text(e.Message, "text/plain; charset=utf-8", statusCode: e.Status);
        }
        catch (DiscoveryException e)
        {
            return Error(e.Status, e.Message, e.Code);
        }
        catch (SchemaException e)
        {
            int status = e.Failure switch
            {
                SchemaFailure.NotFound => StatusCodes.Status404NotFound,
                SchemaFailure.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status400BadRequest,
            };
            return Error(status, e.Message, e.Code);
        }
    }
}
