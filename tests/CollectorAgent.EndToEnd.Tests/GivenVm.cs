using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using CollectorAgent.Rrd;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A VM with a history that is known, as an archive of a host.</summary>
internal sealed class GivenVm
{
    private const int DataSources = 30;
    private const int Steps = 150;

    private readonly List<string> _rows;

    private GivenVm(string uuid, List<string> rows)
    {
        Uuid = uuid;
        _rows = rows;
    }

    public string Uuid { get; }

    /// <summary>Puts the archive of a VM into a host's folder.</summary>
    /// <param name="number">Tells it from other VMs.</param>
    public static async Task<GivenVm> ArchiveAsync(PoolHost host, int number)
    {
        string uuid = string.Create(CultureInfo.InvariantCulture, $"22222222-0000-4000-8000-{number:x12}");
        var rrd = new RoundRobinDatabase(ArchiveLayout.Averages);
        long last = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / ArchiveLayout.StandardStepSeconds - 2;
        var sources = Enumerable.Range(0, DataSources).Select(i => new DataSource($"source{i}", DataSourceType.Gauge)).ToArray();
        var tile = rrd.ClaimTile("given", sources, last - Steps, new int[DataSources]);
        var random = new Random(number);
        bool[] known = [.. sources.Select(_ => true)];
        for (long step = last - Steps + 1; step <= last; step++)
        {
            tile.Update(
                step * ArchiveLayout.StandardStepSeconds, [.. sources.Select(_ => BitConverter.DoubleToInt64Bits(random.NextDouble() * 1e6))], known);
        }
        using var folder = new ArchiveFolder(host.Paths.Archives);
        string path = await folder.WriteAsync(uuid, rrd.Snapshot(), CancellationToken.None);
        await using var xml = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var document = await XDocument.LoadAsync(xml, LoadOptions.None, CancellationToken.None);
        return new GivenVm(uuid, Rows(document));
    }

    /// <summary>Its whole history is recorded on by this agent.</summary>
    public async Task AssertRecordedByAsync(AgentProcess agent)
    {
        string text = await agent.Http.GetStringAsync(new Uri("/vm_rrd?uuid=" + Uuid, UriKind.Relative));
        Assert.Equal(_rows, Rows(XDocument.Parse(text)));
    }

    /// <summary>To the fifteen digits that readers get.</summary>
    private static List<string> Rows(XDocument document) =>
    [
        .. document.Descendants("row").Select(row => string.Join(
            ' ', row.Elements().Select(v => double.Parse(v.Value, CultureInfo.InvariantCulture).ToString("G15", CultureInfo.InvariantCulture)))),
    ];
}
