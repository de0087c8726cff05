using System.Diagnostics;
using System.Globalization;
using CollectorAgent.KilledRecorder;
using CollectorAgent.Rrd;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A recorder that is killed at any moment, again and again: what it said was committed is there, and nothing else.</summary>
public sealed class KillTests : IDisposable
{
    private const int Plugins = 3;

    // For each kill: far fewer than a recorder makes in a few steps.
    private const int MinCells = 1000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-kill-");
    private readonly ITestOutputHelper _output;
    private readonly Random _random;

    // Steps in which a recorder died: an owner that it had not come to has its next sample speak for them.
    private readonly HashSet<long> _cut = [];

    private long _visited;
    private long _compared;

    public KillTests(ITestOutputHelper output)
    {
        _output = output;
        _random = Seed.Random(output);
    }

    /// <summary>How often; tests/kill/run says more.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("COLLECTOR_AGENT_KILLS") ?? "12", CultureInfo.InvariantCulture);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_committed_is_there_after_each_kill()
    {
        long last = 0;
        for (int i = 0; i < Kills; i++)
        {
            long committed = await RecordUntilKilledAsync(_random.Next(1, 120), last + 1);
            Assert.True(committed > last, "the recorder did not go on where it was");
            _cut.Add(committed + 1);
            last = AssertAllThere(committed);
            // The store's newest step may have been committed without having been said, for some owners.
            _cut.Add(last);
        }
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_compared} of {_visited} cells compared after {Kills} kills"));
        // The others lie in rows that a kill cut: all too many, and nothing would be proved.
        Assert.True(_compared > MinCells * Kills, $"only {_compared} cells were compared");
        Assert.True(_compared * 10 > _visited, $"only {_compared} of {_visited} cells were compared");
    }

    /// <returns>The last step that the recorder said was committed.</returns>
    private async Task<long> RecordUntilKilledAsync(int steps, long from)
    {
        string program = typeof(KnownHistory).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, _folder.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        long committed = 0;
        try
        {
            Assert.StartsWith("from ", await LineAsync(process, errors), StringComparison.Ordinal);
            for (int i = 0; i < steps; i++)
            {
                committed = long.Parse((await LineAsync(process, errors))!, CultureInfo.InvariantCulture);
            }
            Assert.True(committed >= from);
            // Anywhere in the step that comes, or in one of the next.
            Thread.SpinWait(_random.Next(40_000));
        }
        finally
        {
            process.Kill();
        }
        // What it said before it died, whole lines only.
        string rest = await process.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
        await process.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        foreach (string line in rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            committed = long.Parse(line, CultureInfo.InvariantCulture);
        }
        return committed;
    }

    private static async Task<string?> LineAsync(Process process, Task<string> errors)
    {
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(AgentProcess.Deadline);
        return line ?? throw new InvalidOperationException($"the recorder ended by itself: {await errors}");
    }

    /// <returns>The newest step of the store.</returns>
    private long AssertAllThere(long committed)
    {
        using var store = new RrdStore(new StoreOptions(_folder.FullName), NullLogger.Instance);
        store.Load(DateTimeOffset.MaxValue);
        Assert.Equal(KnownHistory.Owners.Count, store.All.Count);
        foreach (var (i, owner) in KnownHistory.Owners.Index())
        {
            var owned = store.Find(new RrdOwner((RrdOwnerKind)(int)owner.Kind, owner.Uuid))!;
            lock (owned.Gate)
            {
                Assert.True(owned.Rrd.LastStep >= committed, $"{owner}: {owned.Rrd.LastStep} is before {committed}");
                Assert.All(owned.Rrd.Tiles, tile => AssertTile(tile, i % Plugins));
            }
        }
        Assert.Empty(Directory.EnumerateFiles(_folder.FullName, "*damaged*", SearchOption.AllDirectories));
        return store.LastStep;
    }

    private void AssertTile(Tile tile, int plugin)
    {
        Assert.Equal(0, tile.DamagedRows);
        for (int rra = 0; rra < tile.Layout.Rras.Count; rra++)
        {
            var definition = tile.Layout.Rras[rra];
            long newest = tile.NewestRow(rra);
            for (long row = Math.Max(newest - definition.Rows + 1, KnownHistory.FirstStep / definition.PdpPerCdp); row <= newest; row++)
            {
                for (int column = 0; column < tile.Columns.Count; column++)
                {
                    AssertCell(tile.Cell(rra, row, column), definition, row, tile.Columns[column].Name, plugin);
                }
            }
        }
    }

    private void AssertCell(double cell, RraDefinition rra, long row, string name, int plugin)
    {
        long end = (row + 1) * rra.PdpPerCdp;
        var steps = Enumerable.Range(0, rra.PdpPerCdp).Select(i => end - i).ToList();
        _visited++;
        if (steps.Exists(s => _cut.Contains(s) || _cut.Contains(s - 1)))
        {
            return;
        }
        _compared++;
        var pdps = steps.Select(s => Pdp(name, plugin, s)).Where(double.IsFinite).ToList();
        bool isKnown = pdps.Count > 0 && (rra.PdpPerCdp - pdps.Count) / (double)rra.PdpPerCdp <= rra.Xff;
        double expected = !isKnown ? double.NaN : rra.Function switch
        {
            ConsolidationFunction.Min => pdps.Min(),
            ConsolidationFunction.Max => pdps.Max(),
            _ => pdps.Average(),
        };
        bool isRight = double.IsNaN(expected) ? double.IsNaN(cell) : Math.Abs(cell - expected) <= 1e-9 * Math.Abs(expected);
        Assert.True(isRight, $"{name} of plugin {plugin}, {rra}, row {row}: {cell:R}, not {expected:R}");
    }

    private static double Pdp(string name, int plugin, long step)
    {
        bool isReported = step >= KnownHistory.FirstStep && KnownHistory.IsReported(name, plugin, step);
        bool wasReported = step > KnownHistory.FirstStep && KnownHistory.IsReported(name, plugin, step - 1);
        return isReported && (name[0] == 'g' || wasReported) ? KnownHistory.Value(name, step) : double.NaN;
    }
}
