using System.Text;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>State and literals on which a wrong order of bytes, a lost end or a bad quote shows.</summary>
internal static class PushdownData
{
    internal static readonly string[] ServiceNames = ["", "A", "AB", "a", "it's", "Ä", "Counter"];

    internal static readonly string[] ServiceKeys =
        ["", "o", "o1", "o10", "o2", "O1", "ü", "it's", "a\"b", "a) OR (1 = 1", "\uFF61", "\U00010348", "o\u0001", "%", "o_1", "\\"];

    /// <summary>The last two order otherwise as UTF-16 than as UTF-8.</summary>
    internal static readonly string[] StateKeys = ["", "k", "k1", "k10", "k2", "ka", "kä", "K", "k\u0001", "k%", "k_", "\uFF61", "\U00010348"];

    /// <summary>Keys that are no text: SQL shows null for them.</summary>
    internal static readonly byte[][] OtherKeys = [[0xFF], [(byte)'k', 0xFF], [(byte)'k', 0x80, 0x00], [0xC3], [(byte)'k', 0x00]];

    /// <summary>Every object, with its entries; each value is another.</summary>
    internal static IEnumerable<(string Service, string ServiceKey, IReadOnlyList<(byte[] Key, byte[] Value)> Entries)> Objects()
    {
        int number = 0;
        foreach (string service in ServiceNames)
        {
            foreach (string serviceKey in ServiceKeys)
            {
                var entries = new List<(byte[] Key, byte[] Value)>();
                foreach (byte[] key in StateKeys.Select(Encoding.UTF8.GetBytes).Concat(OtherKeys))
                {
                    // Some are missing in some objects.
                    if (++number % 3 != 0)
                        entries.Add((key, Encoding.UTF8.GetBytes($"v{number}")));
                }

                if (number % 5 != 0)
                    yield return (service, serviceKey, entries);
            }
        }
    }

    /// <summary>The same in memory.</summary>
    internal static FakeStateSource Source(int partitions)
    {
        var source = new FakeStateSource(partitions);
        foreach ((string service, string serviceKey, IReadOnlyList<(byte[] Key, byte[] Value)> entries) in Objects())
        {
            foreach ((byte[] key, byte[] value) in entries)
                source.Add(service, serviceKey, key, value);
        }

        return source;
    }

    /// <summary>Partition keys of objects, their neighbours, and numbers at and past the ends of the type.</summary>
    internal static IEnumerable<string> PartitionKeys() => ServiceKeys
        .Select(PartitionKey.Of)
        .SelectMany(key => new[] { $"{key}", $"{key}", $"{key + 1}", $"{key - 1}" })
        .Concat(["0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1.5", "1e18"]);
}
