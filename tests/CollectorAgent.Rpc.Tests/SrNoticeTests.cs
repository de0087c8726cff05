using CollectorAgent.Hooks;
using CollectorAgent.TestKit;

namespace CollectorAgent.Rpc.Tests;

/// <summary>Notices of how much of SRs is used.</summary>
public sealed class SrNoticeTests : IAsyncLifetime
{
    private readonly SocketRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Changes_are_told_once_and_to_those_who_asked()
    {
        using var client = await _rig.HelloAsync();
        using var other = await _rig.HelloAsync();
        _rig.Srs = [new SrUse("a", 100, 10, double.NaN), new SrUse("b", 100, 20, 30)];
        Assert.Equal("nil nil", await client.CallAsync("watch_srs"));
        Assert.Equal("nil nil", await client.CallAsync("watch_srs"));

        _rig.SrNotices.Look();
        Assert.Equal(
            "2 srs_changed srs=sr_uuid=a size=100 physical_utilisation=10 virtual_allocation=nil sr_uuid=b size=100 physical_utilisation=20 virtual_allocation=30",
            await client.NextAsync());
        _rig.SrNotices.Look();
        _rig.Srs = [new SrUse("b", 100, 21, 30)];
        // The notice before may still count as on its way for a moment.
        await Wait.UntilAsync(() => { _rig.SrNotices.Look(); return client.HasUnread; }, () => "the second notice");
        Assert.Equal(
            "2 srs_changed srs=sr_uuid=b size=100 physical_utilisation=21 virtual_allocation=30 sr_uuid=a size=nil physical_utilisation=nil virtual_allocation=nil",
            await client.NextAsync());
        _rig.SrNotices.Look();

        Assert.True(await client.HearsNothingAsync());
        Assert.True(await other.HearsNothingAsync());
    }

    [Fact]
    public async Task More_srs_than_a_message_holds_are_told_in_turn()
    {
        using var client = await _rig.HelloAsync();
        await client.CallAsync("watch_srs");
        _rig.Srs = [.. Enumerable.Range(0, 500).Select(i => new SrUse($"00000000-0000-4000-8000-{i:000000000000}", 1L << 50, i, i))];

        int told = 0;
        for (int i = 0; told < 500; i++)
        {
            await Wait.UntilAsync(() => { _rig.SrNotices.Look(); return client.HasUnread; }, () => "the next notice");
            told += (await client.NextAsync())!.Split("sr_uuid=").Length - 1;
            Assert.InRange(i, 0, 2);
        }
    }
}
