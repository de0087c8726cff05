using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData(0, "", "0")]
    [InlineData(1.23456, "", "1.235")]
    [InlineData(12.3456, "W", "12.35 W")]
    [InlineData(123.456, "W", "123.5 W")]
    [InlineData(1234.56, "MHz", "1235 MHz")]
    [InlineData(-1234567, "", "-1234567")]
    [InlineData(0.00012346, "s", "0.0001235 s")]
    [InlineData(1e18, "", "1E+18")]
    [InlineData(double.NaN, "B", "unknown")]
    [InlineData(double.PositiveInfinity, "B", "Infinity B")]
    [InlineData(0.256, "(fraction)", "25.6 %")]
    [InlineData(1023, "B", "1023 B")]
    [InlineData(1024, "B", "1 KiB")]
    [InlineData(1536, "B/s", "1.5 KiB/s")]
    [InlineData(2147483648, "B", "2 GiB")]
    [InlineData(2097152, "KiB", "2 GiB")]
    [InlineData(0.5, "MiB/s", "512 KiB/s")]
    [InlineData(-2048, "B", "-2 KiB")]
    [InlineData(1e30, "B", "867361737988 EiB")]
    [InlineData(41.5, "°C", "41.5 °C")]
    public void Values_are_scaled_for_people(double value, string units, string expected) => Assert.Equal(expected, ValueText.Of(value, units));

    [Theory]
    [InlineData(80, "80")]
    [InlineData(0.274978380476818, "0.274978380476818")]
    [InlineData(0.0000001, "0.0000001")]
    [InlineData(2147483648123, "2147483648123")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(double.PositiveInfinity, "inf")]
    public void Exact_values_have_no_exponent(double value, string expected) => Assert.Equal(expected, ValueText.Exact(value));

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(61, "1 min 1 s")]
    [InlineData(7260, "2 h 1 min")]
    [InlineData(90000, "1 d 1 h")]
    public void Spans_have_two_units(double seconds, string expected) => Assert.Equal(expected, ValueText.Span(seconds));

    [Theory]
    [InlineData(new double[] { 0, 1, 2, 3, 4, 5, 6, 7 }, "▁▂▃▄▅▆▇█")]
    [InlineData(new[] { 5, double.NaN, 5 }, "▁ ▁")]
    [InlineData(new[] { double.NaN }, " ")]
    [InlineData(new[] { double.MinValue, double.MaxValue }, "▁█")]
    public void Sparkline_spreads_the_known_values(double[] values, string expected) => Assert.Equal(expected, Sparkline.Of(values));

    [Theory]
    [InlineData("cpu", "1000 1100 0000")]
    [InlineData("", "1111 1111 1111")]
    [InlineData(":::", "1111 1111 1111")]
    [InlineData("AVERAGE:host::", "1010 0000 0000")]
    [InlineData("max:::", "0101 0100 0000")]
    [InlineData("::U1:", "0000 1111 0000")]
    [InlineData(":vm:u1:c", "0000 1100 0000")]
    [InlineData("AVERAGE:sr:u2:cpu", "0000 0000 0000")]
    [InlineData(":sr::io:read", "0000 0000 1000")]
    [InlineData("cpu,…", "1000 1100 0000")]
    [InlineData("Cpu", "0000 0000 0000")]
    public void Selector_selects(string text, string expected)
    {
        string[] columns =
        [
            "AVERAGE:host:h:cpu0", "MAX:host:h:memory", "AVERAGE:host:h:memory", "MAX:host:h:x",
            "AVERAGE:vm:u1:cpu0", "MAX:vm:u1:cpu0", "AVERAGE:vm:u1:memory", "AVERAGE:vm:u1:x",
            "AVERAGE:sr:u2:io:read", "AVERAGE:sr:u2:io", "AVERAGE:sr:u2:memory", "AVERAGE:sr:u2:x",
        ];

        var selector = Selector.Parse(text)!;

        var selected = columns.Select(Column.Parse).Select(c => selector.Selects(c) ? '1' : '0').Chunk(4).Select(c => new string(c));
        Assert.Equal(expected, string.Join(' ', selected));
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("a:b:c")]
    [InlineData("MEDIAN:::")]
    [InlineData(":pool::x")]
    public void Selector_is_refused(string text) => Assert.Null(Selector.Parse(text));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    public void Names_are_quoted_where_needed(string name, string expected) => Assert.Equal(expected, CsvText.Quoted(name));

    [Fact]
    public void Near_names_are_few_and_the_nearest_first()
    {
        string[] names = ["cpu0", "cpu1", "cpu_avg", "memory_free_kib", "memory_total_kib", "pif_eth0_rx"];

        Assert.Equal(["cpu_avg"], NearNames.Of("cpuavg", names));
        Assert.Equal(["memory_free_kib", "memory_total_kib"], NearNames.Of("MEMORY", names));
        Assert.Equal(["pif_eth0_rx"], NearNames.Of("pif_eth0_tx", names));
        Assert.Empty(NearNames.Of("temperature", names));
        Assert.Equal(3, NearNames.Of("cpu", [.. names, "cpu2", "cpu3"]).Count);
    }

    [Fact]
    public void Uuids_are_cut_only_where_they_stay_different()
    {
        Column[] distinct = [Column.Parse("AVERAGE:vm:00000001-aaaa:x"), Column.Parse("AVERAGE:vm:00000002-aaaa:x"), Column.Parse("AVERAGE:host:h:x")];
        Column[] alike = [Column.Parse("AVERAGE:vm:00000001-aaaa:x"), Column.Parse("AVERAGE:vm:00000001-bbbb:x")];

        Assert.Equal(["vm 00000001", "vm 00000002", "host"], distinct.Select(c => new OwnerLabels(distinct)[c]));
        Assert.Equal(["vm 00000001-aaaa", "vm 00000001-bbbb"], alike.Select(c => new OwnerLabels(alike)[c]));
    }

    [Fact]
    public async Task Terminal_is_written_over_and_nothing_leaves_it()
    {
        var text = new StringWriter();
        var screen = new Screen(text, () => (6, 4));

        await screen.ShowAsync(["one", "longer than it"]);
        await screen.ShowAsync(["1", "2", "3", "4"]);

        Assert.Equal("\e[2J\e[Hone\e[K\nlonger\e[K\n\e[J" + "\e[H1\e[K\n2\e[K\n… 2 mo\e[K\n\e[J", text.ToString());
    }

    [Fact]
    public void Names_that_rrdtool_can_use_stay()
    {
        string[] names = ["cpu0", "a-B_9", "nineteen_characters"];

        Assert.Equal(names, RrdtoolNames.For(names));
    }

    [Fact]
    public void Names_for_rrdtool_are_usable_different_and_independent_of_the_rest()
    {
        string[] names = ["twenty_characters_xx", "twenty_characters_xy", "a b", "a:b", "°C", "", "ok"];

        var renamed = RrdtoolNames.For(names);

        Assert.All(renamed, n => Assert.Matches("^[a-zA-Z0-9_-]{1,19}$", n));
        Assert.Equal(names.Length, renamed.Distinct().Count());
        Assert.Equal(renamed.Reverse(), RrdtoolNames.For([.. names.Reverse()]));
        Assert.All(names.Index(), n => Assert.Equal([renamed[n.Index]], RrdtoolNames.For([n.Item])));
        Assert.StartsWith("twenty_chara_", renamed[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_for_rrdtool_do_not_take_one_that_is_there()
    {
        string taken = RrdtoolNames.For(["a b"])[0];

        var renamed = RrdtoolNames.For(["a b", taken]);

        Assert.Equal(taken, renamed[1]);
        Assert.NotEqual(taken, renamed[0]);
        Assert.Equal(0, Encoding.UTF8.GetByteCount(renamed[0]) > RrdtoolNames.MaxLength ? 1 : 0);
    }

    [Fact]
    public void Owners_of_two_words_become_one() => Assert.Equal(
        ["query", "x", "--owner", "vm u", "--json", "--owner", "sr", "--json"],
        RowOptions.JoinOwners(["query", "x", "--owner", "vm", "u", "--json", "--owner", "sr", "--json"]));

    [Fact]
    public void Query_names_one_owner()
    {
        var query = new RowsQuery(-5, 60, ConsolidationFunction.Max, new Owner(OwnerKind.Sr, "a b"));

        Assert.Equal("rrd_updates?json&start=-5&interval=60&cf=MAX&vm_uuid=none&sr_uuid=a%20b", query.Path);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void Rows_are_the_finest_where_nothing_else_is_asked_for_whenever_the_newest_sample_was_taken(long secondsBehindRow)
    {
        foreach (var layout in new[] { ArchiveLayout.Averages, ArchiveLayout.AveragesMinMax })
        {
            var plan = XportPlan.Create(new XportQuery(RowOptions.DefaultStart), [layout], 1_800_000_000 + secondsBehindRow);

            Assert.Equal(ArchiveLayout.StandardStepSeconds, plan.RowSeconds);
        }
    }
}
