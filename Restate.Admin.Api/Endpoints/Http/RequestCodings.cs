namespace Restate.Admin.Api.Endpoints.Http;

/// <summary>Refuses bodies with a coding: nothing here unpacks one, and a small body that unpacks to gigabytes must never be let in.</summary>
internal static class RequestCodings
{
    /// <summary>Puts the check before everything that reads a body.</summary>
    public static void RefuseRequestCodings(this IApplicationBuilder application) => application.Use((context, next) =>
    {
        string coding = context.Request.Headers.ContentEncoding.ToString();
        if (coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return next(context);
        context.Response.Headers.AcceptEncoding = "identity";
        return JsonBodyErrors.Error(
            StatusCodes.Status415UnsupportedMediaType, "The header 'content-encoding' is not allowed: bodies are taken as they are, without a coding")
            .ExecuteAsync(context);
    });
}
