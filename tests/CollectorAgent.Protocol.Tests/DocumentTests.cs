using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What docs/formats says, held against the code.</summary>
public sealed partial class DocumentTests
{
    private static readonly string SamplePage = Document("sample-page.md");
    private static readonly string Rpc = Document("rpc.md");
    private static readonly string StatsDisk = Document("stats-vdi.md");

    [Fact]
    public void Example_of_a_sample_page_is_read()
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Dumped("", SamplePage))));

        Assert.Equal(1_700_000_000.25, reader.Timestamp);
        Assert.Equal(["q", "r"], reader.Sources.Select(s => s.Name));
        Assert.Equal([OwnerKind.Host, OwnerKind.Vm], reader.Sources.Select(s => s.Owner.Kind));
        Assert.Equal([false, true], reader.Sources.Select(s => s.IsInverse));
        Assert.Equal([7, Pages.Bits(0.25)], reader.Values.ToArray());
    }

    [Fact]
    public void Example_of_a_page_of_version_3_is_read()
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Dumped("hex", SamplePage))));

        Assert.Equal((3, 1_700_000_000), (reader.Version, reader.Timestamp));
        Assert.Equal([new ReportedSource("q{room=a}") { Type = ReportedType.Gauge, IsDefault = true }], reader.Sources);
        Assert.Equal([Pages.Bits(7)], reader.Values.ToArray());
    }

    [Fact]
    public void Example_of_metrics_becomes_the_data_sources_in_the_table()
    {
        var reader = new OpenMetricsReader();

        Assert.True(reader.TryReadText(Pages.Bytes(Assert.Single(Blocks("openmetrics", SamplePage)))), reader.Detail);

        var said = Rows(SamplePage, "value").Select(r => string.Join(' ', r.Select(c => c.Trim('`', ' '))));
        double[] values = OpenMetricsTextTests.Values(reader);
        Assert.Equal(said, reader.Sources.Select((s, i) => string.Create(
            CultureInfo.InvariantCulture, $"{s.Name} {s.Owner} {s.Type.ToString().ToLowerInvariant()} {s.Units} {values[i]}")));
        Assert.Contains($"Left out: `{Assert.Single(reader.LeftOut)}`.", SamplePage, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_in_the_table_of_keys_are_those_of_the_reader()
    {
        var table = Rows(SamplePage, "if absent").ToDictionary(r => r[0], r => r[2]);
        string[] optional = ["owner", "type", "default", "transform", "min", "max", "units", "description", "incarnation"];
        string keys = "\"value_type\":\"float\"," + string.Join(',', optional.Select(k => $"\"{k}\":\"{table[$"`{k}`"].Trim('`')}\""));
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version2(Pages.Metadata(("a", keys)), 0))));

        Assert.Equal([new ReportedSource("a")], reader.Sources);
    }

    [Fact]
    public void Limits_are_those_of_the_code()
    {
        var limits = new Dictionary<string, int>
        {
            ["PageReader.MaxSources"] = PageReader.MaxSources,
            ["PageReader.MaxMetadataBytes"] = PageReader.MaxMetadataBytes,
            ["ReportedSource.MaxNameLength"] = ReportedSource.MaxNameLength,
            ["ReportedSource.MaxUnitsLength"] = ReportedSource.MaxUnitsLength,
            ["ReportedSource.MaxDescriptionLength"] = ReportedSource.MaxDescriptionLength,
            ["ReportedSource.MaxIncarnationLength"] = ReportedSource.MaxIncarnationLength,
            ["XmlRpc.MaxMessageBytes"] = XmlRpc.MaxMessageBytes,
        };
        var said = Rows(SamplePage, "constant").Concat(Rows(Rpc, "constant"))
            .Where(r => limits.ContainsKey(r[2].Trim('`')))
            .ToDictionary(r => r[2].Trim('`'), r => int.Parse(r[1].Split(' ')[0], CultureInfo.InvariantCulture));

        Assert.Equal(limits.OrderBy(l => l.Key), said.OrderBy(l => l.Key));
    }

    [Fact]
    public void Example_messages_are_what_is_written_and_read()
    {
        string[] messages = [.. Blocks("xml", Rpc)];
        var call = new XmlRpcCall(RpcMethod.LocalRegister, [S(("uid", "my-plugin"), ("info", "Five_Seconds"), ("protocol", "V2"))]);
        var answer = RpcReply.Succeeded(3.725108114);

        Assert.Equal(2, messages.Length);
        Assert.Equal(call.Show(), XmlRpc.ReadCall(Stream(messages[0])).Show());
        Assert.Equal(answer.Show(), XmlRpc.ReadResponse(Stream(messages[1])).Show());
        Assert.Equal(messages[0], Encoding.UTF8.GetString(XmlRpc.WriteCall(call)));
        Assert.Equal(messages[1], Encoding.UTF8.GetString(XmlRpc.WriteResponse(answer)));
    }

    [Fact]
    public void Every_method_of_plugins_is_in_the_table()
    {
        string[] methods =
        [
            RpcMethod.GetHeader, RpcMethod.GetPath, RpcMethod.Register, RpcMethod.Deregister, RpcMethod.NextReading,
            RpcMethod.LocalRegister, RpcMethod.LocalDeregister, RpcMethod.LocalNextReading, RpcMethod.Restart, RpcMethod.GetCapabilities,
        ];

        var said = Rows(Rpc, "result").SelectMany(r => r[0].Split(", ")).Select(m => m.Trim('`'));

        Assert.Equal(methods.Order(StringComparer.Ordinal), said.Where(m => m.StartsWith("Plugin.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Example_of_a_stats_vdi_is_read()
    {
        var read = new StatsVdi(SimulatedDisk.Of(Dumped("hex", StatsDisk))).Read();

        Assert.Equal((StatsVdiState.Framed, "<rrd/>".Length), (read.State, read.UnpackedBytes));
    }

    [Fact]
    public void Limits_of_a_stats_vdi_are_those_of_the_code()
    {
        var said = Rows(StatsDisk, "constant").ToDictionary(r => r[2].Trim('`'), r => r[1].Split(' ')[0]);

        Assert.Equal(StatsFrame.MaxArchiveBytes, int.Parse(said["StatsFrame.MaxArchiveBytes"], CultureInfo.InvariantCulture));
        Assert.Equal(StatsSpare.MaxArchiveBytesBeside(0), int.Parse(said["StatsSpare.MaxArchiveBytes"], CultureInfo.InvariantCulture));
        Assert.Equal(GzipCheck.MaxUnpackedBytes, long.Parse(said["GzipCheck.MaxUnpackedBytes"], CultureInfo.InvariantCulture));
    }

    private static string Document(string name) => File.ReadAllText(Path.Combine(Python.Repository, "docs", "formats", name));

    /// <summary>The bytes of a dump with offsets.</summary>
    private static byte[] Dumped(string language, string document)
    {
        string dump = string.Concat(Assert.Single(Blocks(language, document)).Split('\n').Select(l => l.Length > 4 ? l[4..] : ""));
        return Convert.FromHexString(dump.Replace(" ", "", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Blocks(string language, string document) =>
        Block().Matches(document).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value);

    /// <summary>The rows of the table whose last column has that title.</summary>
    private static IEnumerable<string[]> Rows(string document, string lastTitle) => document.Split('\n')
        .SkipWhile(l => !l.EndsWith($"| {lastTitle} |", StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(l => l.StartsWith('|'))
        .Select(l => l.Trim('|', ' ').Split(" | "));

    [GeneratedRegex("```(?<language>[a-z]*)\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
