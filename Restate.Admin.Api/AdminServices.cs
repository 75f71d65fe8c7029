using System.Net;
using System.Net.Security;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Prometheus;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Api.Endpoints.Http;
using Restate.Admin.Api.Logging;
using Restate.Admin.Api.OpenApi;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Security;
using Restate.Admin.Api.WebConsole;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Api;

/// <summary>Puts the parts of the node into one web application.</summary>
internal static class AdminServices
{
    /// <summary>Requests that still run at a stop get this long; what remains of the shutdown belongs to flushing.</summary>
    private static readonly TimeSpan RequestGrace = TimeSpan.FromSeconds(5);

    /// <summary>A builder that listens on the configured addresses.</summary>
    /// <param name="configuration">The configuration at the start.</param>
    /// <param name="certificate">What the admin port speaks TLS with; null: it speaks plain http.</param>
    /// <param name="log">Where messages go; null: nowhere.</param>
    public static WebApplicationBuilder CreateBuilder(
        RestateConfiguration configuration, ServerCertificate? certificate = null, NodeLogging? log = null)
    {
        // Our own configuration is the only one: no appsettings, no ASPNETCORE_ variables, nothing from the command line.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = "Restate.Admin.Api",

            // The host would watch the working directory and all below it for an appsettings.json: thousands of watches, and megabytes of
            // kernel memory that count against a container.
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        log?.AddTo(builder.Logging);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = RequestGrace);
        builder.WebHost.UseKestrelCore();
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ServerLimits.Apply(kestrel.Limits);
            kestrel.Listen(IPEndPoint.Parse(configuration.Admin.BindAddress), listen =>
            {
                listen.Use(next => connection => Tag(connection, ListenerRole.Admin, next));
                if (certificate is not null)
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Offer(certificate)) });
            });
            kestrel.Listen(IPEndPoint.Parse(configuration.BindAddress), listen => listen.Use(next => connection => Tag(connection, ListenerRole.Node, next)));
        });
        return builder;

        static SslServerAuthenticationOptions Offer(ServerCertificate certificate) => new() { ServerCertificateContext = certificate.Context };

        static async Task Tag(ConnectionContext connection, ListenerRole role, ConnectionDelegate next)
        {
            connection.Features.Set(new ListenerFeature(role));
            if (await ServerLimits.SpeaksAsync(connection))
                await next(connection);
        }
    }

    /// <summary>Adds the services of the node.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="configuration">The configuration at the start.</param>
    /// <param name="storage">The storage; null where the routes are only described.</param>
    /// <param name="queries">The query engine; null where the routes are only described.</param>
    public static void AddAdminApi(
        this WebApplicationBuilder builder, RestateConfiguration configuration, RestateStorage? storage, QueryEngine? queries)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddPart(storage, node => node.Configuration);
        services.AddPart(storage, node => node.SharedMemory);
        services.AddPart(storage, node => node.Controller);
        services.AddPart(storage, node => node.Ledger);
        services.AddPart(storage, node => node.History);
        services.AddPart(storage, node => node.Guard);
        services.AddPart(storage, node => node.RecordCache);
        services.AddPart(storage, node => new RocksDbMetricsText(node.RocksMetrics, configuration));
        services.AddPart(storage, node => node.Admission);
        services.AddPart(storage, node => node.Census);
        services.AddPart(storage, node => node.Schema);
        services.AddPart(storage, node => node.Partitions);
        services.AddPart<RestateStorage, IPartitionMemorySource>(storage, node => node.Partitions);
        services.AddPart(storage, node => new NodeHealthSource(TimeProvider.System.GetTimestamp(), () => node.LogFailure));
        CollectorRegistry registry = MetricsEndpoint.CreateRegistry(configuration);
        services.AddSingleton(registry);
        if (storage is not null)
        {
            LogMetrics.Register(registry, storage);
            PartitionMetrics.Register(registry, storage);
            NodeMetrics.Register(registry, storage);
            ControllerMetrics.Register(registry, storage.Controller);
        }

        services.AddSingleton<MemoryMetrics>();
        services.AddSingleton(new DiscoveryClient(new DiscoveryOptions { ClusterName = configuration.ClusterName }, TimeProvider.System));
        services.AddPart(queries, engine => engine);
        services.AddPart(queries, engine => engine.Queries);
        services.AddSingleton<QueryMetrics>();
        services.AddResponseCodings();
        services.AddSingleton(new ApiDocument(services));
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        });
    }

    /// <summary>
    /// Adds a part of the node as a service. Without a node its type alone: the routes tell their services from their parameters by it.
    /// </summary>
    private static void AddPart<TNode, TPart>(this IServiceCollection services, TNode? node, Func<TNode, TPart> part)
        where TNode : class
        where TPart : class
    {
        if (node is null)
            services.AddSingleton<TPart>(_ => throw new InvalidOperationException($"no node runs here that has a {typeof(TPart).Name}"));
        else
            services.AddSingleton(part(node));
    }

    /// <summary>Maps what each port serves.</summary>
    public static void UseAdminApi(this WebApplication application)
    {
        application.Use(HandleErrorsAsync);
        application.MapWhen(
            context => context.Features.Get<ListenerFeature>()?.Role == ListenerRole.Node,
            node =>
            {
                node.UseRouting();
                node.UseEndpoints(routes => routes.MapNodePort());
            });
        application.UseResponseCodings();
        application.RefuseForeignOrigins();
        application.RefuseRequestCodings();
        application.UseApiVersions();
        application.UseSwaggerPage();
        application.UseRouting();
        application.UseMiddleware<AccessControl>();
        application.UseMiddleware<AuditTrail>();
        application.MapOpenApi();
        application.MapConsole();
        application.MapVersion(() => application.Services.GetRequiredService<ConfigurationStore>().Current.Value.ClusterName);
        application.MapDeployments();
        application.MapServices();
        application.MapQuery();
        application.MapQueries();
        application.MapMemory();
        application.MapConfig();
        application.MapPartitions();
        application.MapState();
        application.MapInvocations();
        application.MapSubscriptions();
        application.MapKafkaClusters();
        application.MapLimits();
    }

    private static async Task HandleErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; there is nobody to answer.
            context.Abort();
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The server's own word for a client that is gone in the middle of its body. The request may not be told yet.
            context.Abort();
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            int status = e switch
            {
                BadHttpRequestException bad => bad.StatusCode,

                // How the server tells of a chunk whose size is past any number.
                IOException { InnerException: OverflowException } => StatusCodes.Status400BadRequest,
                PartitionUnavailableException or LogUnavailableException or StorageException { IsDiskFull: true } => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            };
            if (status == StatusCodes.Status500InternalServerError)
                RequestLog.Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AdminServices)), context.Request.Method, context.Request.Path, e);
            string message = status == StatusCodes.Status400BadRequest || e is StorageException or BadHttpRequestException ? e.Message : "internal error; the log of the node has the details";

            // What the handler had prepared goes, the coding of its body above all.
            context.Response.Clear();
            context.Response.StatusCode = status;
            if (status == StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = "5";
            await context.Response.WriteAsJsonAsync(new ErrorBody(message), context.RequestAborted);
        }
    }
}

/// <summary>Which of the node's ports a connection came in by.</summary>
internal enum ListenerRole
{
    /// <summary>The admin API.</summary>
    Admin,

    /// <summary>Metrics and health.</summary>
    Node,
}

/// <summary>Tells a request which port it came in by.</summary>
internal sealed record ListenerFeature(ListenerRole Role);

/// <summary>Messages about requests.</summary>
internal static partial class RequestLog
{
    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Failed(ILogger logger, string method, string path, Exception failure);
}
