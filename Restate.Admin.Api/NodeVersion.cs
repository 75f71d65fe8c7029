using System.Reflection;

namespace Restate.Admin.Api;

/// <summary>Version of this program.</summary>
internal static class NodeVersion
{
    /// <summary>Version of this program, without the commit.</summary>
    public static string Text { get; } = (typeof(NodeVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];
}
