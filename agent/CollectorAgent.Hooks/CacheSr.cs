using System.Globalization;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Hooks;

/// <summary>Size, hits and misses of the SR that caches disks of VMs, as data sources of the host: once a minute a program of the storage
/// stack is asked for them.</summary>
/// <param name="program">The program; it takes the uuid of the SR and prints <c>KEY=VALUE</c> lines.</param>
public sealed class CacheSr(Sampler sampler, string program, TimeProvider time, ILogger<CacheSr> log)
{
    private const string Uid = PluginUid.OfAgent + "-cache";

    private const int MostLines = 100;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private IReadOnlyList<(ReportedSource, double)> _sources = [];
    private string? _uuid;
    private bool _isShown;
    private Counters? _last;
    private string? _trouble;

    private sealed record Counters(string Uuid, long At, long Size, long Hits, long Misses);

    /// <summary>Which SR it is from now on; null where there is none.</summary>
    public void Set(string? uuid)
    {
        lock (_gate)
        {
            _uuid = uuid;
            if (uuid is null && _isShown)
            {
                _isShown = !sampler.TryRemove(Uid);
            }
        }
    }

    /// <summary>Asks once a minute until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                await UpdateAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The agent ends.
        }
    }

    /// <summary>Asks once.</summary>
    public async Task UpdateAsync(CancellationToken stop)
    {
        string? uuid;
        lock (_gate)
        {
            uuid = _uuid;
        }
        if (uuid is null)
        {
            return;
        }
        string? trouble = null;
        try
        {
            var now = await AskAsync(uuid, stop);
            Show(now);
            _last = now;
        }
        catch (IOException e)
        {
            trouble = e.Message;
            Volatile.Write(ref _sources, []);
            _last = null;
        }
        if (trouble is not null && trouble != _trouble)
        {
            Log.NoCacheStatistics(log, uuid, trouble);
        }
        _trouble = trouble;
    }

    private void Show(Counters now)
    {
        double seconds = _last is { } last && last.Uuid == now.Uuid ? time.GetElapsedTime(last.At, now.At).TotalSeconds : double.NaN;
        Volatile.Write(ref _sources,
        [
            (Source("size", "B", "Size of the local cache"), now.Size),
            (Source("hits", "hits/s", "Reads that the cache had, per second"), (now.Hits - _last?.Hits ?? 0) / seconds),
            (Source("misses", "misses/s", "Reads that the cache did not have, per second"), (now.Misses - _last?.Misses ?? 0) / seconds),
        ]);
        lock (_gate)
        {
            _isShown = _isShown || (_uuid is not null && sampler.TryAdd(Uid, new ToldPage(time, () => Volatile.Read(ref _sources)), PagePermit.Unlimited));
        }

        ReportedSource Source(string what, string units, string description) => new($"sr_{now.Uuid}_cache_{what}")
        {
            Type = ReportedType.Gauge,
            IsDefault = true,
            Min = 0,
            Units = units,
            Description = description,
        };
    }

    private async Task<Counters> AskAsync(string uuid, CancellationToken stop)
    {
        using var process = ChildProcess.Start(new ChildStart(program, [uuid]) { HasOutput = true });
        using var output = new StreamReader(process.Output);
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            return await ReadAsync(output, uuid, end.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException($"{program} did not answer within {Deadline.TotalSeconds} s");
        }
        finally
        {
            process.Kill();
        }
    }

    private async Task<Counters> ReadAsync(StreamReader output, string uuid, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < MostLines && await output.ReadLineAsync(cancellationToken) is { } line; i++)
        {
            string[] parts = line.Split('=', 2);
            if (parts.Length == 2 && long.TryParse(parts[1].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            {
                values[parts[0].Trim()] = value;
            }
        }
        return new Counters(uuid, time.GetTimestamp(), Value("UTILISATION"), Value("HITS"), Value("MISSES"));

        long Value(string name) => values.TryGetValue("TOTAL_CACHE_" + name, out long value)
            ? value
            : throw new IOException($"{program} did not print TOTAL_CACHE_{name}");
    }
}
