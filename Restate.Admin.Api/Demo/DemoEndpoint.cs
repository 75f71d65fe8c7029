using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Restate.Admin.Api.Demo;

/// <summary>
/// A service endpoint of the demo on a free loopback port. It speaks Restate's discovery protocol, so that it is registered as an
/// SDK's endpoint is; invocations it refuses, for nobody in the demo makes any.
/// </summary>
internal sealed class DemoEndpoint : IAsyncDisposable
{
    /// <summary>The virtual object that the demo writes.</summary>
    public const string CartService = "Cart";

    /// <summary>The workflow beside it.</summary>
    public const string OrderService = "Order";

    private const string ManifestType = "application/vnd.restate.endpointmanifest.v{0}+json";

    /// <summary>The manifest holds nothing that version 3 of its format does not have.</summary>
    private static readonly int[] ManifestVersions = [4, 3];

    private static readonly byte[] Manifest = """
        {
          "protocolMode": "REQUEST_RESPONSE",
          "minProtocolVersion": 5,
          "maxProtocolVersion": 7,
          "services": [
            {
              "name": "Cart",
              "ty": "VIRTUAL_OBJECT",
              "documentation": "A shopping cart, one object for each customer. The demo writes its state over the admin API.",
              "metadata": { "restate-admin": "demo" },
              "handlers": [
                {
                  "name": "add", "ty": "EXCLUSIVE", "documentation": "Adds an item.",
                  "input": { "required": true, "contentType": "application/json" },
                  "output": { "setContentTypeIfEmpty": false, "contentType": "application/json" }
                },
                {
                  "name": "checkout", "ty": "EXCLUSIVE", "documentation": "Turns the cart into an order.",
                  "input": { "required": false, "contentType": "application/json" },
                  "output": { "setContentTypeIfEmpty": false, "contentType": "application/json" }
                },
                {
                  "name": "get", "ty": "SHARED", "documentation": "Reads the cart.",
                  "input": { "required": false, "contentType": "application/json" },
                  "output": { "setContentTypeIfEmpty": false, "contentType": "application/json" }
                }
              ]
            },
            {
              "name": "Order",
              "ty": "WORKFLOW",
              "documentation": "Takes payment for a cart and ships it.",
              "metadata": { "restate-admin": "demo" },
              "handlers": [
                {
                  "name": "run", "ty": "WORKFLOW", "documentation": "Pays and ships.",
                  "input": { "required": true, "contentType": "application/json" },
                  "output": { "setContentTypeIfEmpty": false, "contentType": "application/json" }
                },
                {
                  "name": "status", "ty": "SHARED", "documentation": "Reads how far it is.",
                  "input": { "required": false, "contentType": "application/json" },
                  "output": { "setContentTypeIfEmpty": false, "contentType": "application/json" }
                }
              ]
            }
          ]
        }
        """u8.ToArray();

    private readonly WebApplication _application;

    private DemoEndpoint(WebApplication application, Uri uri)
    {
        _application = application;
        Uri = uri;
    }

    /// <summary>What to register.</summary>
    public Uri Uri { get; }

    /// <summary>Starts the endpoint.</summary>
    public static async Task<DemoEndpoint> StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Restate.Admin.Api" });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Discovery is rare and comes from one place.
            kestrel.Limits.MaxConcurrentConnections = 16;

            // Restate talks HTTP/2 with prior knowledge to an http address, and without TLS one port cannot offer both.
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        WebApplication application = builder.Build();
        try
        {
            application.MapGet("/discover", DiscoverAsync);
            application.MapGet("/health", context => context.Response.WriteAsync("OK", context.RequestAborted));
            application.MapPost("/invoke/{service}/{handler}", context => RefuseAsync(
                context, StatusCodes.Status501NotImplemented, "this endpoint is a demo of discovery: it declares its handlers, and runs none"));
            application.MapFallback(context => RefuseAsync(
                context, StatusCodes.Status404NotFound, "nothing is here; this endpoint has /health, /discover and /invoke/{service}/{handler}"));
            await application.StartAsync(cancellationToken);
            string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return new DemoEndpoint(application, new Uri(address));
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private static Task DiscoverAsync(HttpContext context)
    {
        string accept = context.Request.Headers.Accept.ToString();
        string? type = accept is "" or "*/*"
            ? TypeOf(ManifestVersions[0])
            : ManifestVersions.Select(TypeOf).FirstOrDefault(candidate => accept.Contains(candidate, StringComparison.OrdinalIgnoreCase));
        if (type is null)
        {
            return RefuseAsync(
                context,
                StatusCodes.Status415UnsupportedMediaType,
                $"no common version of the discovery protocol; this endpoint has {string.Join(", ", ManifestVersions.Select(TypeOf))}");
        }

        context.Response.Headers["x-restate-server"] = $"restate-admin-demo/{NodeVersion.Text}";
        context.Response.ContentType = type;
        context.Response.ContentLength = Manifest.Length;
        return context.Response.Body.WriteAsync(Manifest, context.RequestAborted).AsTask();
    }

    private static string TypeOf(int version) => ManifestType.Replace("{0}", $"{version}", StringComparison.Ordinal);

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"message":"{{message}}"}""", Encoding.UTF8, context.RequestAborted);
    }
}
