using System.Globalization;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Net.Http.Headers;

namespace Restate.Admin.Api.Endpoints.Http;

/// <summary>
/// Chooses how an answer is compressed: never unless asked for; of what is asked for the highest quality, and among equals zstd, br,
/// gzip, deflate. Streams stay streams: what a handler flushes reaches the client, and an aborted answer lacks its end.
/// </summary>
internal sealed class ResponseCodings : IResponseCompressionProvider, IDisposable
{
    /// <summary>Bodies up to this size are sent as they are: headers and trailer of a coding would outgrow what it saves.</summary>
    public const int MinBytes = 32;

    /// <summary>
    /// Answers compressed at once. A coder holds up to 2 MiB, so all of them 64 MiB; answers beyond that are sent as they are, which
    /// every client accepts.
    /// </summary>
    public const int MaxCoders = 32;

    private static readonly ICompressionProvider[] Coders =
        [new ZstandardCoder(), new BrotliCoder(), new GzipCoder(), new DeflateCoder()];

    private readonly SemaphoreSlim _slots = new(MaxCoders, MaxCoders);

    /// <inheritdoc/>
    public bool CheckRequestAcceptsCompression(HttpContext context) => Choose(context.Request.Headers.AcceptEncoding.ToString()) is not null;

    /// <inheritdoc/>
    public bool ShouldCompressResponse(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;

        // Without a type there would be no body either: the answer to such a HEAD must not tell of a coding.
        if (HttpMethods.IsHead(context.Request.Method) && context.Response.ContentType is null)
            return false;
        return headers.ContentEncoding.Count == 0 && headers.ContentRange.Count == 0 && headers.ContentLength is null or > MinBytes;
    }

    /// <inheritdoc/>
    public ICompressionProvider? GetCompressionProvider(HttpContext context)
    {
        ICompressionProvider? coder = Choose(context.Request.Headers.AcceptEncoding.ToString());
        if (coder is null || !_slots.Wait(0, CancellationToken.None))
            return null;

        // However the answer ends, its slot comes back with the end of the request.
        context.Response.RegisterForDispose(new Slot(_slots));
        return coder;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    /// <summary>The coder for an <c>Accept-Encoding</c>; null when none of ours is asked for, or none rather than plain.</summary>
    public static ICompressionProvider? Choose(string acceptEncoding)
    {
        (ICompressionProvider? Coder, double Quality) best = (null, 0);
        double plain = 0;
        foreach (string item in acceptEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Quality(item, out string name) is not { } quality)
                continue;
            if (name == "identity")
                plain = quality;
            if (Find(name) is { } coder && quality > 0
                && (quality > best.Quality || (quality == best.Quality && Array.IndexOf(Coders, coder) < Array.IndexOf(Coders, best.Coder))))
            {
                best = (coder, quality);
            }
        }

        return best.Quality >= plain ? best.Coder : null;
    }

    private static ICompressionProvider? Find(string name) =>
        Array.Find(Coders, coder => coder.EncodingName == (name == "x-gzip" ? "gzip" : name));

    private static double? Quality(string item, out string name)
    {
        string[] parts = item.Split(';', StringSplitOptions.TrimEntries);
        name = parts[0].ToLowerInvariant();
        if (parts.Length == 1)
            return 1;
        return parts.Length == 2
            && parts[1].StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(parts[1].AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality)
            && quality <= 1
            ? quality
            : null;
    }

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}

/// <summary>Adds compression of answers to the application.</summary>
internal static class ResponseCodingsSetup
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddResponseCodings(this IServiceCollection services) =>
        services.AddSingleton<IResponseCompressionProvider, ResponseCodings>();

    /// <summary>Compresses what comes after, and tells caches which answers depend on what was asked for.</summary>
    public static void UseResponseCodings(this IApplicationBuilder application)
    {
        application.Use((context, next) =>
        {
            context.Response.OnStarting(static state =>
            {
                var response = (HttpResponse)state;
                string vary = response.Headers.Vary.ToString();
                if (response.ContentType is not null && response.ContentLength is null or > ResponseCodings.MinBytes)
                    response.Headers.Vary = vary.Length == 0 || IsAcceptEncoding(vary) ? "accept-encoding" : vary;
                return Task.CompletedTask;
            }, context.Response);
            return next(context);
        });
        application.UseResponseCompression();
    }

    private static bool IsAcceptEncoding(string vary) => vary.Equals(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase);
}
