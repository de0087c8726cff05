using System.Globalization;
using System.Text.RegularExpressions;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.XenPlugin.Tests;

public sealed partial class ManualTests
{
    [Fact]
    public void The_manual_has_every_data_source_with_type_unit_range_and_default()
    {
        using var xen = new FixtureXen();
        xen.WriteTapdisk("vbd-1-51712", 1, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);
        xen.Hypervisor.Runstates = new() { [1] = new ulong[6] };
        var expected = xen.Take().Sources
            .Select(source => string.Join(" | ",
                (source.Owner.Kind == OwnerKind.Host ? "host " : "vm ") + Placeholders(source.Name),
                source.Type.ToString().ToUpperInvariant() + (source.IsInteger ? " int64" : " float") + (source.IsInverse ? " inverse" : ""),
                source.Units,
                Range(source),
                source.IsDefault ? "yes" : "no"))
            .Distinct();

        string owner = "";
        var documented = new List<string>();
        foreach (string line in File.ReadLines(Repository.PathOf("docs/xen-plugin.md")))
        {
            owner = line switch { "## Of the host" => "host ", "## Of each VM" => "vm ", _ => owner };
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length > 6 && cells[1].StartsWith('`'))
            {
                documented.Add(owner + string.Join(" | ", cells[1..6].Select(cell => cell.Trim('`'))));
            }
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_is_one_that_xapi_reads()
    {
        using var xen = new FixtureXen();
        var sample = xen.Take();

        Assert.StartsWith("xcp-rrdd-squeezed", XenStats.Uid, StringComparison.Ordinal);
        Assert.True(PluginUid.IsPageName(XenStats.Uid));
        Assert.Contains($"\"name\": \"{XenStats.Uid}\"", File.ReadAllText(Repository.PathOf("plugins/Xen/plugin.json")), StringComparison.Ordinal);
        Assert.True(sample.Has("host", "memory_total_kib") && sample.Has("host", "memory_free_kib"));
        Assert.True(sample.Has(FixtureXen.Paravirtual, "memory"));
    }

    private static string Placeholders(string name) =>
        Cpu().Replace(name, "cpu<i>").Replace("vif_0", "vif_<n>", StringComparison.Ordinal).Replace("xvda", "<dev>", StringComparison.Ordinal);

    private static string Range(ReportedSource source) =>
        double.IsInfinity(source.Min) ? ""
        : double.IsInfinity(source.Max) ? string.Create(CultureInfo.InvariantCulture, $"{source.Min}…")
        : string.Create(CultureInfo.InvariantCulture, $"{source.Min}–{source.Max}");

    [GeneratedRegex("cpu[0-9]+")]
    private static partial Regex Cpu();
}
