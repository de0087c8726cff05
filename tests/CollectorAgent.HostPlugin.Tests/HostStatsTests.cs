using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.HostPlugin.Tests;

public sealed class HostStatsTests
{
    [Fact]
    public void Data_sources_are_declared_as_agreed()
    {
        using var host = new FixtureHost("plain");
        string golden = Repository.PathOf("tests/golden/host-sources.txt");

        string declared = string.Concat(host.Take().Sources.Select(Line));

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, declared);
        }
        Assert.Equal(File.ReadAllText(golden), declared);
    }

    [Fact]
    public void The_manual_has_every_data_source_with_type_unit_range_and_default()
    {
        using var host = new FixtureHost("plain");
        var expected = host.Take().Sources
            .Where(source => source.Name != "cpu1" && !source.Name.StartsWith("disk_md0", StringComparison.Ordinal))
            .Select(source => string.Join(" | ",
                source.Name
                    .Replace("cpu0", "cpu<i>", StringComparison.Ordinal)
                    .Replace("eth0", "<dev>", StringComparison.Ordinal)
                    .Replace("sda", "<dev>", StringComparison.Ordinal),
                source.Type.ToString().ToUpperInvariant() + (source.IsInteger ? " int64" : " float") + (source.IsInverse ? " inverse" : ""),
                source.Units,
                Range(source),
                source.IsDefault ? "yes" : "no"));

        var documented = File.ReadLines(Repository.PathOf("docs/host-plugin.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => string.Join(" | ", line.Split('|', StringSplitOptions.TrimEntries)[1..6].Select(cell => cell.Trim('`'))));

        Assert.Equal(expected.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_gone_costs_its_own_values_and_is_told_once()
    {
        using var host = new FixtureHost("plain");
        string text = File.ReadAllText(Path.Combine(host.Proc, "stat"));
        int all = host.Take().Sources.Count;
        Assert.Empty(host.Errors);

        host.Write("proc/stat", "");
        Assert.Equal(all - 3, host.Take().Sources.Count);
        Assert.Equal(all - 3, host.Take().Sources.Count);
        Assert.Single(host.Errors);
        Assert.StartsWith("CPUs: ", host.Errors[0], StringComparison.Ordinal);

        host.Write("proc/stat", text);
        Assert.Equal(all, host.Take().Sources.Count);
        Assert.Equal(all, host.Take().Sources.Count);
        Assert.Equal(["CPUs: complete again"], host.Errors[1..]);
    }

    [Theory]
    [InlineData("xen-dom0", false)]
    [InlineData("xen-guest", true)]
    [InlineData("bridge", true)]
    public void Cpus_and_memory_are_left_out_where_they_are_those_of_a_control_domain(string fixture, bool hasThem)
    {
        using var host = new FixtureHost(fixture);

        var sample = host.Take();

        Assert.Equal(hasThem, sample.Names.Any(name => name.StartsWith("cpu", StringComparison.Ordinal)));
        Assert.Equal(hasThem, sample.Names.Any(name => name.StartsWith("memory_", StringComparison.Ordinal)));
        Assert.True(sample.Has("loadavg"));
        Assert.Equal(["eth0"], sample.Devices("pif_", "_rx").Where(device => device != "aggr"));
        Assert.Empty(host.Errors);
    }

    [Theory]
    [InlineData("stat", "CPUs", "cpu")]
    [InlineData("loadavg", "load average", null)]       // it is unknown, but there
    [InlineData("meminfo", "memory", "memory_")]
    [InlineData("net/dev", "network interfaces", "pif_")]
    [InlineData("diskstats", "disks", "disk_")]
    public void One_broken_file_hides_no_other(string broken, string what, string? hidden)
    {
        using var host = new FixtureHost("plain");
        host.Delete("proc/" + broken);

        var sample = host.Take();

        Assert.StartsWith(what + ": ", Assert.Single(host.Errors), StringComparison.Ordinal);
        string[] prefixes = ["cpu", "loadavg", "memory_", "pif_", "disk_"];
        foreach (string prefix in prefixes)
        {
            Assert.Equal(prefix != hidden, sample.Names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_damaged_file_is_named()
    {
        using var host = new FixtureHost("damaged");

        host.Take();

        Assert.Equal(
            ["stat", "loadavg", "meminfo", "net/dev", "diskstats"],
            host.Errors.Select(line => line.Split(": ")[1][(host.Proc.Length + 1)..]));
    }

    [Theory]
    [InlineData("stat")]
    [InlineData("net/dev")]
    [InlineData("diskstats")]
    public void A_table_that_ends_within_a_line_is_not_complete(string file)
    {
        using var host = new FixtureHost("plain");
        string text = File.ReadAllText(Path.Combine(host.Proc, file));
        host.Write("proc/" + file, text[..^1]);

        host.Take();

        Assert.Contains(Path.Combine(host.Proc, file), Assert.Single(host.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_longer_than_one_read_is_read_whole()
    {
        using var host = new FixtureHost("plain");
        string interrupts = "intr " + string.Concat(Enumerable.Repeat("123456 ", 20_000)) + "\n";
        host.Edit("proc/stat", "cpu1 ", interrupts + "cpu1 ");

        Assert.Equal(3327.10, host.Take().Float("cpu1"), 1e-9);
    }

    [Fact]
    public void While_devices_stay_the_same_a_sample_allocates_next_to_nothing()
    {
        using var host = new FixtureHost("plain");
        host.Publish();
        host.Publish();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            host.Publish();
        }

        // What is left belongs to the page: the delegate, and the look whether its file is still there.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 512);
    }

    private static string Line(ReportedSource source)
    {
        string valueType = (source.IsInteger ? "int64" : "float") + (source.IsInverse ? " inverse" : "");
        string recorded = source.IsDefault ? "default yes" : "default no";
        return $"{source.Name} | {source.Owner} | {source.Type} | {valueType} | {source.Units} | {Range(source)} | {recorded} | "
            + source.Description + "\n";
    }

    private static string Range(ReportedSource source) =>
        double.IsInfinity(source.Min) ? ""
        : double.IsInfinity(source.Max) ? string.Create(CultureInfo.InvariantCulture, $"{source.Min}…")
        : string.Create(CultureInfo.InvariantCulture, $"{source.Min}–{source.Max}");
}
