using System.Runtime.CompilerServices;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Metadata.Schema;

/// <summary>The stored format: what a server wrote once, every later one reads.</summary>
public sealed class SchemaDocumentTests
{
    [Fact]
    public void The_golden_file_is_what_is_written() =>
        Assert.Equal(Golden().TrimEnd(), System.Text.Encoding.UTF8.GetString(Document().Encode()));

    [Fact]
    public void The_golden_file_reads_as_what_was_written()
    {
        SchemaDocument read = SchemaDocument.Decode(System.Text.Encoding.UTF8.GetBytes(Golden()));
        Assert.Equal(Golden().TrimEnd(), System.Text.Encoding.UTF8.GetString(read.Encode()));
        Deployment deployment = Assert.Single(read.Deployments);
        Assert.Equal(SchemaFixture.Id(1), deployment.Id);
        ServiceSchema service = Assert.Single(deployment.Services);
        Assert.Equal(deployment.Id, service.DeploymentId);
        Assert.Equal(TimeSpan.FromDays(7), service.WorkflowCompletionRetention);
        HandlerSchema handler = Assert.Single(service.Handlers);
        Assert.Equal((HandlerType.Workflow, false, TimeSpan.FromSeconds(90)), (handler.Type, handler.Public, handler.InactivityTimeout));
        Assert.Equal("{\"type\":\"object\"}", handler.Input!.JsonSchema!.Value.GetRawText());
        Assert.Equal((OnMaxAttempts.Kill, 1.5f), (handler.RetryPolicy.OnMaxAttempts, handler.RetryPolicy.ExponentiationFactor));
        Assert.Equal(["Team", "tier"], service.Metadata.Keys);
    }

    [Fact]
    public void Fields_of_a_later_server_are_passed_over() =>
        Assert.Empty(SchemaDocument.Decode("""{"format_version":1,"deployments":[],"routes":[1,2]}"""u8).Deployments);

    [Theory]
    [InlineData("""{"format_version":2,"deployments":7}""", "is in format 2, written by a newer server; this one reads up to format 1")]
    [InlineData("""{"deployments":[]}""", "is damaged: it names no format")]
    [InlineData("""{"format_version":1,"deployments":[{"id":"dp_1"}]}""", "is damaged: ")]
    [InlineData("""{"format_version":1,"depl""", "is damaged: ")]
    [InlineData("", "is damaged: ")]
    [InlineData("""{"format_version":1}""", "is damaged: ")]
    [InlineData("""{"format_version":1,"deployments":null}""", "is damaged: ")]
    public void Refuses_what_it_cannot_read(string text, string reason)
    {
        StorageException refused = Assert.Throws<StorageException>(() => SchemaDocument.Decode(System.Text.Encoding.UTF8.GetBytes(text)));
        Assert.Contains($"the schema registry {reason}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("additional_headers")]
    [InlineData("services")]
    [InlineData("revision")]
    [InlineData("public")]
    [InlineData("metadata")]
    [InlineData("retry_policy")]
    [InlineData("handlers")]
    [InlineData("required")]
    public void A_field_that_is_always_written_may_not_be_absent(string field)
    {
        string text = Golden();
        string renamed = text.Replace($"\"{field}\":", "\"other\":", StringComparison.Ordinal);
        Assert.NotEqual(text, renamed);
        StorageException refused = Assert.Throws<StorageException>(() => SchemaDocument.Decode(System.Text.Encoding.UTF8.GetBytes(renamed)));
        Assert.Contains($"'{field}'", refused.Message, StringComparison.Ordinal);
    }

    private static SchemaDocument Document() => new() { Deployments = [SchemaFixture.Full()] };

    private static string Golden([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "golden", "schema-registry.v1.json"));
}
