namespace Restate.Admin.Api.WebConsole;

/// <summary>A file of the console as it is sent.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">Names its bytes. Weak: the same tag stands for every coding they are sent in.</param>
/// <param name="Bytes">Its bytes.</param>
internal sealed record ConsoleFile(string ContentType, string ETag, ReadOnlyMemory<byte> Bytes);
