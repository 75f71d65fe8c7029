using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class LayerTests : ConfigurationFixture
{
    private const string Total = "rocksdb-total-memory-size";

    [Fact]
    public void Defaults_are_those_of_the_documentation()
    {
        RestateConfiguration value = LoadValue();

        Assert.Equal(ByteSize.FromGiB(2), value.RocksDbTotalMemorySize);
        Assert.Equal(0.85f, value.RocksDbTotalMemtablesRatio);
        Assert.Equal(ByteSize.FromGiB(1), value.Admin.QueryEngine.MemorySize);
        Assert.Equal(ByteSize.FromMiB(250), value.Bifrost.RecordCacheMemorySize);
        Assert.Equal(0.49f, value.WorkerStorage.RocksDbMemoryRatio);
        Assert.Equal(0.5f, value.LogServer.RocksDbMemoryRatio);
        Assert.Equal(0.01f, value.MetadataServer.RocksDbMemoryRatio);
        Assert.Equal(24, value.DefaultNumPartitions);
        Assert.Equal("127.0.0.1:5122", value.BindAddress);
        Assert.Equal("127.0.0.1:9070", value.Admin.BindAddress);
        Assert.Equal("host-1", value.NodeName);
        Assert.Equal(Path.Combine(BaseDir, "host-1"), value.NodeDirectory);
    }

    [Fact]
    public void Loading_creates_nothing()
    {
        Load("rocksdb-total-memory-size = \"1 GiB\"\n");
        Assert.False(Directory.Exists(BaseDir));
    }

    [Theory]
    [InlineData("file", null, null, null, null, "1.0 GiB", ConfigurationSource.File)]
    [InlineData("file", "3 GiB", null, null, null, "3.0 GiB", ConfigurationSource.Env)]
    [InlineData("file", "3 GiB", "4 GiB", null, null, "4.0 GiB", ConfigurationSource.Env)]
    [InlineData("file", "3 GiB", "4 GiB", "5 GiB", null, "5.0 GiB", ConfigurationSource.Cli)]
    [InlineData("file", "3 GiB", "4 GiB", "5 GiB", "6 GiB", "6.0 GiB", ConfigurationSource.Runtime)]
    [InlineData("file", null, null, null, "6 GiB", "6.0 GiB", ConfigurationSource.Runtime)]
    [InlineData(null, null, "4 GiB", null, null, "4.0 GiB", ConfigurationSource.Env)]
    public void A_higher_layer_beats_a_lower_one(
        string? file, string? variable, string? memoryLimit, string? flag, string? runtime, string size, ConfigurationSource source)
    {
        List<(string, string)> environment = [];
        if (variable is not null)
            environment.Add(("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", variable));
        if (memoryLimit is not null)
            environment.Add(("MEMORY_LIMIT", memoryLimit));
        ConfigurationStore store = Load(
            file is null ? null : $"{Total} = \"1 GiB\"\n", [.. environment], flag is null ? [] : ["--set", $"{Total}={flag}"]);
        if (runtime is not null)
            store.Apply(Patch((Total, runtime)), null, persist: false);

        Assert.Equal(size, store.Current.Value.RocksDbTotalMemorySize.ToString());
        Assert.Equal(source, store.Current.Sources[Total]);
        Assert.Equal(source, store.Current.Effective[Total].Source);
    }

    [Fact]
    public void A_key_at_its_default_has_no_source() => Assert.DoesNotContain(Total, Load().Current.Sources.Keys);

    [Fact]
    public void Every_option_loads_from_its_variable()
    {
        Assert.All(ConfigurationOptions.All, option =>
        {
            (string text, object expected) = Sample(option);
            ConfigurationSnapshot snapshot = Load(null, [(option.EnvironmentVariable, text)], option.Key == "base-dir" ? ["--set", "base-dir=" + text] : []).Current;
            Assert.Equal(expected, snapshot.Get(option.Key));
            Assert.NotEqual(expected, option.Get(new RestateConfiguration { NodeName = "host-1" }));
            Assert.Empty(snapshot.Warnings);
        });
    }

    [Fact]
    public void Every_option_loads_from_a_file()
    {
        Assert.All(ConfigurationOptions.All.Where(option => option.Key != "base-dir"), option =>
        {
            (string text, object expected) = Sample(option);
            string literal = expected is string or ByteSize or TimeSpan ? $"\"{text}\"" : text;
            Assert.Equal(expected, Load($"{option.Key} = {literal}\n").Current.Get(option.Key));
        });
    }

    [Fact]
    public void Every_property_has_one_option()
    {
        Assert.Equal(Leaves(typeof(RestateConfiguration)), ConfigurationOptions.All.Count);
        Assert.Equal(ConfigurationOptions.All.Count, ConfigurationOptions.All.Select(option => option.EnvironmentVariable).Distinct().Count());

        static int Leaves(Type type) => type.GetProperties().Where(property => property.CanWrite).Sum(property =>
            property.PropertyType.Namespace == typeof(RestateConfiguration).Namespace ? Leaves(property.PropertyType) : 1);
    }

    [Theory]
    [InlineData("RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE")]
    [InlineData("restate_admin__query_engine__memory_size")]
    [InlineData("Restate_Admin__Query_Engine__Memory_Size")]
    [InlineData("RESTATE_ADMIN__QUERY-ENGINE__MEMORY-SIZE")]
    public void Variables_have_no_letter_case(string name) =>
        Assert.Equal(ByteSize.FromMiB(256), LoadValue(null, [(name, "256 MiB")]).Admin.QueryEngine.MemorySize);

    [Fact]
    public void The_upper_case_spelling_of_a_variable_counts() =>
        Assert.Equal(7, LoadValue(null, [("restate_default_num_partitions", "5"), ("RESTATE_DEFAULT_NUM_PARTITIONS", "7")]).DefaultNumPartitions);

    [Fact]
    public void The_config_file_may_be_named_by_the_environment()
    {
        string path = WriteFile("other.toml", "node-name = \"from-env\"\n");
        Assert.Equal("from-env", LoadValue(null, [("RESTATE_CONFIG", path)]).NodeName);
        Assert.Equal("from-flag", LoadValue("node-name = \"from-flag\"\n", [("RESTATE_CONFIG", path)]).NodeName);
        Assert.Equal("host-1", LoadValue(null, [("RESTATE_CONFIG", "")]).NodeName);
    }

    [Fact]
    public void Tables_may_be_written_in_any_toml_form()
    {
        foreach (string toml in new[]
        {
            "[worker.storage]\nrocksdb-memory-ratio = 0.25\n",
            "[worker]\nstorage.rocksdb-memory-ratio = 0.25\n",
            "worker.storage.rocksdb-memory-ratio = 0.25\n",
            "worker = { storage = { rocksdb-memory-ratio = 0.25 } }\n",
            "\uFEFF[worker.\"storage\"]\r\n\"rocksdb-memory-ratio\" = 0.25 # share\r\n",
        })
            Assert.Equal(0.25f, LoadValue(toml).WorkerStorage.RocksDbMemoryRatio);
    }

    [Theory]
    [InlineData("1_073_741_824")]
    [InlineData("0x40000000")]
    [InlineData("\"1 GiB\"")]
    [InlineData("\"1073741824\"")]
    [InlineData("\"25%\"")]
    [InlineData("\" 25 % \"")]
    public void Sizes_are_integers_or_text(string literal) =>
        Assert.Equal(ByteSize.FromGiB(1), LoadValue($"{Total} = {literal}\n").RocksDbTotalMemorySize);

    [Fact]
    public void Percentages_are_of_the_limit_that_is_configured_before_the_detected_one()
    {
        Assert.Equal(ByteSize.FromGiB(2), LoadValue(null, [("MEMORY_LIMIT", "50%")]).RocksDbTotalMemorySize);
        Assert.Equal(ByteSize.FromGiB(1), LoadValue("process-total-memory-size = \"2 GiB\"\n", [("MEMORY_LIMIT", "50%")]).RocksDbTotalMemorySize);
        Assert.Equal(ByteSize.FromMiB(512), LoadValue("process-total-memory-size = \"2 GiB\"\n", [("MEMORY_LIMIT", "50%")], "--plan", "--limit", "1 GiB").RocksDbTotalMemorySize);
    }

    [Fact]
    public void The_process_limit_is_asked_for_only_by_percentages()
    {
        var store = ConfigurationLoader.Load(
            CommandLine.Parse(["--base-dir", BaseDir]), new Dictionary<string, string>(), "host-1", () => throw new InvalidOperationException());
        Assert.Equal(1, store.Current.Generation);
    }

    [Fact]
    public void A_zero_record_cache_is_off() =>
        Assert.Equal(default, LoadValue("bifrost.record-cache-memory-size = 0\n").Bifrost.RecordCacheMemorySize);

    [Theory]
    [InlineData(new[] { "--bind-ip", "0.0.0.0" }, "0.0.0.0:5122", "0.0.0.0:9070")]
    [InlineData(new[] { "--bind-ip=::1", "--bind-port", "0" }, "[::1]:0", "[::1]:9070")]
    [InlineData(new[] { "--bind-port", "7" }, "127.0.0.1:7", "127.0.0.1:9070")]
    [InlineData(new[] { "--bind-address", "0.0.0.0:1", "--bind-ip", "::", "--bind-port", "7" }, "0.0.0.0:1", "[::]:9070")]
    [InlineData(new[] { "--admin-bind-address", "[::1]:0" }, "127.0.0.1:5122", "[::1]:0")]
    [InlineData(new[] { "--set", "admin.bind-port=0", "--set", "admin.bind-ip=10.0.0.1", "--bind-ip", "0.0.0.0" }, "0.0.0.0:5122", "10.0.0.1:0")]
    [InlineData(new[] { "--bind-address", "0.0.0.0" }, "0.0.0.0:5122", "127.0.0.1:9070")]
    public void Listeners_follow_the_common_address_unless_they_have_their_own(string[] flags, string node, string admin)
    {
        RestateConfiguration value = LoadValue(null, null, flags);
        Assert.Equal(node, value.BindAddress);
        Assert.Equal(admin, value.Admin.BindAddress);
    }

    [Fact]
    public void A_derived_address_has_the_source_of_its_parts()
    {
        ConfigurationSnapshot snapshot = Load("bind-port = 7\n", [("RESTATE_BIND_IP", "0.0.0.0")]).Current;
        Assert.Equal(ConfigurationSource.Env, snapshot.Effective["bind-address"].Source);
        Assert.Equal(ConfigurationSource.Env, snapshot.Effective["admin.bind-address"].Source);
    }

    [Fact]
    public void Text_options_take_what_looks_like_a_number_from_the_environment() =>
        Assert.Equal("1.50", LoadValue(null, [("RESTATE_NODE_NAME", "1.50")]).NodeName);

    [Fact]
    public void A_bad_value_below_a_good_one_does_no_harm() =>
        Assert.Equal(5, LoadValue("default-num-partitions = 0\n", [("RESTATE_DEFAULT_NUM_PARTITIONS", "5")]).DefaultNumPartitions);

    private static (string Text, object Expected) Sample(ConfigurationOption option) => option.Kind switch
    {
        SizeKind => ("777 MiB", ByteSize.FromMiB(777)),
        RatioKind => ("0.25", 0.25f),
        IntegerKind => ("33", 33),
        DurationKind => ("7s", TimeSpan.FromSeconds(7)),
        BooleanKind => ("true", true),
        _ when option.Key.EndsWith("bind-ip", StringComparison.Ordinal) => ("10.1.2.3", "10.1.2.3"),
        _ when option.Key.EndsWith("bind-address", StringComparison.Ordinal) => ("10.1.2.3:77", "10.1.2.3:77"),
        _ when option.Key == "log-filter" => ("debug", "debug"),
        _ when option.Key == "log-format" => ("json", "json"),
        _ when option.Key == "memory-limit-policy" => ("clamp", "clamp"),
        _ when option.Key == "bifrost.default-provider" => ("local", "local"),
        _ => ("some-text", "some-text"),
    };
}
