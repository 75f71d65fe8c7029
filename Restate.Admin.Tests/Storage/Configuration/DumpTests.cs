using CsCheck;
using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class DumpTests : ConfigurationFixture
{
    private static readonly Gen<string?> SetOrNot = Gen.Bool.Select(set => set ? "set" : null);

    private static readonly Gen<object> Sizes =
        Gen.ULong.Select(Gen.Int[0, 62], (bytes, shift) => (object)new ByteSize(Math.Max(1 << 28, bytes >> shift)));

    private static readonly Gen<object> Ratios = Gen.OneOf(
        Gen.Float[0.1f, 1f].Select(ratio => (object)ratio), Gen.Int[10, 100].Select(percent => (object)(percent / 100f)));

    private static readonly Gen<object> Texts = AnyOf(
        "plain", "with \"quotes\" and \\", "# hash = 'x'", "größe", "日本 🦀", " blank ends ", "[table]", "a.b");

    [Fact]
    public void Every_configuration_dumps_to_toml_that_loads_to_itself()
    {
        Gen<object?>[] values = [.. ConfigurationOptions.All.Select(ValueOf)];
        Gen<object?[]> rows = values.Aggregate(
            Gen.Const(Array.Empty<object?>()), (row, value) => row.Select(value, (left, right) => left.Append(right).ToArray()));
        rows.Sample(
            row =>
            {
                RestateConfiguration written = ConfigurationOptions.All.Zip(row)
                    .Where(pair => pair.Second is not null)
                    .Aggregate(new RestateConfiguration { NodeName = "other" }, (value, pair) => pair.First.Set(value, pair.Second!));
                string toml = new ConfigurationStore(written, () => 1).Current.DumpToml();
                RestateConfiguration read = LoadDump(toml);
                return read == new ConfigurationStore(written, () => 1).Current.Value && new ConfigurationStore(read, () => 1).Current.DumpToml() == toml;
            },
            iter: 200);
    }

    [Fact]
    public void The_dump_of_all_layers_loads_to_the_same_configuration_without_a_warning()
    {
        ConfigurationStore store = Load(
            "rocksdb-total-memory-size = \"30%\"\n[admin]\nbind-ip = \"::1\"\n[bifrost.local]\nrocksdb-memory-ratio = 0.3\n",
            [("RESTATE_BIND_PORT", "0"), ("RESTATE_LOG_SERVER__ROCKSDB_MEMORY_RATIO", "5")],
            "--set", "worker.storage.rocksdb-memory-budget=7777777");
        store.Apply(Patch(("rocksdb-total-memtables-ratio", 0.123)), null, persist: false);

        ConfigurationStore loaded = LoadDumpStore(store.Current.DumpToml());

        Assert.Equal(store.Current.Value, loaded.Current.Value);
        Assert.Empty(loaded.Current.Warnings);
    }

    [Fact]
    public void The_dump_names_the_source_of_what_is_not_a_default()
    {
        ConfigurationStore store = Load("cluster-name = \"c\"\n", [("MEMORY_LIMIT", "3GiB")], "--bind-port", "7");
        store.Apply(Patch(("log-server.rocksdb-memory-ratio", 0.25)), null, persist: false);
        string[] lines = store.Current.DumpToml().Split('\n');

        Assert.Contains("cluster-name = \"c\" # from file", lines);
        Assert.Contains("rocksdb-total-memory-size = \"3.0 GiB\" # from env", lines);
        Assert.Contains("bind-address = \"127.0.0.1:7\" # from cli", lines);
        Assert.Contains("rocksdb-memory-ratio = 0.25 # from runtime", lines);
        Assert.Contains("default-num-partitions = 24", lines);
        Assert.Contains("rocksdb-total-memtables-ratio = 0.85", lines);
        Assert.Contains("[worker.storage]", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("tmp-dir ", StringComparison.Ordinal));
    }

    [Fact]
    public void Effective_values_have_their_types_and_sources()
    {
        ConfigurationSnapshot snapshot = Load(null, [("MEMORY_LIMIT", "50%")]).Current;

        Assert.Equal(ConfigurationOptions.All.Select(option => option.Key), snapshot.Effective.Keys);
        Assert.Equal(new EffectiveOption(ByteSize.FromGiB(2), ConfigurationSource.Env, true), snapshot.Effective["rocksdb-total-memory-size"]);
        Assert.Equal(new EffectiveOption(0.85f, ConfigurationSource.Default, true), snapshot.Effective["rocksdb-total-memtables-ratio"]);
        Assert.Equal(new EffectiveOption(null, ConfigurationSource.Default, true), snapshot.Effective["worker.storage.rocksdb-memory-budget"]);
        Assert.Equal(new EffectiveOption(24, ConfigurationSource.Default, false), snapshot.Effective["default-num-partitions"]);
        Assert.Equal(TimeSpan.FromSeconds(5), snapshot.Get("worker.storage.rocksdb-rebalance-interval"));
        Assert.Throws<ArgumentException>(() => snapshot.Get("colour"));
    }

    private RestateConfiguration LoadDump(string toml) => LoadDumpStore(toml).Current.Value;

    private ConfigurationStore LoadDumpStore(string toml) => ConfigurationLoader.Load(
        CommandLine.Parse(["--ignore-runtime-overrides", "-c", WriteFile($"dump-{Guid.NewGuid():N}.toml", toml)]), new Dictionary<string, string>(), "host-2", () => 1);

    private static Gen<object> AnyOf(params object[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<object?> ValueOf(ConfigurationOption option)
    {
        Gen<object> value = option.Kind switch
        {
            SizeKind => Sizes,
            RatioKind => Ratios,
            IntegerKind => Gen.Int[1, 1024].Select(number => (object)number),
            DurationKind => Gen.Long[TimeSpan.FromMilliseconds(100).Ticks, TimeSpan.FromHours(1).Ticks].Select(ticks => (object)new TimeSpan(ticks)),
            BooleanKind => Gen.Bool.Select(flag => (object)flag),
            _ when option.Key.EndsWith("bind-ip", StringComparison.Ordinal) => AnyOf("10.1.2.3", "::1", "0.0.0.0"),
            _ when option.Key.EndsWith("bind-address", StringComparison.Ordinal) => AnyOf("10.1.2.3:77", "[::1]:0"),
            _ when option.Key == "log-filter" => AnyOf("debug", "warn,restate=info"),
            _ when option.Key == "log-format" => AnyOf("pretty", "compact", "json"),
            // The others would change, or refuse, the sizes that are dumped.
            _ when option.Key == "memory-limit-policy" => AnyOf("warn"),
            _ when option.Key == "bifrost.default-provider" => AnyOf("local", "in-memory", "replicated"),
            _ => Texts,
        };
        return SetOrNot.Select(value, (set, generated) => set is null ? null : generated);
    }
}
