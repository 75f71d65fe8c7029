using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class WarningTests : ConfigurationFixture
{
    [Theory]
    [InlineData("rocksdb-total-memory-size", "\"100 MiB\"", "string \"100 MiB\"", "256.0 MiB is used")]
    [InlineData("rocksdb-total-memory-size", "1", "integer `1`", "256.0 MiB is used")]
    [InlineData("rocksdb-total-memory-size", "\"1%\"", "string \"1%\"", "256.0 MiB is used")]
    [InlineData("rocksdb-total-memtables-ratio", "5", "integer `5`", "1 is used")]
    [InlineData("rocksdb-total-memtables-ratio", "-1", "integer `-1`", "0.1 is used")]
    [InlineData("rocksdb-total-memtables-ratio", "1e300", "float `1E+300`", "1 is used")]
    [InlineData("worker.storage.rocksdb-memory-ratio", "1.5", "float `1.5`", "1 is used")]
    [InlineData("log-server.rocksdb-memory-ratio", "-0.5", "float `-0.5`", "0 is used")]
    [InlineData("metadata-server.rocksdb-memory-ratio", "2", "integer `2`", "1 is used")]
    [InlineData("bifrost.local.rocksdb-memory-ratio", "2", "integer `2`", "1 is used")]
    [InlineData("worker.storage.rocksdb-rebalance-interval", "\"1ms\"", "string \"1ms\"", "100ms is used")]
    [InlineData("worker.storage.rocksdb-rebalance-interval", "\"2h\"", "string \"2h\"", "1h is used")]
    public void A_value_out_of_range_is_clamped_and_told(string key, string literal, string value, string used)
    {
        ConfigurationSnapshot snapshot = Load($"{key} = {literal}\n").Current;

        ConfigurationWarning warning = Assert.Single(snapshot.Warnings);
        Assert.Equal(key, warning.Key);
        Assert.Contains($"\"{key}\"", warning.Message);
        Assert.Contains(value, warning.Message);
        Assert.Contains("restate.toml TOML file, line 1", warning.Message);
        Assert.EndsWith(used, warning.Message);
    }

    [Theory]
    [InlineData("RESTATE_SERVICE_HOST", "is a link to a service of Kubernetes")]
    [InlineData("RESTATE_SERVICE_PORT_ADMIN", "is a link to a service of Kubernetes")]
    [InlineData("RESTATE_PORT_9070_TCP_ADDR", "is a link to a service of Kubernetes")]
    [InlineData("RESTATE_REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE", "has no effect here")]
    [InlineData("RESTATE_PORTS", "is unknown")]
    public void Variables_that_a_pod_has_are_told_apart_from_mistakes(string variable, string said)
    {
        ConfigurationWarning warning = Assert.Single(Load(null, [(variable, "10.96.0.9")]).Current.Warnings);
        Assert.Contains(said, warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clamped_values_are_the_bounds()
    {
        RestateConfiguration value = LoadValue(
            null,
            [("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "1"), ("RESTATE_ROCKSDB_TOTAL_MEMTABLES_RATIO", "-1")],
            "--set", "worker.storage.rocksdb-memory-ratio=7", "--set", "worker.storage.rocksdb-rebalance-interval=1ms");
        Assert.Equal(ByteSize.FromMiB(256), value.RocksDbTotalMemorySize);
        Assert.Equal(0.1f, value.RocksDbTotalMemtablesRatio);
        Assert.Equal(1f, value.WorkerStorage.RocksDbMemoryRatio);
        Assert.Equal(TimeSpan.FromMilliseconds(100), value.WorkerStorage.RebalanceInterval);
    }

    [Fact]
    public void Values_at_the_bounds_are_not_clamped() => Assert.Empty(Load(
        "rocksdb-total-memory-size = \"256 MiB\"\nrocksdb-total-memtables-ratio = 0.1\nworker.storage.rocksdb-memory-ratio = 1\n"
        + "log-server.rocksdb-memory-ratio = 0\nworker.storage.rocksdb-rebalance-interval = \"1h\"\n").Current.Warnings);

    [Theory]
    [InlineData("roles = [\"admin\"]", "roles", "has no effect here")]
    [InlineData("ingress.bind-address = \"0.0.0.0:8080\"", "ingress.bind-address", "has no effect here")]
    [InlineData("log-server.rocksdb-block-size = \"64 KiB\"", "log-server.rocksdb-block-size", "has no effect here")]
    [InlineData("worker.invoker.memory-limit = \"1 GiB\"", "worker.invoker.memory-limit", "has no effect here")]
    [InlineData("worker.invoker.additional-request-headers.x-y = \"z\"", "worker.invoker.additional-request-headers.x-y", "has no effect here")]
    [InlineData("rocksdb_total_memory_size = 5", "rocksdb_total_memory_size", "did you mean \"rocksdb-total-memory-size\"?")]
    [InlineData("rocksdb-total-memry-size = 5", "rocksdb-total-memry-size", "did you mean \"rocksdb-total-memory-size\"?")]
    [InlineData("colour = \"blue\"", "colour", "is unknown")]
    [InlineData("\"worker.storage\".x = 1", "\\\"worker.storage\\\".x", "is unknown")]
    [InlineData("[[ingress.kafka-clusters]]\nname = \"k\"", "ingress.kafka-clusters", "has no effect here")]
    public void Other_keys_never_fail_the_start_but_are_told(string toml, string key, string what)
    {
        ConfigurationWarning warning = Assert.Single(Load(toml + "\n").Current.Warnings);
        Assert.StartsWith($"key \"{key}\" in ", warning.Message);
        Assert.EndsWith(what, warning.Message);
    }

    [Fact]
    public void Values_of_unknown_variables_are_not_shown()
    {
        ConfigurationWarning warning = Assert.Single(Load(null, [("RESTATE_API_TOKEN", "s3cret")]).Current.Warnings);
        Assert.Equal("key \"api-token\" in environment variable RESTATE_API_TOKEN is unknown", warning.Message);
    }

    [Fact]
    public void An_endless_key_is_told_in_part()
    {
        ConfigurationWarning warning = Assert.Single(Load(new string('k', 5000) + " = 1\n").Current.Warnings);
        Assert.InRange(warning.Message.Length, 100, 400);
    }
}
