namespace Restate.Admin.Api.Contracts;

/// <summary>A size in a change of settings: bytes as a number, or text such as "512 MiB", or "40%" of the process limit.</summary>
/// <remarks>For the API document.</remarks>
public readonly record struct SizeSetting;
