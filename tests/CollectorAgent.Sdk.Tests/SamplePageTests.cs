using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

public sealed class SamplePageTests : IDisposable
{
    private const double Time = 1_700_000_000.25;

    private readonly TemporaryFolder _folder = new();
    private readonly ReportedSource _a = new("a") { Type = ReportedType.Gauge };
    private readonly ReportedSource _b = new("b") { IsInteger = true };
    private readonly ReportedSource _c = new("c");
    private readonly PageReader _reader = new();

    private string PagePath => Path.Combine(_folder.Path, "metrics", "plugin");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_appears_whole_under_its_name()
    {
        using var page = new SamplePage(PagePath);
        Directory.CreateDirectory(Path.GetDirectoryName(PagePath)!);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(PagePath)!);
        var seen = new List<string>();
        using var renamed = new ManualResetEventSlim();
        watcher.Created += (_, e) => seen.Add(e.Name!);
        watcher.Renamed += (_, e) =>
        {
            seen.Add($"{e.OldName} -> {e.Name}");
            renamed.Set();
        };
        watcher.EnableRaisingEvents = true;

        page.Publish(Time, b => b.Report(_a, 0.5));

        Assert.True(renamed.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(["plugin.tmp", "plugin.tmp -> plugin"], seen);
        Assert.False(PluginUid.IsPageName("plugin.tmp"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PagePath));
        AssertPage(Time, [_a], BitConverter.DoubleToInt64Bits(0.5));
    }

    [Fact]
    public void Page_follows_what_is_reported()
    {
        using var page = new SamplePage(PagePath);
        page.Publish(Time, b => b.Report(_a, 1.0));
        AssertPage(Time, [_a], BitConverter.DoubleToInt64Bits(1));

        page.Publish(Time + 1, b =>
        {
            for (int i = 0; i < 500; i++)
            {
                b.Report(_b, i);
            }
        });
        AssertPage(Time + 1, [.. Enumerable.Repeat(_b, 500)], [.. Enumerable.Range(0, 500).Select(i => (long)i)]);

        page.Publish(Time + 2, b => b.Report(_b, 7L));
        AssertPage(Time + 2, [_b], 7);

        page.Publish(Time + 3, b => b.Report(_b with { Units = "B" }, 7L));
        AssertPage(Time + 3, [_b with { Units = "B" }], 7);

        page.Publish(Time + 4, _ => { });
        AssertPage(Time + 4, []);
    }

    [Fact]
    public void Metadata_stays_the_same_while_the_data_sources_do()
    {
        using var page = new SamplePage(PagePath);
        page.Publish(Time, Report);
        Assert.Equal(PageStatus.Ok, _reader.Read(new FilePage(PagePath)));
        var sources = _reader.Sources;

        page.Publish(Time + 5, b =>
        {
            b.Report(_a with { }, 1.0);
            b.Report(_b, 2L);
        });

        Assert.Equal(PageStatus.Ok, _reader.Read(new FilePage(PagePath)));
        Assert.Same(sources, _reader.Sources);
    }

    [Fact]
    public void Sample_that_failed_half_way_does_not_give_the_next_one_its_names()
    {
        using var page = new SamplePage(PagePath);
        page.Publish(Time, Report);
        Assert.Throws<IOException>(() => page.Publish(Time + 5, b =>
        {
            b.Report(_c, 3.0);
            throw new IOException("half way");
        }));
        AssertPage(Time, [_a, _b], BitConverter.DoubleToInt64Bits(0.25), 7);

        page.Publish(Time + 10, b =>
        {
            b.Report(_c, 3.0);
            b.Report(_b, 8L);
        });

        AssertPage(Time + 10, [_c, _b], BitConverter.DoubleToInt64Bits(3), 8);
    }

    [Fact]
    public void Page_that_somebody_removed_is_made_again()
    {
        using var page = new SamplePage(PagePath);
        page.Publish(Time, Report);
        File.Delete(PagePath);

        page.Publish(Time + 5, Report);

        AssertPage(Time + 5, [_a, _b], BitConverter.DoubleToInt64Bits(0.25), 7);
        Directory.Delete(Path.GetDirectoryName(PagePath)!, recursive: true);
        page.Publish(Time + 10, Report);
        AssertPage(Time + 10, [_a, _b], BitConverter.DoubleToInt64Bits(0.25), 7);
    }

    [Fact]
    public void What_a_plugin_before_left_is_replaced()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PagePath)!);
        File.WriteAllText(PagePath, new string('x', 10_000));
        File.WriteAllText(PagePath + ".tmp", "unfinished");
        using var page = new SamplePage(PagePath);

        page.Publish(Time, Report);

        AssertPage(Time, [_a, _b], BitConverter.DoubleToInt64Bits(0.25), 7);
        Assert.Equal([PagePath], Directory.GetFiles(Path.GetDirectoryName(PagePath)!));
    }

    [Fact]
    public void Page_of_a_process_that_came_later_stays_when_this_one_ends()
    {
        var old = new SamplePage(PagePath);
        old.Publish(Time, b => b.Report(_a, 0.5));
        using var successor = new SamplePage(PagePath);
        successor.Publish(Time + 5, b => b.Report(_a, 1.5));

        old.Dispose();

        Assert.Equal(PageStatus.Ok, _reader.Read(new FilePage(PagePath)));
        Assert.Equal(Time + 5, _reader.Timestamp);
    }

    [Fact]
    public void Page_is_gone_when_disposed_of()
    {
        var page = new SamplePage(PagePath);
        page.Publish(Time, Report);
        page.Dispose();

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(PagePath)!));
        page.Dispose();
        new SamplePage(PagePath).Dispose();
    }

    [Fact]
    public void Sample_of_the_same_data_sources_allocates_nothing()
    {
        using var page = new SamplePage(PagePath);
        Action<SampleBatch> report = Report;
        for (int i = 0; i < 3; i++)
        {
            page.Publish(Time + i, report);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 100; i++)
        {
            page.Publish(Time + i, report);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        AssertPage(Time + 99, [_a, _b], BitConverter.DoubleToInt64Bits(0.25), 7);
    }

    [Fact]
    public void Double_is_refused_by_a_data_source_of_integers()
    {
        using var page = new SamplePage(PagePath);

        Assert.Throws<ArgumentException>(() => page.Publish(Time, b => b.Report(_b, 1.0)));
        Assert.False(File.Exists(PagePath));
    }

    [Fact]
    public void Whole_number_is_taken_by_a_data_source_of_doubles()
    {
        using var page = new SamplePage(PagePath);

        page.Publish(Time, b => b.Report(_a, 3));

        AssertPage(Time, [_a], BitConverter.DoubleToInt64Bits(3.0));
    }

    private void Report(SampleBatch batch)
    {
        batch.Report(_a, 0.25);
        batch.Report(_b, 7L);
    }

    private void AssertPage(double timestamp, ReportedSource[] sources, params long[] values)
    {
        Assert.True(_reader.Read(new FilePage(PagePath)) is PageStatus.Ok or PageStatus.Unchanged, _reader.Detail);
        Assert.Equal(timestamp, _reader.Timestamp);
        Assert.Equal(sources, _reader.Sources);
        Assert.Equal(values, _reader.Values.ToArray());
    }
}
