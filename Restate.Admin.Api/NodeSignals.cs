using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Memory;

namespace Restate.Admin.Api;

/// <summary>
/// What operators ask of a running node by signals: SIGUSR1 writes configuration and memory plan to standard error, SIGHUP flushes and
/// compacts all databases. Neither ends the process.
/// </summary>
internal sealed class NodeSignals : IDisposable
{
    /// <summary>SIGUSR1 on Linux; .NET has no name for it and takes the number.</summary>
    private const PosixSignal UserSignal1 = (PosixSignal)10;

    private readonly PosixSignalRegistration[] _registrations;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private RestateStorage? _storage;

    [SupportedOSPlatform("linux")]
    private NodeSignals(ILogger logger)
    {
        _logger = logger;
        _registrations =
        [
            PosixSignalRegistration.Create(UserSignal1, Dump),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Maintain),
        ];
    }

    /// <summary>
    /// Listens until disposed; null where there are no such signals. Begin before anything opens and end after everything closed: at
    /// other times the signals end the process.
    /// </summary>
    public static NodeSignals? Listen(ILogger logger) => OperatingSystem.IsLinux() ? new NodeSignals(logger) : null;

    /// <summary>Says what there is to tell of and to flush; null while nothing is open.</summary>
    public void Serve(RestateStorage? storage)
    {
        // Under the lock of the handlers: none of them uses a storage that closes.
        lock (_lock)
            _storage = storage;
    }

    /// <summary>The configuration in force as TOML that loads again; plan and pools stand in its comments.</summary>
    public static string Describe(ConfigurationSnapshot configuration, MemoryPlan plan, ProcessMemoryLimit limit, IReadOnlyList<MemoryPoolReading> pools)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Configuration in force, generation {configuration.Generation}. It loads again as a --config-file.");
        text.Append(configuration.DumpToml());
        text.AppendLine().AppendLine("# Memory plan");

        // The plan in force, not the one that a start would make: closed partitions and a kept log provider count in it.
        MemoryForecast forecast = MemoryForecast.Compute(configuration.Value, limit, plan.CountedPartitions) with { Plan = plan };
        foreach (string line in PlanText.Write(configuration.Value, forecast).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            text.AppendLine(CultureInfo.InvariantCulture, $"#   {line.TrimEnd()}");
        text.AppendLine("# Memory pools: capacity and use in bytes");
        foreach (MemoryPoolReading pool in pools)
            text.AppendLine(CultureInfo.InvariantCulture, $"#   {pool.Name,-22} {pool.CapacityBytes,14} {pool.UsageBytes,14}");
        return text.AppendLine("# End of the configuration").ToString();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    /// <summary>
    /// Under the lock only what needs the storage: a reader of standard error that stands still must not hold up the end of the node.
    /// </summary>
    private T? WithStorage<T>(PosixSignalContext context, Func<RestateStorage, T> use)
        where T : class
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_storage is { } storage)
                return use(storage);
        }

        NodeLog.SignalTooEarly(_logger, context.Signal);
        return null;
    }

    private void Maintain(PosixSignalContext context)
    {
        if (WithStorage(context, storage => storage.Maintenance) is not { } maintenance)
            return;
        NodeLog.Hangup(_logger);
        maintenance.TryStartFlushAndCompact();
    }

    private void Dump(PosixSignalContext context)
    {
        try
        {
            string? text = WithStorage(context, storage =>
            {
                ConfigurationSnapshot configuration = storage.Configuration.Current;
                return Describe(configuration, storage.Controller.PlanFor(configuration.Value), storage.ProcessLimit, storage.Ledger.Read());
            });
            if (text is null)
                return;
            NodeLog.DumpsConfiguration(_logger);

            // In one piece: nothing of the log gets between.
            using Stream error = Console.OpenStandardError();
            error.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e)
        {
            // On this thread there is nobody above to catch it, and a dump that fails must not end the node.
            NodeLog.DumpFailed(_logger, e);
        }
    }
}
