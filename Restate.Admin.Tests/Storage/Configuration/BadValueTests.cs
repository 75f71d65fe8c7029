using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class BadValueTests : ConfigurationFixture
{
    private const string Sizes = "expected a human-readable byte count string";

    [Theory]
    [InlineData("rocksdb-total-memory-size = \"abc\"", "string \"abc\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"\"", "string \"\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"-1 MiB\"", "string \"-1 MiB\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"+512MiB\"", "string \"+512MiB\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"512 XB\"", "string \"512 XB\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"1e9\"", "string \"1e9\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"18446744073709551616\"", "string \"18446744073709551616\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = \"a\\nb\"", "string \"a\\u000ab\"", Sizes, "line 1")]
    [InlineData("rocksdb-total-memory-size = 0", "integer `0`", "expected non-zero value", "line 1")]
    [InlineData("rocksdb-total-memory-size = \"0MiB\"", "string \"0MiB\"", "expected non-zero value", "line 1")]
    [InlineData("rocksdb-total-memory-size = -5", "integer `-5`", "not negative", "line 1")]
    [InlineData("rocksdb-total-memory-size = 1.5", "found float `1.5`", "expected an integer or string", "line 1")]
    [InlineData("rocksdb-total-memory-size = true", "found boolean `true`", "expected an integer or string", "line 1")]
    [InlineData("rocksdb-total-memory-size = [1]", "found array", "expected an integer or string", "line 1")]
    [InlineData("rocksdb-total-memory-size = 1979-05-27", "found date", "expected an integer or string", "line 1")]
    [InlineData("rocksdb-total-memory-size = \"0%\"", "string \"0%\"", "above 0% and up to 100%", "line 1")]
    [InlineData("rocksdb-total-memory-size = \"101%\"", "string \"101%\"", "above 0% and up to 100%", "line 1")]
    [InlineData("rocksdb-total-memory-size = \"40%%\"", "string \"40%%\"", "above 0% and up to 100%", "line 1")]
    [InlineData("rocksdb-total-memory-size = \"-4%\"", "string \"-4%\"", "above 0% and up to 100%", "line 1")]
    [InlineData("process-total-memory-size = \"40%\"", "string \"40%\"", Sizes, "line 1")]
    [InlineData("[admin.query-engine]\nmemory-size = 0", "integer `0`", "expected non-zero value", "line 2")]
    [InlineData("[admin.query-engine]\ntmp-dir-size-limit = \"5%\"", "string \"5%\"", Sizes, "line 2")]
    [InlineData("[admin.query-engine]\nquery-parallelism = 0", "integer `0`", "an integer from 1 to 1024", "line 2")]
    [InlineData("[admin.query-engine]\nquery-timeout = 60", "found integer `60`", "human-friendly duration", "line 2")]
    [InlineData("[admin.query-engine]\nquery-timeout = \"0s\"", "string \"0s\"", "a duration from 1ms to 1d", "line 2")]
    [InlineData("[admin.query-engine]\nquery-timeout = \"2d\"", "string \"2d\"", "a duration from 1ms to 1d", "line 2")]
    [InlineData("[admin.query-engine]\ntmp-dir = \"\"", "string \"\"", "a path", "line 2")]
    [InlineData("shutdown-timeout = \"soon\"", "string \"soon\"", "\"1m 30s\"", "line 1")]
    [InlineData("shutdown-timeout = \"1mo\"", "string \"1mo\"", "human-friendly duration", "line 1")]
    [InlineData("rocksdb-total-memtables-ratio = \"x\"", "found string \"x\"", "expected f32", "line 1")]
    [InlineData("rocksdb-total-memtables-ratio = nan", "float `NaN`", "a number from 0.1 to 1", "line 1")]
    [InlineData("rocksdb-total-memtables-ratio = inf", "float `Infinity`", "a number from 0.1 to 1", "line 1")]
    [InlineData("log-server.rocksdb-memory-ratio = false", "found boolean `false`", "a number from 0 to 1", "line 1")]
    [InlineData("log-server.rocksdb-memory-budget = 0", "integer `0`", "expected non-zero value", "line 1")]
    [InlineData("default-num-partitions = 0", "integer `0`", "an integer from 1 to 1024", "line 1")]
    [InlineData("default-num-partitions = 1025", "integer `1025`", "an integer from 1 to 1024", "line 1")]
    [InlineData("default-num-partitions = 1.5", "found float `1.5`", "an integer from 1 to 1024", "line 1")]
    [InlineData("default-num-partitions = \"24\"", "found string \"24\"", "an integer from 1 to 1024", "line 1")]
    [InlineData("worker.storage.rocksdb-disable-auto-memory-reclaimer = \"yes\"", "found string \"yes\"", "true or false", "line 1")]
    [InlineData("bifrost.default-provider = \"kafka\"", "string \"kafka\"", "one of replicated, local, in-memory", "line 1")]
    [InlineData("node-name = \"a/b\"", "string \"a/b\"", "a folder's", "line 1")]
    [InlineData("node-name = \"..\"", "string \"..\"", "a folder's", "line 1")]
    [InlineData("node-name = \"\"", "string \"\"", "a folder's", "line 1")]
    [InlineData("node-name = 5", "found integer `5`", "expected a string", "line 1")]
    [InlineData("cluster-name = \" \"", "string \" \"", "a name that is not empty", "line 1")]
    [InlineData("log-filter = \"loud\"", "string \"loud\"", "off, error, warn, info, debug or trace", "line 1")]
    [InlineData("log-filter = \"=info\"", "string \"=info\"", "target=level", "line 1")]
    [InlineData("log-filter = \"a b=info\"", "string \"a b=info\"", "a target has letters", "line 1")]
    [InlineData("log-filter = \"\"", "string \"\"", "levels after commas", "line 1")]
    [InlineData("log-filter = \"info,\"", "string \"info,\"", "levels after commas", "line 1")]
    [InlineData("log-format = \"xml\"", "string \"xml\"", "one of pretty, compact, json", "line 1")]
    [InlineData("log-disable-ansi-codes = \"yes\"", "found string \"yes\"", "true or false", "line 1")]
    [InlineData("bind-address = \"localhost:5122\"", "string \"localhost:5122\"", "127.0.0.1:5122 or [::1]:5122", "line 1")]
    [InlineData("bind-address = \"127.0.0.1:70000\"", "string \"127.0.0.1:70000\"", "an IP address and a port", "line 1")]
    [InlineData("bind-address = \"5122\"", "string \"5122\"", "an IP address and a port", "line 1")]
    [InlineData("bind-address = \":5122\"", "string \":5122\"", "an IP address and a port", "line 1")]
    [InlineData("bind-address = \"[127.0.0.1]:5122\"", "string \"[127.0.0.1]:5122\"", "an IP address and a port", "line 1")]
    [InlineData("admin.bind-address = \"unix:/tmp/x\"", "string \"unix:/tmp/x\"", "127.0.0.1:9070", "line 1")]
    [InlineData("bind-ip = \"[::1]\"", "string \"[::1]\"", "an IP address such as", "line 1")]
    [InlineData("bind-ip = \"1.2.3\"", "string \"1.2.3\"", "an IP address such as", "line 1")]
    [InlineData("bind-port = 65536", "integer `65536`", "an integer from 0 to 65535", "line 1")]
    [InlineData("bind-port = -1", "integer `-1`", "an integer from 0 to 65535", "line 1")]
    public void A_bad_value_in_the_file_is_one_line_with_key_value_place_and_what_is_allowed(string toml, string value, string allowed, string line)
    {
        string error = Assert.Single(LoadErrors(toml + "\n"));
        string key = toml[(toml.LastIndexOf('\n') + 1)..].Split(" = ")[0];
        Assert.Contains(value, error);
        Assert.Contains(allowed, error);
        Assert.Matches($"for key \"([a-z.-]+\\.)?{key}\" in .*restate\\.toml TOML file, {line}$", error);
    }

    [Theory]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "536_870_912", "rocksdb-total-memory-size", "string \"536_870_912\"", Sizes)]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "0x10", "rocksdb-total-memory-size", "string \"0x10\"", Sizes)]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "1.5", "rocksdb-total-memory-size", "found float `1.5`", "expected an integer or string")]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "0", "rocksdb-total-memory-size", "integer `0`", "expected non-zero value")]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE", "", "rocksdb-total-memory-size", "string \"\"", Sizes)]
    [InlineData("MEMORY_LIMIT", "lots", "rocksdb-total-memory-size", "string \"lots\"", Sizes)]
    [InlineData("RUST_LOG", "hyper=chatty", "log-filter", "string \"hyper=chatty\"", "off, error, warn")]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMTABLES_RATIO", "0,5", "rocksdb-total-memtables-ratio", "found string \"0,5\"", "expected f32")]
    [InlineData("RESTATE_ROCKSDB_TOTAL_MEMTABLES_RATIO", "nan", "rocksdb-total-memtables-ratio", "found string \"nan\"", "expected f32")]
    [InlineData("RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE", "1 XiB", "admin.query-engine.memory-size", "string \"1 XiB\"", Sizes)]
    [InlineData("RESTATE_DEFAULT_NUM_PARTITIONS", "many", "default-num-partitions", "found string \"many\"", "an integer from 1 to 1024")]
    [InlineData("RESTATE_BIND_ADDRESS", "localhost", "bind-address", "string \"localhost\"", "an IP address and a port")]
    [InlineData("RESTATE_WORKER__STORAGE__ROCKSDB_DISABLE_AUTO_MEMORY_RECLAIMER", "TRUE",
        "worker.storage.rocksdb-disable-auto-memory-reclaimer", "found string \"TRUE\"", "true or false")]
    [InlineData("RESTATE_SHUTDOWN_TIMEOUT", "5", "shutdown-timeout", "found integer `5`", "human-friendly duration")]
    public void A_bad_variable_is_named_as_the_place(string name, string text, string key, string value, string allowed)
    {
        string error = Assert.Single(LoadErrors(null, [(name, text)]));
        Assert.Contains(value, error);
        Assert.Contains(allowed, error);
        Assert.EndsWith($"for key \"{key}\" in environment variable {name}", error);
    }

    [Theory]
    [InlineData("--default-num-partitions", "0", "default-num-partitions", "integer `0`")]
    [InlineData("--bind-port", "abc", "bind-port", "string \"abc\"")]
    [InlineData("--node-name", "a/b", "node-name", "string \"a/b\"")]
    [InlineData("--admin-bind-address", "9070", "admin.bind-address", "string \"9070\"")]
    [InlineData("--shutdown-timeout", "never", "shutdown-timeout", "string \"never\"")]
    public void A_bad_flag_is_named_as_the_place(string flag, string text, string key, string value)
    {
        string error = Assert.Single(LoadErrors(null, null, flag, text));
        Assert.Contains(value, error);
        Assert.EndsWith($"for key \"{key}\" in flag {flag}", error);
    }

    [Fact]
    public void A_bad_set_names_its_key() =>
        Assert.EndsWith(
            "for key \"bifrost.record-cache-memory-size\" in flag --set bifrost.record-cache-memory-size",
            Assert.Single(LoadErrors(null, null, "--set", "bifrost.record-cache-memory-size=none")));

    [Fact]
    public void All_errors_are_told_at_once()
    {
        IReadOnlyList<string> errors = LoadErrors(
            "default-num-partitions = 0\nadmin = 5\n", [("RESTATE_BIND_PORT", "x")], "--set", "bifrost.default-provider=no");
        Assert.Equal(4, errors.Count);
        Assert.Single(errors, error => error.Contains("\"admin\"", StringComparison.Ordinal) && error.Contains("expected a table", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a = \n", "line 1, column 5")]
    [InlineData("x = 1\n[b\n", "line 2, column")]
    [InlineData("a = 1\na = 2\n", "line 2, column 1")]
    [InlineData("[x]\nk = 1\n[x]\n", "line 3, column 1")]
    [InlineData("s = \"\\q\"\n", "line 1, column 7")]
    [InlineData("n = 99999999999999999999\n", "line 1, column 5")]
    [InlineData("no value\n", "line 1, column")]
    public void What_is_not_toml_is_told_with_line_and_column(string toml, string place)
    {
        string error = LoadErrors(toml)[0];
        Assert.StartsWith("TOML parse error at " + place, error);
        Assert.EndsWith("restate.toml TOML file", error);
    }

    [Fact]
    public void A_missing_config_file_is_one_line()
    {
        string path = Path.Combine(Folder, "none.toml");
        Assert.Equal($"cannot read config file \"{path}\": there is no such file", Assert.Single(LoadErrors(null, null, "-c", path)));
        Assert.Equal($"cannot read config file \"{path}\": there is no such file", Assert.Single(LoadErrors(null, [("RESTATE_CONFIG", path)])));
    }

    [Fact]
    public void A_folder_is_no_config_file() =>
        Assert.EndsWith("it is a folder", Assert.Single(LoadErrors(null, null, "-c", Folder)));

    [Fact]
    public void A_file_that_is_not_utf8_is_told_so()
    {
        string path = Path.Combine(Folder, "latin.toml");
        File.WriteAllBytes(path, [(byte)'#', 0xE9, (byte)'\n']);
        Assert.EndsWith("is not UTF-8 text (first bad byte at offset 1)", Assert.Single(LoadErrors(null, null, "-c", path)));
    }
}
