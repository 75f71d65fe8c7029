using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Tests that run servers as processes: one after the other, because each of them wants the machine for itself.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection
{
    public const string Name = "end to end";
}
