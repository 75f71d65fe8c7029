namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>What came of an attempt.</summary>
/// <param name="Status">The status; 0 where the connection ended without one.</param>
/// <param name="Message">The message of a refusal, or what ended the connection.</param>
/// <param name="Elapsed">Until the last byte.</param>
/// <param name="Bytes">Bytes of the answer.</param>
/// <param name="IsCut">True where the answer began well and the server cut it.</param>
/// <param name="HasSecret">True where the answer held the secret.</param>
/// <param name="GaveUp">True where no end of the answer came in time.</param>
/// <param name="Busy">How often the server was too busy before it took the attempt.</param>
internal sealed record AttemptResult(
    int Status, string Message, TimeSpan Elapsed, long Bytes, bool IsCut, bool HasSecret, bool GaveUp, int Busy)
{
    private static readonly int[] BoundedStatuses = [200, 400, 408, 413, 507];

    /// <summary>What is wrong with it; null where it is what the attempt's entry asks for.</summary>
    internal string? Fault(Attempt attempt, AttemptTargets targets)
    {
        if (HasSecret)
            return "the answer holds the secret";

        // Cut before the status line reached the client: the server's way to say that an answer it had begun failed. Whether it lives is
        // looked at elsewhere.
        if (Status == 0 && (GaveUp || attempt.Outcome == AttemptOutcome.Refused))
            return $"no answer: {Message}";
        if (Status == 0)
            return null;
        if (attempt.Outcome == AttemptOutcome.Bounded)
            return Array.IndexOf(BoundedStatuses, Status) >= 0 ? null : $"{Status} {Message}, expected one of {string.Join(", ", BoundedStatuses)}";
        if (Status is not (400 or 413))
            return $"{Status} {Message}, expected a refusal";
        if (Message.Length == 0)
            return "a refusal without a message";
        return Message.Contains(targets.Fill(attempt.Names), StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{Status} {Message}, expected a message with '{targets.Fill(attempt.Names)}'";
    }

    /// <summary>What is wrong with it; null where it is what the attempt's entry asks for.</summary>
    internal string? Fault(BodyAttempt attempt)
    {
        if (HasSecret)
            return "the answer holds the secret";
        return Array.IndexOf(attempt.Statuses, Status) >= 0
            ? null
            : $"{Status} {Message}, expected one of {string.Join(", ", attempt.Statuses)}";
    }
}
