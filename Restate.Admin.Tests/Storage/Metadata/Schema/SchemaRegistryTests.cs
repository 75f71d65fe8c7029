using Restate.Admin.Tests.Support;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Metadata.Schema.SchemaFixture;

namespace Restate.Admin.Tests.Storage.Metadata.Schema;

public sealed class SchemaRegistryTests : IDisposable
{
    private readonly InMemoryMetadataStore _store = new();
    private readonly SchemaRegistry _registry;

    public SchemaRegistryTests() => _registry = new SchemaRegistry(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task A_registered_service_is_found_and_survives_a_reload()
    {
        Registration result = await RegisterAsync(Deployment(1, "http://a:1", Service("Counter"), Service("Greeter", ServiceType.Service)));
        Assert.Equal(RegistrationOutcome.Created, result.Outcome);
        using var reloaded = new SchemaRegistry(_store);
        Assert.Null(reloaded.FindService("Counter"));
        await reloaded.LoadAsync(Cancel);
        foreach (SchemaRegistry registry in new[] { _registry, reloaded })
        {
            Assert.Equal(ServiceType.VirtualObject, registry.FindService("Counter")!.Type);
            Assert.Equal(Id(1), registry.FindService("Counter")!.DeploymentId);
            Assert.Equal(1u, registry.FindService("Counter")!.Revision);
            Assert.Null(registry.FindService("counter"));
            Assert.Equal("http://a:1/", Assert.Single(registry.Current.Deployments).Uri.ToString());
        }
    }

    [Fact]
    public async Task Rows_of_sys_service_show_the_latest_revision_by_name()
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("W", ServiceType.Workflow), Service("S", ServiceType.Service)));
        await RegisterAsync(Deployment(2, "http://a:2", Service("O") with { Public = false }, Service("S", ServiceType.Service)));
        Assert.Equal(
            [
                new ServiceRow("O", 1, false, "virtual_object", Id(2).ToString()),
                new ServiceRow("S", 2, true, "service", Id(2).ToString()),
                new ServiceRow("W", 1, true, "workflow", Id(1).ToString()),
            ],
            _registry.EnumerateServices());
        Assert.Equal([Id(1), Id(2)], _registry.Current.Deployments.Select(deployment => deployment.Id));
        Assert.Equal(1u, _registry.Current.FindDeployment(Id(1))!.Services.Single(service => service.Name == "S").Revision);
    }

    [Theory]
    [InlineData("http://a:1")]
    [InlineData("http://A:1/")]
    [InlineData("https://a:1/?x=1")]
    public async Task A_known_address_is_unchanged_without_force(string again)
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("Counter")));
        Registration result = await RegisterAsync(Deployment(2, again, Service("Other")));
        Assert.Equal(RegistrationOutcome.Unchanged, result.Outcome);
        Assert.Equal(Id(1), result.Deployment.Id);
        Assert.Null(_registry.FindService("Other"));
        Assert.Equal(1, _store.Puts);
    }

    [Fact]
    public async Task Force_replaces_in_place_and_keeps_the_id()
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("Counter"), Service("Gone")));
        await RegisterAsync(Deployment(2, "http://a:2", Service("Gone")));
        Registration result = await RegisterAsync(
            Deployment(3, "http://a:1", Service("Counter")), new RegistrationOptions(Force: true));
        Assert.Equal(RegistrationOutcome.Overwritten, result.Outcome);
        Assert.Equal(Id(1), result.Deployment.Id);
        Assert.Equal(2u, _registry.FindService("Counter")!.Revision);
        Assert.Equal(Id(2), _registry.FindService("Gone")!.DeploymentId);
        Assert.Equal([Id(1), Id(2)], _registry.Current.Deployments.Select(deployment => deployment.Id));
    }

    [Fact]
    public async Task A_dry_run_answers_and_stores_nothing()
    {
        Registration result = await RegisterAsync(Deployment(1, "http://a:1", Service("Counter")), new RegistrationOptions(DryRun: true));
        Assert.Equal(RegistrationOutcome.Created, result.Outcome);
        Assert.Equal(1u, Assert.Single(result.Deployment.Services).Revision);
        Assert.Null(_registry.FindService("Counter"));
        Assert.Equal(0, _store.Puts);
    }

    [Fact]
    public async Task Another_type_is_refused_unless_breaking_or_forced()
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("Counter")));
        Deployment retyped = Deployment(2, "http://a:2", Service("Counter", ServiceType.Service));
        SchemaException refused = await Assert.ThrowsAsync<SchemaException>(() => RegisterAsync(retyped));
        Assert.Equal((SchemaFailure.Conflict, "META0006"), (refused.Failure, refused.Code));
        Assert.StartsWith("[META0006] detected a new service revision for 'Counter' changing the service type", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _store.Puts);

        await RegisterAsync(retyped, new RegistrationOptions(Breaking: true));
        Assert.Equal((ServiceType.Service, 2u), (_registry.FindService("Counter")!.Type, _registry.FindService("Counter")!.Revision));
        await RegisterAsync(Deployment(3, "http://a:1", Service("Counter")), new RegistrationOptions(Force: true));
        Assert.Equal((ServiceType.VirtualObject, 3u), (_registry.FindService("Counter")!.Type, _registry.FindService("Counter")!.Revision));
    }

    [Theory]
    [InlineData("restate")]
    [InlineData("RestateThings")]
    [InlineData("openapi")]
    public async Task Reserved_names_are_refused(string name)
    {
        SchemaException refused = await Assert.ThrowsAsync<SchemaException>(() => RegisterAsync(Deployment(1, "http://a:1", Service(name))));
        Assert.Equal((SchemaFailure.Invalid, "META0005"), (refused.Failure, refused.Code));
        Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_deployment_takes_its_services_or_leaves_them_to_older_ones()
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("Counter")));
        await RegisterAsync(Deployment(2, "http://a:2", Service("Counter"), Service("Only")));
        await _registry.DeleteDeploymentAsync(Id(2), Cancel);
        Assert.Equal((Id(1), 1u), (_registry.FindService("Counter")!.DeploymentId, _registry.FindService("Counter")!.Revision));
        Assert.Null(_registry.FindService("Only"));
        SchemaException missing = await Assert.ThrowsAsync<SchemaException>(() => _registry.DeleteDeploymentAsync(Id(2), Cancel));
        Assert.Equal(SchemaFailure.NotFound, missing.Failure);
    }

    [Fact]
    public async Task Settings_of_a_service_change_on_its_latest_revision_only()
    {
        await RegisterAsync(Deployment(1, "http://a:1", Service("Counter")));
        await RegisterAsync(Deployment(2, "http://a:2", Service("Counter"), Service("Other")));
        ServiceSchema changed = await _registry.ModifyServiceAsync(
            "Counter", new ServicePatch { Public = false, AbortTimeout = TimeSpan.FromSeconds(5) }, Cancel);
        Assert.Equal((false, TimeSpan.FromSeconds(5), 2u), (changed.Public, changed.AbortTimeout, changed.Revision));
        Assert.False(_registry.FindService("Counter")!.Public);
        Assert.True(_registry.FindService("Other")!.Public);
        Assert.True(Assert.Single(_registry.Current.FindDeployment(Id(1))!.Services).Public);

        SchemaException wrongType = await Assert.ThrowsAsync<SchemaException>(() => _registry.ModifyServiceAsync(
            "Counter", new ServicePatch { WorkflowCompletionRetention = TimeSpan.FromDays(1) }, Cancel));
        Assert.Equal("modifying retention time for service type VirtualObject is unsupported", wrongType.Message);
    }

    [Fact]
    public async Task A_change_of_another_node_in_between_is_kept()
    {
        using var other = new SchemaRegistry(_store);
        _store.BeforePut = () => other.RegisterAsync(Deployment(1, "http://a:1", Service("Counter")), default, Cancel);
        await RegisterAsync(Deployment(2, "http://a:2", Service("Counter")));
        Assert.Equal([Id(1), Id(2)], _registry.Current.Deployments.Select(deployment => deployment.Id));
        Assert.Equal(2u, _registry.FindService("Counter")!.Revision);
    }

    [Fact]
    public async Task Registrations_at_once_all_count()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(
            number => RegisterAsync(Deployment((ulong)number, $"http://a:{number}", Service("Counter")))));
        Assert.Equal(20, _registry.Current.Deployments.Length);
        Assert.Equal(20u, _registry.FindService("Counter")!.Revision);
    }

    [Fact]
    public async Task Gives_up_with_a_message_when_others_are_always_faster()
    {
        using var other = new SchemaRegistry(_store);
        ulong number = 100;
        Task Interfere()
        {
            number++;
            return other.RegisterAsync(Deployment(number, $"http://b:{number}"), default, Cancel)
                .ContinueWith(_ => _store.BeforePut = Interfere, Cancel, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _store.BeforePut = Interfere;
        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => RegisterAsync(Deployment(1, "http://a:1", Service("Counter"))));
        Assert.Contains("try again", refused.Message, StringComparison.Ordinal);
        Assert.Null(other.FindService("Counter"));
    }

    private Task<Registration> RegisterAsync(Deployment deployment, RegistrationOptions options = default) =>
        _registry.RegisterAsync(deployment, options, Cancel);
}
