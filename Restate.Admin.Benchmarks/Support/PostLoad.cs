using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The same state posts for every server: content depends on the object and key numbers only.</summary>
/// <param name="Posts">Number of posts, each to an object of its own.</param>
/// <param name="Keys">State keys in each post.</param>
internal sealed record PostLoad(int Posts, int Keys)
{
    /// <summary>Posts under way at once.</summary>
    public const int Concurrency = 8;

    private const int WarmUpPosts = 64;

    private const int SlicePosts = 1000;

    private static readonly TimeSpan VisiblePatience = TimeSpan.FromMinutes(5);

    /// <summary>Rows of <c>state</c> the load makes.</summary>
    public long Rows => (long)Posts * Keys;

    /// <summary>The key of an object.</summary>
    public static string ObjectKey(int post) => $"obj-{post:D5}";

    /// <summary>The name of a state key.</summary>
    public static string StateKey(int key) => $"k{key:D4}";

    /// <summary>Builds every body, so that building them is no part of what is measured.</summary>
    public byte[][] BuildBodies() => [.. Enumerable.Range(0, Posts).Select(Body)];

    /// <summary>Loads a server, and waits until SQL shows every row.</summary>
    /// <exception cref="ScenarioException">A post was not acknowledged, or the rows did not come.</exception>
    public async Task<LoadTimes> RunAsync(ServerProcess server, byte[][] bodies, CancellationToken cancellationToken)
    {
        // The same objects are replaced by the measured posts: this warms connections and code on both ends, and adds nothing.
        await PostAsync(server, bodies[..Math.Min(WarmUpPosts, bodies.Length)], cancellationToken);
        long started = Stopwatch.GetTimestamp();
        await PostAsync(server, bodies, cancellationToken);
        TimeSpan acknowledged = Stopwatch.GetElapsedTime(started);

        await WaitAsync(server, started, cancellationToken);
        return new LoadTimes(acknowledged, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Loads a server without holding all bodies at once, and waits until SQL shows every row.</summary>
    /// <exception cref="ScenarioException">A post was not acknowledged, or the rows did not come.</exception>
    public async Task RunInSlicesAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        foreach (int[] slice in Enumerable.Range(0, Posts).Chunk(SlicePosts))
            await PostAsync(server, [.. slice.Select(Body)], cancellationToken);
        await WaitAsync(server, Stopwatch.GetTimestamp(), cancellationToken);
    }

    private static Task PostAsync(ServerProcess server, byte[][] bodies, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        bodies,
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
        async (body, token) =>
        {
            using HttpResponseMessage answer = await server.Admin.SendStateAsync(SdkService.ObjectName, body, "application/json", token);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                string text = await answer.Content.ReadAsStringAsync(token);
                throw new ScenarioException($"{server.Name}: a state post got {(int)answer.StatusCode} {text}, expected 202");
            }
        });

    private async Task WaitAsync(ServerProcess server, long started, CancellationToken cancellationToken)
    {
        long rows = await server.Sql.CountAsync(cancellationToken);
        while (rows != Rows)
        {
            ScenarioException.Require(
                Stopwatch.GetElapsedTime(started) < VisiblePatience, $"{server.Name}: SQL shows {rows} rows, expected {Rows}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            rows = await server.Sql.CountAsync(cancellationToken);
        }
    }

    /// <summary>8 to 32 bytes of lower-case letters and digits; one in 101 is not UTF-8.</summary>
    private static byte[] Value(int post, int key)
    {
        ulong random = Mix(((ulong)post << 32) | (uint)key);
        byte[] value = new byte[8 + (int)(random % 25)];
        for (int i = 0; i < value.Length; i++)
        {
            if (i % 8 == 0)
                random = Mix(random);
            value[i] = "abcdefghijklmnopqrstuvwxyz012345"u8[(int)((random >> (8 * (i % 8))) & 31)];
        }

        if (random % 101 == 0)
            value[^1] = 0xFF;
        return value;
    }

    // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }

    // Values as arrays of numbers, because that is what the peer's own command line client sends.
    private byte[] Body(int post)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes($$"""{"object_key":"{{ObjectKey(post)}}","new_state":{"""));
        Span<byte> digits = stackalloc byte[3];
        for (int key = 0; key < Keys; key++)
        {
            body.Write(Encoding.UTF8.GetBytes($"{(key == 0 ? "" : ",")}\"{StateKey(key)}\":["));
            byte[] value = Value(post, key);
            for (int i = 0; i < value.Length; i++)
            {
                if (i > 0)
                    body.WriteByte((byte)',');
                Utf8Formatter.TryFormat(value[i], digits, out int written);
                body.Write(digits[..written]);
            }

            body.WriteByte((byte)']');
        }

        body.Write("}}"u8);
        return body.ToArray();
    }
}

/// <summary>How long a load took.</summary>
/// <param name="Acknowledged">Until the last post was acknowledged.</param>
/// <param name="Visible">Until SQL showed every row.</param>
internal sealed record LoadTimes(TimeSpan Acknowledged, TimeSpan Visible);
