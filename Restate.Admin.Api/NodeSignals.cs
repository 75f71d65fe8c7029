using System.Globalization;
using System.Runtime.InteropServices;
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

    private NodeSignals(params PosixSignalRegistration[] registrations) => _registrations = registrations;

    /// <summary>Listens until disposed; null where there are no such signals.</summary>
    public static NodeSignals? Listen(RestateStorage storage, ILogger logger) => !OperatingSystem.IsLinux() ? null : new NodeSignals(
        PosixSignalRegistration.Create(UserSignal1, context =>
        {
            context.Cancel = true;
            Dump(storage, logger);
        }),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            NodeLog.Hangup(logger);
            storage.Maintenance.TryStartFlushAndCompact();
        }));

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

    private static void Dump(RestateStorage storage, ILogger logger)
    {
        NodeLog.DumpsConfiguration(logger);
        try
        {
            ConfigurationSnapshot configuration = storage.Configuration.Current;
            byte[] text = Encoding.UTF8.GetBytes(Describe(
                configuration, storage.Controller.PlanFor(configuration.Value), storage.ProcessLimit, storage.Ledger.Read()));

            // In one piece: nothing of the log gets between.
            using Stream error = Console.OpenStandardError();
            error.Write(text);
        }
        catch (Exception e)
        {
            // On the signal's thread there is nobody above to catch it, and a dump that fails must not end the node.
            NodeLog.DumpFailed(logger, e);
        }
    }
}
