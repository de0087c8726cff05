using CollectorAgent.TestKit;

namespace CollectorAgent.PluginHost.Tests;

public sealed class HangGuardTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string> _ends = [];
    private readonly HangGuard _guard;

    public HangGuardTests() => _guard = new HangGuard(_time, _ends.Add);

    [Fact]
    public void Call_that_does_not_return_within_a_minute_ends_the_process()
    {
        _guard.Call("Collect of the plugin in P.dll", () =>
        {
            _time.Advance(HangGuard.Deadline - TimeSpan.FromTicks(1));
            Assert.Empty(_ends);
            _time.Advance(TimeSpan.FromTicks(1));
        });

        Assert.Equal(["no sample: Collect of the plugin in P.dll has not returned for 60 s; ending the plugin, to be started again"], _ends);
    }

    [Fact]
    public void Call_that_returns_or_throws_ends_nothing()
    {
        Assert.Equal(5, _guard.Call("one", () => 5));
        Assert.Throws<IOException>(() => _guard.Call("another", () => throw new IOException("no")));

        _time.Advance(10 * HangGuard.Deadline);

        Assert.Empty(_ends);
        Assert.Equal(0, _time.PendingTimers);
    }
}
