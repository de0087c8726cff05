using System.Text;
using CollectorAgent.Plugins;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Http.Tests;

/// <summary>A document that is long flows before all of it is there; a short one tells its length.</summary>
public sealed class LargeDocumentTests : IDisposable
{
    private const int Columns = 3000;
    private const int Steps = 120;

    /// <summary>A portion, and what is written between two looks at it.</summary>
    private const long MaxPortion = 40 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-http-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("/rrd_updates", "?start=-599")]
    [InlineData("/rrd_updates", "?start=-599&json")]
    [InlineData("/vm_rrd", "?uuid=v")]
    [InlineData("/vm_rrd", "?uuid=v&json")]
    public async Task Long_document_is_sent_in_portions_from_its_first_on(string path, string query)
    {
        var body = await GetAsync(path, query);

        Assert.Null(body.AnnouncedLength);
        Assert.InRange(body.Portions[0], 1, MaxPortion);
        Assert.InRange(body.Portions.Max(), 1, MaxPortion);
        Assert.True(body.Portions.Count > 25, $"{body.Portions.Count} portions are no long document");
    }

    [Theory]
    [InlineData("/rrd_updates", "?start=-4")]
    [InlineData("/rrd_updates", "?start=-4&json")]
    [InlineData("/metrics", "")]
    public async Task Short_document_tells_its_length(string path, string query)
    {
        var body = await GetAsync(path, query);

        Assert.Equal(body.Portions.Sum(), body.AnnouncedLength);
        Assert.True(body.AnnouncedLength > MaxPortion, "it would fit into one portion anyway");
    }

    [Fact]
    public async Task Long_document_has_the_rows_that_short_ones_have()
    {
        string whole = Encoding.UTF8.GetString((await GetAsync("/rrd_updates", "?start=-599&json")).ToArray());
        string newest = Encoding.UTF8.GetString((await GetAsync("/rrd_updates", "?start=-4&json")).ToArray());

        string Row(string document) => document[document.IndexOf("{\"t\"", StringComparison.Ordinal)..].Split(']')[0];
        Assert.Equal(Row(newest), Row(whole));
    }

    private async Task<RecordingBody> GetAsync(string path, string query)
    {
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        using var store = new RrdStore(new StoreOptions(_folder.FullName), NullLogger.Instance);
        using var sampler = new Sampler(store, time, NullLogger<Sampler>.Instance);
        Fill(store.FindOrCreate(new RrdOwner(RrdOwnerKind.Vm, "v"), ArchiveLayout.Averages).Rrd);
        var pages = new PageRegistry(_folder.FullName, new PageGrants(), (_, _, _) => false, _ => false, time, NullLogger<PageRegistry>.Instance);
        var endpoints = new ReadEndpoints(
            store, new StoreSync(store, time, NullLogger.Instance), sampler, pages, () => [], new Capabilities(() => [], () => []), () => [], new HostInfo("h", "1"), DocumentBudget.Standard(time), time);
        var context = new DefaultHttpContext();
        var body = new RecordingBody(context.Response);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);

        await endpoints.HandleAsync(context);
        await context.Response.CompleteAsync();

        Assert.Equal(StatusCodes.Status200OK, context.Response.StatusCode);
        return body;
    }

    private static void Fill(RoundRobinDatabase rrd)
    {
        long[] raw = new long[Columns];
        bool[] known = [.. Enumerable.Repeat(true, Columns)];
        var tile = new Tile(rrd.Layout, [.. Enumerable.Range(0, Columns).Select(i => new DataSource($"name_that_is_long_{i}", DataSourceType.Gauge))], 1000);
        for (int step = 1001; step <= 1000 + Steps; step++)
        {
            for (int i = 0; i < Columns; i++)
            {
                raw[i] = BitConverter.DoubleToInt64Bits(step + i / 3.0);
            }
            tile.Update(step * 5, raw, known);
        }
        rrd.Add(tile);
    }

    /// <summary>Counts what it is given at a time.</summary>
    private sealed class RecordingBody(HttpResponse response) : MemoryStream
    {
        public long? AnnouncedLength { get; private set; }

        public List<long> Portions { get; } = [];

        private long _unflushed;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            AnnouncedLength = response.ContentLength;
            _unflushed += buffer.Length;
            return base.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            if (_unflushed > 0)
            {
                Portions.Add(_unflushed);
            }
            _unflushed = 0;
            return Task.CompletedTask;
        }
    }
}
