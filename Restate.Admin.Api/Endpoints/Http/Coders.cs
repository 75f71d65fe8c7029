using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Restate.Admin.Api.Endpoints.Http;

// All of them at their fastest: what is compressed here is read once, often over loopback.

/// <summary>Zstandard, with a window small enough for many at once.</summary>
internal sealed class ZstandardCoder : ICompressionProvider
{
    private const int Level = 1;

    /// <summary>256 KiB; the coder's memory is a small multiple of it, and so is the memory a client needs to read it.</summary>
    private const int WindowLog = 18;

    public string EncodingName => "zstd";

    public bool SupportsFlush => true;

    public Stream CreateStream(Stream outputStream)
    {
        var stream = new CompressionStream(outputStream, Level, leaveOpen: true);
        stream.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, WindowLog);
        return stream;
    }
}

/// <summary>Brotli.</summary>
internal sealed class BrotliCoder : ICompressionProvider
{
    public string EncodingName => "br";

    public bool SupportsFlush => true;

    public Stream CreateStream(Stream outputStream) => new BrotliStream(outputStream, CompressionLevel.Fastest, leaveOpen: true);
}

/// <summary>Gzip.</summary>
internal sealed class GzipCoder : ICompressionProvider
{
    public string EncodingName => "gzip";

    public bool SupportsFlush => true;

    public Stream CreateStream(Stream outputStream) => new GZipStream(outputStream, CompressionLevel.Fastest, leaveOpen: true);
}

/// <summary>What HTTP calls deflate: the zlib format.</summary>
internal sealed class DeflateCoder : ICompressionProvider
{
    public string EncodingName => "deflate";

    public bool SupportsFlush => true;

    public Stream CreateStream(Stream outputStream) => new ZLibStream(outputStream, CompressionLevel.Fastest, leaveOpen: true);
}
