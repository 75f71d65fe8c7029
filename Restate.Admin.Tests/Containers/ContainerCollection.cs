using Xunit;

namespace Restate.Admin.Tests.Containers;

/// <summary>Tests with containers: one build of the image for all, and nothing beside them, since they measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ContainerCollection : ICollectionFixture<PodmanHost>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "Containers";
}
