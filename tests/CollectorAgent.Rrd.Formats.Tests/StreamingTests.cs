using System.IO.Pipelines;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>A document of any size needs little memory, and nobody formats what nobody reads.</summary>
public sealed class StreamingTests
{
    private const int Columns = 1000;

    /// <summary>A portion of 32 KiB and what is written between two looks at it.</summary>
    private const long MaxUnflushed = 40 * 1024;

    private static readonly ArchiveLayout Layout = new(5, ArchiveLayout.AveragesMinMax.Rras.Take(4));

    public static TheoryData<string> Writers => ["xml", "internal", "json", "xport xml", "xport json", "metrics"];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Large_document_is_handed_on_in_portions(string document)
    {
        var pipe = new CountingPipe();
        await WriteAsync(document, pipe);

        Assert.InRange(pipe.MaxUnflushed, 1, MaxUnflushed);
        Assert.Equal(0, pipe.Unflushed);
        Assert.True(pipe.Total > 4 * MaxUnflushed, $"{pipe.Total} bytes are no test");
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Reader_that_is_gone_stops_the_writer(string document)
    {
        var pipe = new CountingPipe { ReaderLeavesAfter = 2 };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteAsync(document, pipe));
        Assert.Equal(2, pipe.Flushes);
    }

    [Fact]
    public async Task Slow_reader_gets_all_of_it()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 1024));
        var writing = Task.Run(async () =>
        {
            await WriteAsync("xml", pipe.Writer);
            await pipe.Writer.CompleteAsync();
        });
        using var text = new MemoryStream();
        while (await pipe.Reader.ReadAsync() is var result)
        {
            // A little at a time, so that the writer has to wait.
            var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, 1500));
            foreach (var memory in piece)
            {
                text.Write(memory.Span);
            }
            pipe.Reader.AdvanceTo(piece.End);
            if (result.IsCompleted && piece.Length == result.Buffer.Length)
            {
                break;
            }
        }
        await writing;

        text.Position = 0;
        Assert.Equal(Columns, RrdXmlReader.Read(text).DataSources.Count());
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Rows_of_a_very_wide_document_are_those_of_its_beginning(int samplesMeanwhile, bool isInTime)
    {
        const int Wide = 40_000;
        var layout = new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 120, 0.5)]);
        var tile = new Tile(layout, [.. Enumerable.Range(0, Wide).Select(i => new DataSource($"n{i}", DataSourceType.Gauge))], 199);
        double[] values = new double[Wide];
        void Sample(int i)
        {
            Array.Fill(values, i);
            tile.Take(1000 + 5 * i, values);
        }
        for (int i = 0; i < 120; i++)
        {
            Sample(i);
        }
        var rrd = Documents.Database(layout, tile);
        var undisturbed = new CountingPipe();
        await Documents.Export(new XportQuery(-599), ("host:H", rrd)).WriteJsonAsync(undisturbed, default);
        var xport = Documents.Export(new XportQuery(-599), ("host:H", rrd));
        int next = 120;
        var pipe = new CountingPipe
        {
            Flushed = () =>
            {
                while (next < 120 + samplesMeanwhile)
                {
                    Sample(next++);
                }
            },
        };

        if (!isInTime)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => xport.WriteJsonAsync(pipe, default));
            return;
        }
        await xport.WriteJsonAsync(pipe, default);

        // The oldest numbers have one digit: unknown ones would be longer.
        Assert.Equal(120, xport.Plan.RowCount);
        Assert.Equal(undisturbed.Total, pipe.Total);
    }

    [Fact]
    public async Task Token_stops_the_writer()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RrdXmlWriter.WriteAsync(Large().Snapshot(), RrdForm.External, PipeWriter.Create(new MemoryStream()), cancelled.Token));
    }

    private static Task WriteAsync(string document, PipeWriter pipe) => document switch
    {
        "xml" => RrdXmlWriter.WriteAsync(Large().Snapshot(), RrdForm.External, pipe, default),
        "internal" => RrdXmlWriter.WriteAsync(Large().Snapshot(), RrdForm.Internal, pipe, default),
        "json" => RrdJsonWriter.WriteAsync(Large().Snapshot(), pipe, default),
        "xport xml" => Documents.Export(new XportQuery(-3600), ("host:H", Large())).WriteXmlAsync(pipe, default),
        "xport json" => Documents.Export(new XportQuery(-3600), ("host:H", Large())).WriteJsonAsync(pipe, default),
        _ => new OpenMetricsWriter().WriteAsync(
            Enumerable.Range(0, 2 * Columns).Select(i => new OpenMetricsSample("vm", $"{i}", $"name_{i}", "B", "A description", i / 3.0)), pipe, default),
    };

    private static RoundRobinDatabase Large()
    {
        var tile = new Tile(Layout, [.. Enumerable.Range(0, Columns).Select(i => new DataSource($"name_{i}", DataSourceType.Gauge))], 199);
        for (int i = 0; i < 140; i++)
        {
            tile.Take(1000 + 5 * i, [.. Enumerable.Range(0, Columns).Select(c => (c + i) / 3.0)]);
        }
        return Documents.Database(Layout, tile);
    }

    /// <summary>Keeps nothing and counts what it is given between two flushes.</summary>
    private sealed class CountingPipe : PipeWriter
    {
        private byte[] _memory = new byte[4096];

        public int ReaderLeavesAfter { get; init; } = int.MaxValue;

        public Action? Flushed { get; init; }

        public long Unflushed { get; private set; }

        public long MaxUnflushed { get; private set; }

        public long Total { get; private set; }

        public int Flushes { get; private set; }

        public override void Advance(int bytes)
        {
            Unflushed += bytes;
            Total += bytes;
            MaxUnflushed = Math.Max(MaxUnflushed, Unflushed);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_memory.Length < sizeHint)
            {
                _memory = new byte[sizeHint];
            }
            return _memory;
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            Unflushed = 0;
            Flushed?.Invoke();
            return new FlushResult(isCanceled: false, isCompleted: ++Flushes >= ReaderLeavesAfter);
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
