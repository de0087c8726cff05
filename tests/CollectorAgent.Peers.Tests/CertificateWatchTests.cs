using CollectorAgent.TestKit;

namespace CollectorAgent.Peers.Tests;

/// <summary>A certificate that ends, or has.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private static readonly DateTimeOffset End = new(2030, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PeerRig _rig = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(-30.01, null)]
    [InlineData(-30, "is good for 30 more days only")]
    [InlineData(-0.5, "is good for 0 more days only")]
    [InlineData(0, "has ended")]
    [InlineData(400, "has ended")]
    [InlineData(-5000, "is not good before")]
    public void End_is_said_from_thirty_days_before_it(double daysAfterEnd, string? expected)
    {
        var watch = Watch(new ManualTime(End + TimeSpan.FromDays(daysAfterEnd)));

        watch.Look();

        Assert.Equal(End, watch.Ends);
        if (expected is null)
        {
            Assert.Empty(_log.Lines);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(_log.Lines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task End_is_said_at_the_start_and_once_a_day_until_a_new_certificate_is_there()
    {
        var time = new ManualTime(End - TimeSpan.FromDays(10));
        var watch = Watch(time);
        using var stop = new CancellationTokenSource();
        var watching = watch.RunAsync(stop.Token);
        await SaidAsync(1);
        time.Advance(TimeSpan.FromHours(24));
        await SaidAsync(2);

        using var next = PoolCertificates.SignedBySelf();
        PoolCertificates.WritePem(_rig.In("host.pem"), next);
        time.Advance(TimeSpan.FromHours(24));
        await SaidAsync(3);
        time.Advance(TimeSpan.FromHours(24));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.Contains("has changed and is shown from now on", _log.Lines[2], StringComparison.Ordinal);
        Assert.Equal(3, _log.Lines.Count);
    }

    private CertificateWatch Watch(TimeProvider time)
    {
        using var certificate = PoolCertificates.SignedBySelf(End);
        var file = new CertificateFile(PoolCertificates.WritePem(_rig.In("host.pem"), certificate), _log);
        return new CertificateWatch(file, time, _log);
    }

    private Task SaidAsync(int lines) => Wait.UntilAsync(() => _log.Lines.Count >= lines, () => $"{lines} lines, not {_log.Lines.Count}");
}
