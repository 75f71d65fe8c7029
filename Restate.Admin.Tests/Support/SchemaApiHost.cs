using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Api.Endpoints.Http;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Tests.Support;

/// <summary>The routes of deployments, services and versions over a registry in memory, on a real port.</summary>
internal sealed class SchemaApiHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SchemaApiHost(WebApplication application)
    {
        _application = application;
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Http { get; }

    public SchemaRegistry Registry => _application.Services.GetRequiredService<SchemaRegistry>();

    public static async Task<SchemaApiHost> StartAsync(DiscoveryOptions? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ServerLimits.Apply(kestrel.Limits);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton(_ => new SchemaRegistry(new InMemoryMetadataStore()));
        builder.Services.AddSingleton(_ => new DiscoveryClient(options ?? new DiscoveryOptions(), TimeProvider.System));
        builder.Services.AddResponseCodings();
        WebApplication application = builder.Build();
        application.UseResponseCodings();
        application.RefuseForeignOrigins();
        application.UseApiVersions();
        application.UseRouting();
        application.MapVersion(() => "localcluster");
        application.MapDeployments();
        application.MapServices();
        await application.StartAsync();
        return new SchemaApiHost(application);
    }

    /// <summary>Sends a request; the answer is its status, its body, and what else a test asks of it.</summary>
    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, string? body, string? contentType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.Remove("content-type");
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        }

        using HttpResponseMessage response = await Http.SendAsync(request, cancellationToken);
        return new ApiAnswer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.ToString(),
            await response.Content.ReadAsStringAsync(cancellationToken),
            response.Headers.Location?.OriginalString,
            response.Content.Headers.NonValidated.TryGetValues("allow", out HeaderStringValues allow) ? allow.ToString() : null);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
    }
}

/// <summary>An answer of the API.</summary>
internal sealed record ApiAnswer(int Status, string? Type, string Text, string? Location, string? Allow);
