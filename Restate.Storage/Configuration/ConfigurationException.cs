namespace Restate.Storage.Configuration;

/// <summary>A value in a configuration layer is not acceptable. The message names key, value and what is allowed.</summary>
public sealed class ConfigurationException(string message) : Exception(message);

/// <summary>The change was made against another generation than the one in force. HTTP 412.</summary>
public sealed class GenerationMismatchException(long expected, long actual)
    : Exception($"the configuration is at generation {actual}, not {expected}; read it again");

/// <summary>The configuration cannot be loaded. The message has one line per error, ready for standard error.</summary>
/// <param name="errors">At least one error, each one line, without the prefix.</param>
public sealed class ConfigurationLoadException(IReadOnlyList<string> errors)
    : Exception(string.Join('\n', errors.Select(error => "[RT0002] configuration loading error: " + error)))
{
    /// <summary>Exit code of a process that ends for this reason.</summary>
    public const int ExitCode = 1;

    /// <summary>The errors, each one line, without the prefix.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}

/// <summary>The command line is not acceptable. The message is the error and the usage line, ready for standard error.</summary>
/// <param name="problem">What is wrong, one line.</param>
public sealed class CommandLineException(string problem)
    : Exception($"error: {problem}\n\n{CommandLine.Usage}\n\nFor more information, try '--help'.")
{
    /// <summary>Exit code of a process that ends for this reason.</summary>
    public const int ExitCode = 2;
}
