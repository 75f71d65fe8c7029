using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Restate.Admin.Tests.Support;

/// <summary>An HTTP endpoint that answers as a test says, on a free port of the loopback address.</summary>
internal sealed class ScriptedEndpoint : IAsyncDisposable
{
    public const string ManifestV4 = "application/vnd.restate.endpointmanifest.v4+json";

    /// <summary>A manifest with one object, <c>Counter</c>.</summary>
    public const string CounterManifest =
        """{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"Counter","ty":"VIRTUAL_OBJECT","handlers":[{"name":"add","ty":"EXCLUSIVE"}]}]}""";

    private readonly WebApplication _application;

    private ScriptedEndpoint(WebApplication application) => _application = application;

    public string Uri => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What the last request was.</summary>
    public ScriptedRequest? Last { get; private set; }

    public int Requests { get; private set; }

    public static Task<ScriptedEndpoint> ManifestAsync(
        string manifest, string contentType = ManifestV4, HttpProtocols protocols = HttpProtocols.Http2, string? sdk = null) =>
        StartAsync(
            async context =>
            {
                context.Response.ContentType = contentType;
                if (sdk is not null)
                    context.Response.Headers["x-restate-server"] = sdk;
                await context.Response.WriteAsync(manifest, context.RequestAborted);
            },
            protocols);

    public static async Task<ScriptedEndpoint> StartAsync(RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http2)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        WebApplication application = builder.Build();
        var endpoint = new ScriptedEndpoint(application);
        application.Run(context =>
        {
            HttpRequest request = context.Request;
            endpoint.Requests++;
            endpoint.Last = new ScriptedRequest(
                $"{request.Method} {request.Path}{request.QueryString} {request.Protocol}",
                request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            return answer(context);
        });
        await application.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}

/// <summary>A request that a <see cref="ScriptedEndpoint"/> got.</summary>
internal sealed record ScriptedRequest(string Line, IReadOnlyDictionary<string, string> Headers);
