using System.Diagnostics;
using CollectorAgent.Rrd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Store.Tests;

public sealed class RrdStoreTests : IDisposable
{
    private const long LastStep = 360_000_000;

    private static readonly RrdOwner Vm = new(RrdOwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-store-");

    private string Files => Path.Combine(_folder.FullName, "rrds");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_saved_is_loaded_under_its_owner_to_the_last_bit()
    {
        double[] values = [1.0 / 3, -5e-324, 9007199254740993, double.NaN, 1e300];
        await SaveAsync(RrdOwner.Host, values);
        await SaveAsync(Vm, [42]);

        var loaded = Load();

        Assert.Equal([RrdOwner.Host, Vm], loaded.All.Select(r => r.Owner));
        var tile = loaded.Find(RrdOwner.Host)!.Rrd.Tiles[0];
        Assert.Equal(values, Enumerable.Range(0, values.Length).Select(i => tile.Cell(0, LastStep - values.Length + i, 0)));
        Assert.Equal(LastStep, loaded.LastStep);
    }

    [Theory]
    [InlineData("not gzip at all")]
    [InlineData("")]
    public async Task Damaged_file_is_set_aside_with_its_reason_and_others_are_loaded(string content)
    {
        await SaveAsync(Vm, [42]);
        string path = Path.Combine(Files, "host.xml.gz");
        await File.WriteAllTextAsync(path, content);
        var log = new CapturedLog();

        var loaded = Load(log);

        Assert.Equal([Vm], loaded.All.Select(r => r.Owner));
        Assert.Equal(content, await File.ReadAllTextAsync(path + ".damaged"));
        Assert.False(File.Exists(path));
        Assert.Contains(path, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_file_is_set_aside_wherever_it_was_cut()
    {
        await SaveAsync(RrdOwner.Host, [1, 2, 3]);
        string path = Path.Combine(Files, "host.xml.gz");
        byte[] whole = await File.ReadAllBytesAsync(path);
        // The last bytes are the end of the last block and the checksum: without them the document is whole.
        for (int length = 0; length < whole.Length - 24; length += 16)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);

            Assert.Null(Load().Find(RrdOwner.Host));
            Assert.Equal(length, new FileInfo(path + ".damaged").Length);
        }
    }

    [Fact]
    public async Task File_that_does_not_fit_its_checksum_is_set_aside()
    {
        await SaveAsync(RrdOwner.Host, [1, 2, 3]);
        string path = Path.Combine(Files, "host.xml.gz");
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^8] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        Assert.Null(Load().Find(RrdOwner.Host));
        Assert.True(File.Exists(path + ".damaged"));
    }

    [Fact]
    public async Task File_being_written_when_the_agent_died_is_forgotten_and_the_old_one_counts()
    {
        await SaveAsync(RrdOwner.Host, [7]);
        string unfinished = Path.Combine(Files, "host.xml.gz.tmp");
        await File.WriteAllTextAsync(unfinished, "half");

        var loaded = Load();

        Assert.Equal(7, loaded.Find(RrdOwner.Host)!.Rrd.Tiles[0].Cell(0, LastStep - 1, 0));
        Assert.False(File.Exists(unfinished));
    }

    [Fact]
    public async Task Full_disk_is_said_and_leaves_the_last_good_file()
    {
        string mount = Directory.CreateDirectory(Path.Combine(_folder.FullName, "small")).FullName;
        if (!await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return;
        }
        try
        {
            var log = new CapturedLog();
            var store = new RrdStore(mount, log);
            Fill(store, RrdOwner.Host, [7]);
            Assert.Equal(0, await store.SaveAsync(CancellationToken.None));
            await File.WriteAllBytesAsync(Path.Combine(mount, "ballast"), new byte[40 << 10]);
            FillWithNoise(store);

            int failures = await store.SaveAsync(CancellationToken.None);

            Assert.Equal(1, failures);
            Assert.Contains("could not be saved", Assert.Single(log.Lines), StringComparison.Ordinal);
            var reloaded = new RrdStore(mount, NullLogger.Instance);
            reloaded.Load();
            Assert.Equal(7, reloaded.Find(RrdOwner.Host)!.Rrd.Tiles[0].Cell(0, LastStep - 1, 0));
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(mount, "rrds"), "*.tmp"));
        }
        finally
        {
            Assert.True(await RunAsync("umount", mount));
        }
    }

    [Fact]
    public async Task Strange_files_are_left_alone()
    {
        await SaveAsync(RrdOwner.Host, [1]);
        string strange = Path.Combine(Files, "readme.xml.gz");
        await File.WriteAllTextAsync(strange, "mine");

        Assert.Single(Load().All);
        Assert.Equal("mine", await File.ReadAllTextAsync(strange));
    }

    [Theory]
    [InlineData("INSTALLATION_UUID='7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e'", "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e")]
    [InlineData("PRODUCT_NAME='x'\nINSTALLATION_UUID=7FD5C3D3-1D41-4F0A-9A7E-2F9A3B0C1D2E", "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e")]
    public async Task Host_uuid_is_that_of_the_inventory(string inventory, string expected)
    {
        string path = Path.Combine(_folder.FullName, "inventory");
        await File.WriteAllTextAsync(path, inventory);

        Assert.Equal(expected, HostIdentity.Resolve(path, _folder.FullName));
    }

    [Fact]
    public void Host_uuid_is_made_once_where_there_is_no_inventory()
    {
        string inventory = Path.Combine(_folder.FullName, "none");

        string made = HostIdentity.Resolve(inventory, _folder.FullName);

        Assert.True(Guid.TryParse(made, out _));
        Assert.Equal(made, HostIdentity.Resolve(inventory, _folder.FullName));
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static void Fill(RrdStore store, RrdOwner owner, double[] values)
    {
        var tile = new Tile(ArchiveLayout.Averages, [new DataSource("g", DataSourceType.Gauge)], LastStep);
        for (int i = 0; i < values.Length; i++)
        {
            tile.RestoreRow(0, LastStep - values.Length + i, [values[i]]);
        }
        store.FindOrCreate(owner, ArchiveLayout.Averages).Rrd.Add(tile);
    }

    /// <summary>Adds data sources whose values do not compress.</summary>
    private static void FillWithNoise(RrdStore store)
    {
        var random = new Random(1);
        var tile = new Tile(
            ArchiveLayout.Averages, [.. Enumerable.Range(0, 50).Select(i => new DataSource($"n{i}", DataSourceType.Gauge))], LastStep);
        for (int row = 0; row < 120; row++)
        {
            tile.RestoreRow(0, LastStep - 120 + row, [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())]);
        }
        store.Find(RrdOwner.Host)!.Rrd.Add(tile);
    }

    private async Task SaveAsync(RrdOwner owner, double[] values)
    {
        var store = new RrdStore(_folder.FullName, NullLogger.Instance);
        Fill(store, owner, values);
        Assert.Equal(0, await store.SaveAsync(CancellationToken.None));
    }

    private RrdStore Load(ILogger? log = null)
    {
        var store = new RrdStore(_folder.FullName, log ?? NullLogger.Instance);
        store.Load();
        return store;
    }

    private sealed class CapturedLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
