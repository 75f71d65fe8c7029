using System.Globalization;
using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>Overwrites the same objects with other bytes, round after round; the bytes do not compress.</summary>
internal sealed class WritePathLoad
{
    public const int KeysPerPost = 20;

    private const int Concurrency = 8;
    private const int NoiseBytes = 16 << 20;

    private readonly int _valueBytes;
    private readonly byte[] _noise = new byte[NoiseBytes];

    public WritePathLoad(long dataBytes, int postBytes)
    {
        _valueBytes = postBytes / KeysPerPost;
        Posts = (int)Math.Max(1, dataBytes / postBytes);
        var random = new Random(1);
        for (int i = 0; i < _noise.Length; i++)
            _noise[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"u8[random.Next(64)];
    }

    /// <summary>Posts of one round, each to an object of its own.</summary>
    public int Posts { get; }

    /// <summary>Bytes of state in one round.</summary>
    public long StateBytes => (long)Posts * KeysPerPost * _valueBytes;

    /// <summary>Writes every object once; a post that admission turns away is sent again.</summary>
    /// <returns>How many were turned away.</returns>
    /// <exception cref="ScenarioException">A post got another answer than 202 or 503.</exception>
    public async Task<int> WriteAsync(AdminClient admin, int round, CancellationToken cancellationToken)
    {
        int refused = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Posts),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (post, token) =>
            {
                byte[] body = Body(round, post);
                HttpStatusCode status;
                while ((status = await admin.PostStateAsync(body, token)) == HttpStatusCode.ServiceUnavailable)
                    Interlocked.Increment(ref refused);
                ScenarioException.Require(status == HttpStatusCode.Accepted, $"a state post got {(int)status}, expected 202");
            });
        return refused;
    }

    private byte[] Body(int round, int post)
    {
        var random = new Random(HashCode.Combine(round, post));
        using var body = new MemoryStream(_valueBytes * (KeysPerPost + 1));
        body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"object_key\":\"obj-{post}\",\"new_state\":{{")));
        for (int key = 0; key < KeysPerPost; key++)
        {
            body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(key == 0 ? "" : ",")}\"k{key:D2}\":\"")));
            body.Write(_noise, random.Next(_noise.Length - _valueBytes), _valueBytes);
            body.Write("\""u8);
        }

        body.Write("}}"u8);
        return body.ToArray();
    }
}
