using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.TestKit;

/// <summary>A sample page that a plugin's report is published on, read back as the agent would.</summary>
public sealed class PublishedPage(Action<SampleBatch> report) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("page-").FullName;
    private SamplePage? _page;
    private double _timestamp = 1_700_000_000;

    /// <summary>What the last sample's data sources are, by owner and name.</summary>
    public IReadOnlyDictionary<string, ReportedSource> Sources { get; private set; } = new Dictionary<string, ReportedSource>();

    private string Path => System.IO.Path.Combine(_folder, "page");

    /// <summary>Publishes a sample.</summary>
    /// <returns>Its values by owner and name.</returns>
    public SortedDictionary<string, double> Take()
    {
        _page ??= new SamplePage(Path);
        _page.Publish(_timestamp++, report);
        return Read(Path);
    }

    /// <summary>Publishes samples until one is as it should be; what is measured beside needs a moment.</summary>
    public async Task<SortedDictionary<string, double>> TakeUntilAsync(Func<SortedDictionary<string, double>, bool> isIt)
    {
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        var values = Take();
        while (!isIt(values))
        {
            try
            {
                await Task.Delay(LookAgainAfter, TimeProvider.System, deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("the page still says: " + string.Join(", ", values));
            }
            values = Take();
        }
        return values;
    }

    /// <summary>Reads any page.</summary>
    public SortedDictionary<string, double> Read(string path)
    {
        using var file = new OpenPage(path);
        var reader = new PageReader();
        var status = reader.Read(file);
        if (status != PageStatus.Ok)
        {
            throw new InvalidDataException($"the page is {status}");
        }
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < reader.Sources.Count; i++)
        {
            var source = reader.Sources[i];
            values.Add(Key(source), source.IsInteger ? reader.Values[i] : BitConverter.Int64BitsToDouble(reader.Values[i]));
        }
        Sources = reader.Sources.ToDictionary(Key);
        return values;
    }

    public void Dispose()
    {
        _page?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Key(ReportedSource source) => $"{source.Owner} {source.Name}";

    private sealed class OpenPage(string path) : IPageSource, IDisposable
    {
        private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        public int Read(long offset, Span<byte> buffer) => RandomAccess.Read(_file, buffer, offset);

        public void Dispose() => _file.Dispose();
    }
}
