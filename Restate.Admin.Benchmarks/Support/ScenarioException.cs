namespace Restate.Admin.Benchmarks.Support;

/// <summary>A scenario saw something it must not see; the message says what was expected and what came.</summary>
internal sealed class ScenarioException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Throws when <paramref name="condition"/> does not hold.</summary>
    public static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ScenarioException(message);
    }
}
