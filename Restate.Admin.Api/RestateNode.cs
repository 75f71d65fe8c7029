using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Api.Demo;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Api.Logging;
using Restate.Admin.Api.OpenApi;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Security;
using Restate.Admin.Api.SystemTables;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Api;

/// <summary>The node: storage, query engine and admin API in one process.</summary>
public sealed class RestateNode : IAsyncDisposable
{
    private const string QueryPool = "query-engine";

    private readonly RestateStorage _storage;
    private readonly QueryEngine _queries;
    private readonly NodeLogging _log;
    private readonly ILoggerFactory _loggers;
    private readonly NodeSignals? _signals;

    private RestateNode(
        WebApplication application, RestateStorage storage, QueryEngine queries, NodeLogging log, ILoggerFactory loggers, NodeSignals? signals)
    {
        _log = log;
        _signals = signals;
        Application = application;
        _queries = queries;
        _loggers = loggers;
        _storage = storage;
    }

    /// <summary>The web application with its services.</summary>
    public WebApplication Application { get; }

    /// <summary>Address of the admin API, with the port it really has.</summary>
    public Uri AdminAddress => Address(0);

    /// <summary>Address of the node port (metrics, health).</summary>
    public Uri NodeAddress => Address(1);

    /// <summary>Runs a node until it is told to stop and returns the process exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            CommandLine commandLine = CommandLine.Parse(args);
            switch (commandLine.Action)
            {
                case CommandLineAction.Help:
                    Console.Out.Write(CommandLine.Help);
                    return 0;
                case CommandLineAction.Version:
                    Console.Out.WriteLine(NodeVersion.Text);
                    return 0;
                case CommandLineAction.DumpOpenApi:
                    await WriteApiDocumentAsync();
                    return 0;
                case CommandLineAction.CreateToken:
                    Console.Out.Write(NewToken.Write(commandLine.TokenName!, commandLine.TokenScopes));
                    return 0;
            }

            if (commandLine.Action == CommandLineAction.Run)
            {
                // Before the process may execute itself anew: the runtime's own threads inherit it then.
                BackgroundThread.GoFirst();
                ProcessEnvironment.Ensure();
            }

            ConfigurationStore configuration = LoadConfiguration(commandLine);
            switch (commandLine.Action)
            {
                case CommandLineAction.DumpConfig:
                    WriteWarnings(configuration);
                    Console.Out.Write(configuration.Current.DumpToml());
                    return 0;
                case CommandLineAction.Plan:
                    WriteWarnings(configuration);
                    Console.Out.Write(PlanText.Write(configuration.Current.Value, commandLine.PlanPartitions));
                    return 0;
                case CommandLineAction.HealthCheck:
                    return await HealthCheck.RunAsync(configuration.Current.Value);
            }

            if (commandLine.Demo)
                DemoRun.RefuseWith(configuration.Current.Value.Admin);
            await using RestateNode node = await StartAsync(configuration);
            Console.Out.WriteLine($"listening admin={node.AdminAddress.GetLeftPart(UriPartial.Authority)} node={node.NodeAddress.GetLeftPart(UriPartial.Authority)}");
            if (commandLine.Demo)
            {
                await DemoRun.RunAsync(
                    node.AdminAddress, node.NodeAddress, configuration.Current.Value.BaseDir, Console.Out, node._loggers, node.Application.Lifetime.ApplicationStopping);
            }

            await node.Application.WaitForShutdownAsync();
            return 0;
        }
        catch (CommandLineException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        catch (Exception e) when (e is ConfigurationLoadException or StorageException or ListenException or AccessException or DemoException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>Starts a node with a command line, as <see cref="RunAsync"/> does, for callers that stop it themselves.</summary>
    /// <exception cref="CommandLineException">The command line is wrong.</exception>
    /// <exception cref="ConfigurationLoadException">The configuration is wrong.</exception>
    /// <exception cref="StorageException">The storage cannot be opened.</exception>
    /// <exception cref="ListenException">An address cannot be listened on.</exception>
    /// <exception cref="AccessException">The file of tokens or the certificate cannot be used.</exception>
    public static Task<RestateNode> StartAsync(string[] args) => StartAsync(LoadConfiguration(CommandLine.Parse(args)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Application.StopAsync();
            await Application.DisposeAsync();
            await _queries.DisposeAsync();
        }
        finally
        {
            // However the rest ended: what is in memory reaches the disk here.
            _signals?.Serve(null);
            await _storage.DisposeAsync();
            _signals?.Dispose();
            _loggers.Dispose();
            _log.Dispose();
        }
    }

    private static async Task<RestateNode> StartAsync(ConfigurationStore configuration)
    {
        RestateConfiguration current = configuration.Current.Value;
        var log = new NodeLogging(current, TimeProvider.System);
        log.Follow(configuration);
        ILoggerFactory loggers = LoggerFactory.Create(log.AddTo);
        NodeSignals? signals = NodeSignals.Listen(loggers.CreateLogger<RestateNode>());
        LogWarnings(configuration, loggers);
        RestateStorage? storage = null;
        QueryEngine? queries = null;
        WebApplication? application = null;
        try
        {
            // First: a node that cannot be reached, or be protected as configured, opens and creates nothing.
            ListenException.ThrowIfTaken(current);
            AccessTokens tokens = AccessTokens.Open(current.Admin.TokenFile, TimeProvider.System, loggers.CreateLogger<AccessTokens>());
            ServerCertificate? certificate = ServerCertificate.Open(current.Admin.Tls, TimeProvider.System, loggers.CreateLogger<ServerCertificate>());
            AccessWarnings.Write(current.Admin, loggers.CreateLogger(typeof(AccessWarnings)));
            storage = await RestateStorage.OpenAsync(configuration, TimeProvider.System, loggers, CancellationToken.None);
            MemoryGuard guard = storage.Guard;
            var queryLog = new QueryLog(TimeProvider.System);
            queries = new QueryEngine(configuration, NodeTables.Over(storage, queryLog), queryLog, TimeProvider.System, loggers.CreateLogger<QueryEngine>())
            {
                IsClosed = () => guard.Step >= GuardStep.CloseQueries,
                Uncounted = UncountedMemory.OfProcess(TimeProvider.System, () => storage.Ledger.UsageBytes(except: [QueryPool, NodePools.GcHeap])),
                TrimAllocator = guard.TrimSoon,
            };
            storage.Controller.Ticked += queries.RetryMemory;
            storage.Ledger.Add(new MemoryPool(
                QueryPool, "admin.query-engine.memory-size", () => queries.MemoryCapacityBytes, () => queries.MemoryUsageBytes));
            WebApplicationBuilder builder = AdminServices.CreateBuilder(current, certificate, log);
            builder.AddAdminApi(current, storage, queries);
            builder.Services.AddAccess(tokens, certificate);
            application = builder.Build();
            application.UseAdminApi();

            // Not at the first scrape: queries before it count too.
            application.Services.GetRequiredService<QueryMetrics>();
            await application.StartAsync();
            signals?.Serve(storage);
            return new RestateNode(application, storage, queries, log, loggers, signals);
        }
        catch (Exception e)
        {
            if (application is not null)
                await application.DisposeAsync();
            if (queries is not null)
                await queries.DisposeAsync();
            if (storage is not null)
                await storage.DisposeAsync();
            signals?.Dispose();
            loggers.Dispose();
            log.Dispose();
            if (e is IOException && application is not null)
                throw new ListenException(current, e);
            throw;
        }
    }

    /// <summary>Writes the OpenAPI document to standard output. Nothing is opened and nothing of the configuration shows in it.</summary>
    private static async Task WriteApiDocumentAsync()
    {
        var configuration = new RestateConfiguration { NodeName = "none" };
        WebApplicationBuilder builder = AdminServices.CreateBuilder(configuration);
        builder.AddAdminApi(configuration, storage: null, queries: null);
        builder.Services.AddAccess(AccessTokens.Open(null, TimeProvider.System, NullLogger<AccessTokens>.Instance), certificate: null);
        await using WebApplication application = builder.Build();
        application.UseAdminApi();
        byte[] json = await application.Services.GetRequiredService<ApiDocument>().ReadAsync(((IEndpointRouteBuilder)application).DataSources);
        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync(json);
    }

    private static ConfigurationStore LoadConfiguration(CommandLine commandLine)
    {
        var environment = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? string.Empty;
        return ConfigurationLoader.Load(commandLine, environment, Dns.GetHostName(), () => ProcessMemoryLimit.Detect(configured: null).Bytes);
    }

    private static void WriteWarnings(ConfigurationStore configuration)
    {
        foreach (ConfigurationWarning warning in configuration.Current.Warnings)
            Console.Error.WriteLine("warning: " + warning.Message);
    }

    private static void LogWarnings(ConfigurationStore configuration, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<RestateNode>();
        foreach (ConfigurationWarning warning in configuration.Current.Warnings)
            NodeLog.ConfigurationWarning(logger, warning.Key, warning.Message);
    }

    private Uri Address(int index) =>
        new(Application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index));
}

/// <summary>Messages of the start.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(LogLevel.Warning, "Configuration, {Key}: {Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string key, string warning);

    [LoggerMessage(LogLevel.Information, "Received SIGUSR1, writing the configuration to standard error")]
    public static partial void DumpsConfiguration(ILogger logger);

    [LoggerMessage(LogLevel.Error, "The configuration could not be written to standard error")]
    public static partial void DumpFailed(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Warning, "Signal {Signal}: nothing is open yet, or not any more; nothing is done")]
    public static partial void SignalTooEarly(ILogger logger, PosixSignal signal);

    [LoggerMessage(LogLevel.Information, "Received SIGHUP, flushing and compacting all databases")]
    public static partial void Hangup(ILogger logger);
}
