using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class ProcessMemoryLimitTests : IDisposable
{
    private const string UnifiedMount = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";
    private const string MemoryMount = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory";
    private const string CpuMount = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu";

    private readonly string _root = Directory.CreateTempSubdirectory("restate-limit-").FullName;

    public ProcessMemoryLimitTests() => Write("/proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1000 kB\n");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_configured_limit_wins_over_a_smaller_group()
    {
        Process("0::/app", UnifiedMount);
        Write("/sys/fs/cgroup/app/memory.max", "1000000\n");
        Assert.Equal(new ProcessMemoryLimit(4L << 30, "config"), ProcessMemoryLimit.Detect(ByteSize.FromGiB(4), _root));
    }

    [Fact]
    public void Without_any_group_the_machine_is_the_limit() =>
        Assert.Equal(new ProcessMemoryLimit(16L << 30, "machine"), ProcessMemoryLimit.Detect(null, _root));

    [Fact]
    public void Reads_its_own_group_of_version_2()
    {
        Process("0::/system.slice/app.service", UnifiedMount);
        Write("/sys/fs/cgroup/system.slice/app.service/memory.max", "536870912\n");
        Write("/sys/fs/cgroup/system.slice/memory.max", "max\n");
        AssertLimit(512L << 20, "cgroup v2 /sys/fs/cgroup/system.slice/app.service");
    }

    [Fact]
    public void A_smaller_ancestor_wins()
    {
        Process("0::/pod/app", UnifiedMount);
        Write("/sys/fs/cgroup/pod/app/memory.max", "1073741824\n");
        Write("/sys/fs/cgroup/pod/memory.max", "536870912\n");
        AssertLimit(512L << 20, "cgroup v2 /sys/fs/cgroup/pod");
    }

    [Fact]
    public void Reads_version_1_and_ignores_its_sentinel()
    {
        Process("4:memory:/app/inner\n3:cpu:/\n0::/", CpuMount, MemoryMount);
        Write("/sys/fs/cgroup/memory/app/inner/memory.limit_in_bytes", "9223372036854771712\n");
        Write("/sys/fs/cgroup/memory/app/memory.limit_in_bytes", "268435456\n");
        Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        AssertLimit(256L << 20, "cgroup v1 /sys/fs/cgroup/memory/app");
    }

    [Fact]
    public void In_a_container_the_mount_is_the_group()
    {
        Process("4:memory:/machine/abc", "35 31 0:32 /machine/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory");
        Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
        AssertLimit(256L << 20, "cgroup v1 /sys/fs/cgroup/memory");
    }

    [Fact]
    public void A_joined_path_that_does_not_exist_means_the_mount()
    {
        Process("0::/kubepods/pod1/abc", UnifiedMount);
        Write("/sys/fs/cgroup/memory.max", "134217728\n");
        AssertLimit(128L << 20, "cgroup v2 /sys/fs/cgroup");
    }

    [Fact]
    public void A_group_above_the_namespace_means_the_mount()
    {
        Process("0::/../other", UnifiedMount);
        Write("/sys/fs/cgroup/memory.max", "134217728\n");
        Write("/sys/fs/other/memory.max", "1\n");
        AssertLimit(128L << 20, "cgroup v2 /sys/fs/cgroup");
    }

    [Fact]
    public void The_smaller_of_both_versions_wins()
    {
        Process("4:memory:/a\n0::/b", MemoryMount, "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw");
        Write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "300000000\n");
        Write("/sys/fs/cgroup/unified/b/memory.max", "200000000\n");
        AssertLimit(200000000, "cgroup v2 /sys/fs/cgroup/unified/b");
    }

    [Fact]
    public void A_group_larger_than_the_machine_does_not_raise_the_limit()
    {
        Process("0::/app", UnifiedMount);
        Write("/sys/fs/cgroup/app/memory.max", (64L << 30).ToString(System.Globalization.CultureInfo.InvariantCulture));
        AssertLimit(16L << 30, "machine");
    }

    [Fact]
    public void Escaped_characters_of_mount_points_are_read()
    {
        Process("0::/", @"35 24 0:30 / /sys/my\040groups rw - cgroup2 cgroup2 rw");
        Write("/sys/my groups/memory.max", "134217728\n");
        AssertLimit(128L << 20, "cgroup v2 /sys/my groups");
    }

    [Fact]
    public void Unreadable_kernel_files_name_the_setting_that_helps()
    {
        File.Delete(_root + "/proc/meminfo");
        var e = Assert.Throws<StorageException>(() => ProcessMemoryLimit.Detect(null, _root));
        Assert.Contains("process-total-memory-size", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_process_has_a_limit_and_anonymous_memory()
    {
        Assert.InRange(ProcessMemoryLimit.Detect(null).Bytes, 64L << 20, 1L << 50);
        long anonymous = ProcessMemory.ReadAnonymousBytes();
        Assert.InRange(anonymous, 1L << 20, ProcessMemoryLimit.Detect(null).Bytes);
        using var sampler = ResidentSampler.Open();
        Assert.NotNull(sampler);
        Assert.InRange(sampler.ReadAnonymousBytes(), anonymous / 2, anonymous * 2);
    }

    private void AssertLimit(long bytes, string source) =>
        Assert.Equal(new ProcessMemoryLimit(bytes, source), ProcessMemoryLimit.Detect(null, _root));

    private void Process(string groups, params string[] mounts)
    {
        Write("/proc/self/cgroup", groups + "\n");
        Write("/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/root rw\n" + string.Join('\n', mounts) + "\n");
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, text);
    }
}
