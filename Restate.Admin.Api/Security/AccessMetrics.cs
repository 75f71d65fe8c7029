using Prometheus;

namespace Restate.Admin.Api.Security;

/// <summary>What the node port tells of the admin port's protection.</summary>
internal sealed class AccessMetrics
{
    private readonly Counter _refused;

    /// <summary>Creates the counters.</summary>
    /// <param name="registry">The node's metrics.</param>
    public AccessMetrics(CollectorRegistry registry)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
        AuditRecords = metrics.CreateCounter("restate_audit_records_total", "Changes written to the audit logs.");
        AuditFailures = metrics.CreateCounter("restate_audit_failures_total", "Changes that are in force but could not be written to the audit logs.");
        _refused = metrics.CreateCounter(
            "restate_admin_requests_refused_total",
            "Requests to the admin port that were refused: for want of a token that is known, for its scope, or because the node is read-only.",
            "reason");
        foreach (RefusalReason reason in Enum.GetValues<RefusalReason>())
            _refused.WithLabels(Name(reason));
    }

    /// <summary>Changes written.</summary>
    public Counter AuditRecords { get; }

    /// <summary>Changes not written.</summary>
    public Counter AuditFailures { get; }

    /// <summary>Counts a request that was refused.</summary>
    public void Refused(RefusalReason reason) => _refused.WithLabels(Name(reason)).Inc();

    private static string Name(RefusalReason reason) => reason.ToString().ToLowerInvariant();
}

/// <summary>Why a request was refused.</summary>
internal enum RefusalReason
{
    /// <summary>No token, one that is unknown, or one that expired.</summary>
    Token,

    /// <summary>The token does not open this.</summary>
    Scope,

    /// <summary>The node is read-only.</summary>
    ReadOnly,
}
