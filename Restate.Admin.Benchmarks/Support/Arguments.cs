using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>Options of one command: <c>--name value</c> pairs out of a fixed list; anything else is an error that names the list.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    /// <exception cref="ArgumentException">An unknown option, or one without a value.</exception>
    public Arguments(ReadOnlySpan<string> args, params string[] known)
    {
        string allowed = string.Join(", ", known.Select(name => "--" + name));
        for (int i = 0; i < args.Length; i += 2)
        {
            string name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : string.Empty;
            if (!known.Contains(name))
                throw new ArgumentException($"unknown option '{args[i]}', expected one of {allowed}");
            if (i + 1 == args.Length)
                throw new ArgumentException($"option '{args[i]}' needs a value");
            _values[name] = args[i + 1];
        }
    }

    /// <exception cref="ArgumentException">Not a size.</exception>
    public ByteSize Size(string name, ByteSize fallback)
    {
        if (!_values.TryGetValue(name, out string? text))
            return fallback;
        return ByteSize.TryParse(text, out ByteSize size) && size.Bytes > 0
            ? size
            : throw new ArgumentException($"--{name} is '{text}', expected {ByteSize.Grammar}");
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="ArgumentException">Not a whole number of at least <paramref name="minimum"/>.</exception>
    public int Number(string name, int fallback, int minimum = 1)
    {
        if (!_values.TryGetValue(name, out string? text))
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= minimum
            ? value
            : throw new ArgumentException($"--{name} is '{text}', expected a whole number of at least {minimum}");
    }
}
