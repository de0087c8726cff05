using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Hooks.Tests;

/// <summary>The SR that caches disks, asked of a program as the storage stack has one.</summary>
public sealed class CacheSrTests : IDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-cache-");
    private readonly HostRig _host;

    public CacheSrTests() => _host = new HostRig(new Network(), "a", _time);

    private string Program => Path.Combine(_folder.FullName, "stats");

    private string Counters => Path.Combine(_folder.FullName, "counters");

    public void Dispose()
    {
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Rates_are_those_between_two_answers_and_end_with_the_sr()
    {
        await File.WriteAllTextAsync(Program, $"#!/bin/sh\n[ $1 = abcde ] && cat '{Counters}'\n");
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await CountAsync(4096, 600, 60);
        var cache = new CacheSr(_host.Sampler, Program, _time, NullLogger<CacheSr>.Instance);
        cache.Set("abcde");
        await cache.UpdateAsync(default);
        Tick();
        Assert.Equal(4096, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_size"));
        Assert.Equal(double.NaN, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_hits"));

        await CountAsync(8192, 1200, 120);
        _time.Advance(TimeSpan.FromSeconds(55));
        await cache.UpdateAsync(default);
        Tick();
        Assert.Equal(8192, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_size"));
        Assert.Equal(10, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_hits"), 6);
        Assert.Equal(1, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_misses"), 6);

        cache.Set(null);
        for (int i = 0; i < 5; i++)
        {
            Tick();
        }
        Assert.Equal(double.NaN, _host.Sources.Query(RrdOwner.Host, "sr_abcde_cache_size"));
    }

    [Fact]
    public async Task Program_that_is_not_there_or_says_too_little_leaves_everything_unknown()
    {
        var cache = new CacheSr(_host.Sampler, Program, _time, NullLogger<CacheSr>.Instance);
        await cache.UpdateAsync(default);
        cache.Set("abcde");
        await cache.UpdateAsync(default);
        await File.WriteAllTextAsync(Program, "#!/bin/sh\necho TOTAL_CACHE_HITS=3\n");
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await cache.UpdateAsync(default);
        Tick();

        Assert.Empty(_host.Sources.Possible(RrdOwner.Host));
    }

    private Task CountAsync(long size, long hits, long misses) => File.WriteAllTextAsync(
        Counters, $"OTHER=x\nTOTAL_CACHE_UTILISATION={size}\nTOTAL_CACHE_HITS={hits}\nTOTAL_CACHE_MISSES={misses}\n");

    private void Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
        _host.Tick();
    }
}
